"""Access rows for the URLs of walks, and who may read their private words."""

from school.models import Room
from school.tests.access import get, post
from school.tests.factories import row_of
from walks.models import Practice

# The states of the walks in the world; the last walk is that of a Head.
SERIES = {"walk_id": ("draft", "requested", "asked", "approved", "live", "walked", "complete", "heads")}


def objects(world):
    """Return the objects of each series, by name."""
    return {"walk_id": world.walks}


def ids(world):
    """Return the values of other parameters in these URLs."""
    return {
        "door_id": world.door.pk,
        "practice_id": Practice.objects.filter(school=world.school).latest("pk").pk,
        "sign_token": world.sign.token,
    }


def forms(world, which):
    """Return what a person would send with each form. It is valid, so that it reaches the rule behind the form."""
    period = world.walks["draft"].period_id
    rooms = [row_of(world.school, Room, code=code).pk for code in ("204", "206")]
    return {
        "walks:reply": {"words": "Thursday is fine."},
        "walks:excuse": {"reason": "on leave"},
        "walks:report_nudge": {"op": "send", "words": "Come along.", "person": [world.people["walker"].pk]},
        "walks:door": {"title": "Maths journals", "places": "1"},
        "walks:door_new": {"lesson": "", "title": "Maths journals", "places": "1"},
        "walks:adjust": {"date": "2026-11-13", "period": period, "stop": rooms},
        "walks:ask_change": {"words": "Could you add a room?"},
        "walks:door_sign": {"room": rooms[0], "paper": "a5"},
        "walks:door_sign_new_code": {"room": rooms[0]},
        "walks:new": {"op": "draft", "date": "2026-11-13", "period": period},
        "walks:edit": {"op": "draft"},
        "walks:approve_all": {"walk": [f"{walk.pk}:{walk.calendar_sequence}" for walk in world.walks.values()]},
    }


ROWS = [
    get("walks:list", others=200),
    get("walks:new", others=200),
    post("walks:new", stranger=422, strange_admin=422, others=302),
    get(
        "walks:detail",
        walker=[200, 200, 200, 200, 200, 200, 200, 404],
        head=[404, 200, 200, 200, 200, 200, 200, 200],
        admins=[404, 404, 404, 404, 404, 404, 404, 200],
        others=404,
    ),
    get(
        "walks:edit",
        walker=[200, 200, 200, 200, 302, 302, 302, 404],
        head=[404, 403, 403, 403, 403, 403, 403, 200],
        admins=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "walks:edit",
        walker=[302, 200, 200, 200, 302, 302, 302, 404],
        head=[404, 403, 403, 403, 403, 403, 403, 200],
        admins=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get(
        "walks:cancel",
        walker=[200, 200, 200, 200, 302, 302, 302, 404],
        head=[404, 403, 403, 403, 403, 403, 403, 200],
        admins=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "walks:cancel",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 403, 403, 403, 403, 403, 403, 302],
        admins=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "walks:take_back",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 403, 403, 403, 403, 403, 403, 302],
        admins=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "walks:reply",
        walker=[422, 422, 302, 422, 422, 422, 422, 404],
        head=[404, 403, 403, 403, 403, 403, 403, 422],
        admins=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    post(
        "walks:accept",
        walker=[302, 302, 302, 302, 302, 302, 302, 404],
        head=[404, 403, 403, 403, 403, 403, 403, 302],
        admins=[404, 404, 404, 404, 404, 404, 404, 403],
        others=404,
    ),
    get("walks:doors", others=200),
    get("walks:door_new", administrator=403, superuser=403, others=200),
    post("walks:door_new", administrator=403, superuser=403, others=422),
    get("walks:door", stranger=404, strange_admin=404, others=200),
    post("walks:door", stranger=404, strange_admin=404, host=302, others=403),
    post("walks:door_close", stranger=404, strange_admin=404, host=302, others=403),
    post("walks:door_come", stranger=404, strange_admin=404, administrator=403, superuser=403, others=302),
    post("walks:door_leave", stranger=404, strange_admin=404, others=302),
    get("walks:report", teachers=404, others=200),
    get("walks:report_csv", teachers=404, others=200),
    get("walks:report_xlsx", teachers=404, others=200),
    get("walks:report_nudge", teachers=404, others=200),
    post("walks:report_nudge", teachers=404, others=302),
    get("walks:old_nudge", teachers=404, others=302),
    get("walks:excuse", heads=403, admins=200, others=404),
    post("walks:excuse", heads=403, admins=302, others=404),
    post("walks:unexcuse", heads=403, admins=302, others=404),
    get("walks:ics", walker=[404, 404, 404, 200, 200, 200, 200, 404], others=404),
    get("walks:door_sign", others=200),
    post("walks:door_sign", host=302, others=422),
    post("walks:door_sign_new_code", host=302, others=404),
    get("walks:door_sign_scanned", stranger=404, strange_admin=404, others=200, signed_out=200),
    get("walks:approvals", teachers=404, others=200),
    post("walks:approve_all", teachers=404, others=302),
    post("walks:approve_suggested", teachers=404, others=302),
    get("walks:coming", teachers=404, others=200),
    post("walks:undo_approvals", teachers=404, others=302),
    get(
        "walks:adjust",
        head=[404, 200, 200, 200, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 200],
        others=404,
    ),
    post(
        "walks:adjust",
        head=[404, 302, 302, 302, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "walks:approve",
        head=[404, 302, 302, 302, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get(
        "walks:change_cover",
        head=[404, 302, 302, 200, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "walks:change_cover",
        head=[404, 302, 302, 422, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "walks:ask_change",
        head=[404, 302, 422, 422, 422, 422, 422, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "walks:take_back_question",
        head=[404, 302, 302, 302, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get(
        "walks:cancel_approved",
        head=[404, 302, 302, 200, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    post(
        "walks:cancel_approved",
        head=[404, 302, 302, 422, 302, 302, 302, 403],
        admins=[404, 404, 404, 404, 404, 404, 404, 302],
        others=404,
    ),
    get("walks:catalogue", admins=200, strange_admin=200, others=404),
    get("walks:catalogue_new", admins=200, strange_admin=200, others=404),
    post("walks:catalogue_new", admins=422, strange_admin=422, others=404),
    get("walks:catalogue_edit", admins=200, others=404),
    post("walks:catalogue_edit", admins=422, others=404),
    post("walks:catalogue_hide", admins=302, others=404),
]
# Who may find each private text of the world on a page or in a file. Nobody else may, whatever their role.
MAY_FIND = {
    "focus-draft": {"walker"},
    "focus-requested": {"walker", "head"},
    "focus-asked": {"walker", "head"},
    "focus-approved": {"walker", "head"},
    "focus-live": {"walker", "head"},
    "focus-walked": {"walker", "head"},
    "focus-complete": {"walker", "head", "host"},
    "focus-cancelled": {"walker", "head"},
    "focus-heads": {"head"},
    "focus-admins": {"admin_walker", "other_head", "host"},
    "focus-lefts": {"head", "host"},
    "agreed-approved": {"walker", "head"},
    "agreed-live": {"walker", "head"},
    "agreed-walked": {"walker", "head"},
    "agreed-complete": {"walker", "head"},
    "agreed-admins": {"admin_walker", "other_head"},
    "agreed-lefts": {"head"},
    "asked": {"walker", "head"},
    "reply": {"walker", "head"},
    "again": {"walker", "head"},
    "to-head": {"head", "administrator", "admin_walker", "superuser"},
    "from-head": {"head", "administrator", "admin_walker", "superuser"},
    "excused": {"administrator", "admin_walker", "superuser", "colleague"},
    # All staff read an open door.
    "door": {
        "walker",
        "host",
        "second_host",
        "colleague",
        "head",
        "other_head",
        "administrator",
        "admin_walker",
        "superuser",
    },
}
# Who may get each private text in a mail.
MAY_BE_MAILED = {
    "focus-complete": {"host"},
    "focus-walked": {"host"},
    "focus-admins": {"host"},
    "focus-lefts": {"host"},
    "agreed-approved": {"walker"},
    "agreed-live": {"walker"},
    "agreed-walked": {"walker"},
    "agreed-complete": {"walker"},
    "agreed-admins": {"admin_walker"},
    "agreed-lefts": {"left"},
    "asked": {"walker"},
    "again": {"walker"},
    "reply": {"head"},
    "to-head": {"head"},
    "from-head": {"admin_walker", "administrator", "superuser"},
}
