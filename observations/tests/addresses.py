"""Who gets what at the addresses of observations, and who may read notes, photos, praise and takeaways."""

from school.models import Room
from school.tests.access import get, post
from school.tests.factories import row_of

# All of them are Amara's. Her praise is for Jonas; the praise of "walked" was sent ten seconds ago.
SERIES = {
    "note_id": ("live", "walked", "complete", "removed"),
    "photo_id": ("live", "walked", "complete", "kept"),
    "praise_id": ("draft", "walked", "complete", "in_person"),
    "takeaway_id": ("complete",),
}


def objects(world):
    """Return the objects of each series, by name."""
    return {
        "note_id": world.notes,
        "photo_id": world.photos,
        "praise_id": world.praises,
        "takeaway_id": world.takeaways,
    }


def forms(world, which):
    """Return what a person would send with each form. It is valid, so that it reaches the rule behind the form."""
    stop = world.stops[which][0].pk if which in world.stops else ""
    return {
        "observations:save_note": {"text": "Every table held up the answer."},
        "observations:add_room": {"room": row_of(world.school, Room, code="208").pk},
        "observations:log": {"visited": [stop], "date": "2026-11-10", "time": "08:00", "minutes": "20"},
        "observations:takeaway": {"text": "Boards"},
        "observations:outcome": {"outcome": "tried"},
        "observations:praise": {"text": "Thank you for the boards, Jonas.", "action": "save"},
        "observations:autosave_praise": {"text": "Thank you"},
        "observations:thank_in_person": {"text": ""},
        "observations:settle_delivery": {"arrived": "yes"},
        "observations:describe_photo": {"description": "Boards"},
    }


ROWS = [
    get(
        "observations:go",
        walker=[200, 200, 200, 200, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 200],
        others=404,
    ),
    get(
        "observations:go_done",
        walker=[302, 302, 302, 200, 200, 200, 200, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get("observations:finish", others=302),
    post(
        "observations:finish",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get(
        "observations:add_room",
        walker=[302, 302, 302, 302, 200, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "observations:add_room",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get(
        "observations:room",
        walker=[302, 302, 302, 302, 200, 200, 200, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get("observations:arrive", others=302),
    post(
        "observations:arrive",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get("observations:leave", others=302),
    post(
        "observations:leave",
        walker=[403, 403, 403, 403, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get("observations:skip", others=302),
    post(
        "observations:skip",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get("observations:unskip", others=302),
    post(
        "observations:unskip",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get("observations:save_note", others=302),
    post(
        "observations:save_note",
        walker=[403, 403, 403, 403, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get("observations:add_photo", others=302),
    post(
        "observations:add_photo",
        walker=[403, 403, 403, 403, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get("observations:log_unplanned", others=200),
    post("observations:log_unplanned", others=422),
    get(
        "observations:log",
        walker=[302, 302, 302, 200, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "observations:log",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get(
        "observations:times",
        walker=[302, 302, 302, 302, 302, 200, 200, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "observations:times",
        walker=[302, 302, 302, 302, 302, 422, 422, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post("observations:delete_note", walker=[302, 302, 302, 404], others=404),
    post("observations:restore_note", walker=302, others=404),
    get("observations:photo", walker=200, host=[404, 404, 200, 404], others=404),
    post("observations:describe_photo", walker=302, others=404),
    post("observations:delete_photo", walker=302, others=404),
    post("observations:restore_photo", walker=302, others=404),
    get("observations:ideas", others=200),
    post("observations:outcome", walker=302, others=404),
    get(
        "observations:takeaway",
        walker=[302, 302, 302, 302, 302, 200, 200, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "observations:takeaway",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get(
        "observations:praise_next",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get(
        "observations:praise",
        walker=[403, 403, 403, 403, 403, 200, 200, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:praise",
        walker=[403, 403, 403, 403, 403, 422, 422, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:autosave_praise",
        walker=[403, 403, 403, 403, 403, 409, 409, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:praise_hint",
        walker=[403, 403, 403, 403, 403, 200, 200, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:unsend",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:thank_in_person",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:undo_thanks_in_person",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get(
        "observations:tell",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:tell",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:untell",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:settle_tell",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get(
        "observations:draft_text",
        walker=[403, 403, 403, 403, 403, 404, 404, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:delete_draft",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "observations:settle_delivery",
        walker=[403, 403, 403, 403, 403, 302, 302, 404],
        head=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get("home", administrator=302, superuser=302, others=200),
    get("praise:list", others=200),
    get("praise:sent", others=200),
    get("praise:notes", others=200),
    get("praise:write", others=302),
    get("praise:detail", walker=[404, 200, 200, 404], host=[404, 404, 200, 404], others=404),
    post("praise:thank", walker=[404, 403, 403, 404], host=[404, 404, 302, 404], others=404),
    post("praise:remove_photo", walker=[404, 403, 403, 404], host=[404, 404, 302, 404], others=404),
    get("praise:delete", host=[404, 404, 200, 404], others=404),
    post("praise:delete", host=[404, 404, 302, 404], others=404),
    get("praise:keepsake", host=[404, 404, 200, 404], others=404),
    get("praise:keepsake_text", host=[404, 404, 200, 404], others=404),
]
# Who may find each private text of the world on a page or in a file. Nobody else may, whatever their role.
MAY_FIND = {
    "note-live": {"walker"},
    "note-walked": {"walker"},
    "note-complete": {"walker"},
    "note-removed": {"walker"},
    "note-admins": {"admin_walker"},
    "note-lefts": set(),
    "photo-live": {"walker"},
    "photo-walked": {"walker"},
    "photo-kept": {"walker"},
    "photo-complete": {"walker", "host"},
    "photo-admins": {"admin_walker", "host"},
    "photo-lefts": {"host"},
    "bytes-live": {"walker"},
    "bytes-walked": {"walker"},
    "bytes-kept": {"walker"},
    "bytes-complete": {"walker", "host"},
    "bytes-admins": {"admin_walker", "host"},
    "bytes-lefts": {"host"},
    "praise-complete": {"walker", "host"},
    "praise-in-person": {"walker"},
    "praise-just-now": {"walker"},
    "praise-draft": {"walker"},
    "praise-admins": {"admin_walker", "host"},
    "praise-lefts": {"host"},
    "idea-complete": {"walker"},
    "idea-admins": {"admin_walker"},
    "idea-lefts": set(),
}
# Who may get each private text in a mail.
MAY_BE_MAILED = {
    "praise-complete": {"host"},
    "praise-just-now": {"host"},
    "praise-admins": {"host"},
    "praise-lefts": {"host"},
}
