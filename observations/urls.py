"""URLs of the walk on a phone, notes, photos, praise and takeaway."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import credit, live, log, notes, photos, praise, praise_afterwards, takeaway, times, unplanned

app_name = "observations"

urlpatterns: list[URLPattern] = [
    path("walks/<int:walk_id>/go/", live.next_room, name="go"),
    path("walks/<int:walk_id>/go/done/", live.done, name="go_done"),
    path("walks/<int:walk_id>/go/finish/", live.finish, name="finish"),
    path("walks/<int:walk_id>/go/rooms/", live.add_room, name="add_room"),
    path("walks/<int:walk_id>/go/<int:stop_id>/", notes.room, name="room"),
    path("walks/<int:walk_id>/go/<int:stop_id>/arrive/", live.arrive, name="arrive"),
    path("walks/<int:walk_id>/go/<int:stop_id>/leave/", live.leave, name="leave"),
    path("walks/<int:walk_id>/go/<int:stop_id>/skip/", live.skip, name="skip"),
    path("walks/<int:walk_id>/go/<int:stop_id>/unskip/", live.unskip, name="unskip"),
    path("walks/<int:walk_id>/go/<int:stop_id>/note/", notes.save_note, name="save_note"),
    path("walks/<int:walk_id>/go/<int:stop_id>/photos/", photos.add_photo, name="add_photo"),
    path("walks/log/", unplanned.log_unplanned, name="log_unplanned"),
    path("walks/<int:walk_id>/log/", log.log, name="log"),
    path("walks/<int:walk_id>/times/", times.times, name="times"),
    path("notes/<uuid:note_id>/delete/", notes.delete_note, name="delete_note"),
    path("notes/<uuid:note_id>/restore/", notes.restore_note, name="restore_note"),
    path("photos/<uuid:photo_id>/", photos.photo, name="photo"),
    path("photos/<uuid:photo_id>/describe/", photos.describe_photo, name="describe_photo"),
    path("photos/<uuid:photo_id>/delete/", photos.delete_photo, name="delete_photo"),
    path("photos/<uuid:photo_id>/restore/", photos.restore_photo, name="restore_photo"),
    path("walks/ideas/", takeaway.ideas, name="ideas"),
    path("walks/ideas/<int:takeaway_id>/outcome/", takeaway.outcome, name="outcome"),
    path("walks/<int:walk_id>/takeaway/", takeaway.takeaway, name="takeaway"),
    path("walks/<int:walk_id>/praise/", praise.next_praise, name="praise_next"),
    path("walks/<int:walk_id>/praise/<int:stop_id>/", praise.compose, name="praise"),
    path("walks/<int:walk_id>/praise/<int:stop_id>/autosave/", praise.autosave, name="autosave_praise"),
    path("walks/<int:walk_id>/praise/<int:stop_id>/hint/", praise.hint, name="praise_hint"),
    path("walks/<int:walk_id>/praise/<int:stop_id>/undo/", praise_afterwards.unsend, name="unsend"),
    path("walks/<int:walk_id>/praise/<int:stop_id>/in-person/", praise.thank_in_person, name="thank_in_person"),
    path(
        "walks/<int:walk_id>/praise/<int:stop_id>/in-person/undo/",
        praise_afterwards.undo_thanks_in_person,
        name="undo_thanks_in_person",
    ),
    path("walks/<int:walk_id>/tried/<int:stop_id>/", credit.tell, name="tell"),
    path("walks/<int:walk_id>/tried/<int:stop_id>/undo/", credit.unsend, name="untell"),
    path("walks/<int:walk_id>/tried/<int:stop_id>/delivery/", credit.settle_delivery, name="settle_tell"),
    path("walks/<int:walk_id>/praise/<int:stop_id>/draft.txt", praise_afterwards.draft_text, name="draft_text"),
    path("walks/<int:walk_id>/praise/<int:stop_id>/draft/delete/", praise_afterwards.delete_draft, name="delete_draft"),
    path(
        "walks/<int:walk_id>/praise/<int:stop_id>/delivery/", praise_afterwards.settle_delivery, name="settle_delivery"
    ),
]
