"""Notes of a room, which only their walker reads. An older text never replaces a newer one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from school.errors import NotAllowedError
from school.models import Person
from school.save_errors import report_if_not_saved
from school.text.typed import several_lines
from walks.activity import Activity, activity_source
from walks.models import Practice, Stop, Walk

from ..models import Note
from ..permissions import may_note

UNDO_HOURS = 1  # hours in which a removed note can be restored


@dataclass(frozen=True)
class NoteDraft:
    """The note on a page. The page chooses the ids, so that a form that is sent twice creates one note.

    `page` is the id of the open page. `seen` is the id of the page that had saved the text shown when it was opened.
    `typed_at` is the time of the last key press, by the phone's clock, so only times of the same page are compared.
    """

    id: uuid.UUID
    page: uuid.UUID
    text: str
    seen: uuid.UUID | None = None
    typed_at: dt.datetime | None = None
    practice: Practice | None = None
    on_own_focus: bool = False


@dataclass(frozen=True)
class SavedNote:
    """The stored note. `is_second_version`: it was stored next to another version of the same note."""

    note: Note | None
    is_second_version: bool = False


def notes_of(stop: Stop) -> QuerySet[Note]:
    """Return the notes of one room in the order in which they were begun."""
    found: QuerySet[Note] = Note.objects.filter(stop=stop).select_related("practice", "stop__walk")
    return found


@activity_source
def note_times(walk: Walk) -> Iterable[Activity]:
    """Return when notes were begun in the rooms of the walk."""
    found: Iterable[Activity] = Note.objects.filter(stop__walk=walk).values_list("stop_id", "created_at")
    return found


def save(stop: Stop, draft: NoteDraft, *, by: Person, now: dt.datetime) -> SavedNote:
    """Store the text. If another page changed the note meanwhile, keep both versions.

    Raise NotSavedError if the database cannot save it, for example on a full disk.
    """
    if not may_note(by, stop):
        raise NotAllowedError(_("Only the walker can take notes, once the walk has begun."))
    draft = replace(draft, text=several_lines(draft.text))
    with report_if_not_saved(), transaction.atomic():
        return _save(stop, draft, now)


def _save(stop: Stop, draft: NoteDraft, now: dt.datetime) -> SavedNote:
    if not draft.text and not Note.with_removed.filter(pk=draft.id).exists():
        return SavedNote(None)
    fields = {"stop": stop, "created_at": now, **_values(draft, now)}
    note, created = Note.with_removed.get_or_create(pk=draft.id, defaults=fields)
    if note.stop_id != stop.pk:
        # The id belongs to a note of another room.
        return _save_under_new_id(stop, draft, now, is_second_version=False)
    if created or _update_if_not_newer(draft, now):
        return SavedNote(Note.with_removed.get(pk=draft.id))
    if note.page == draft.page or note.text == draft.text or not draft.text:
        return SavedNote(note)  # this page has stored a newer text already, or there is nothing to store
    return _save_under_new_id(stop, draft, now, is_second_version=True)


def _update_if_not_newer(draft: NoteDraft, now: dt.datetime) -> bool:
    """Store the draft if the stored text is the one this page was opened with, or an older one from this page.

    Return whether it was stored.
    """
    unchanged = Q(page=draft.seen) if draft.seen else Q(page__isnull=True)
    own = Q(page=draft.page)
    if draft.typed_at is not None:
        own &= Q(typed_at__isnull=True) | Q(typed_at__lte=draft.typed_at)
    replaceable = Note.with_removed.filter(pk=draft.id).filter(unchanged | own)
    # New words restore a removed note; a late copy of the removed text does not.
    removed = Q(removed_at__isnull=False, text=draft.text)
    return replaceable.exclude(removed).update(**_values(draft, now)) == 1


def _values(draft: NoteDraft, now: dt.datetime) -> dict[str, object]:
    return {
        "text": draft.text,
        "practice": draft.practice,
        "on_own_focus": draft.on_own_focus,
        "updated_at": now,
        "page": draft.page,
        "typed_at": draft.typed_at,
        "removed_at": None if draft.text else now,  # a note without text counts as removed
    }


def _save_under_new_id(stop: Stop, draft: NoteDraft, now: dt.datetime, *, is_second_version: bool) -> SavedNote:
    """Store the text as another note.

    Its id is made from the note, the page and the room, so that each page adds at most one further note.
    """
    second = replace(draft, id=uuid.uuid5(draft.page, f"{draft.id} {stop.pk}"), seen=None)
    is_stored_already = Note.with_removed.filter(pk=second.id).exists()
    saved = _save(stop, second, now)
    return SavedNote(saved.note, is_second_version=is_second_version and not is_stored_already)


def remove(note: Note, *, by: Person, now: dt.datetime) -> None:
    """Remove a note. It can be restored for an hour."""
    _require_walker(note, by)
    Note.with_removed.filter(pk=note.pk, removed_at__isnull=True).update(removed_at=now)


def restore(note: Note, *, by: Person) -> None:
    _require_walker(note, by)
    Note.with_removed.filter(pk=note.pk).update(removed_at=None)


def _require_walker(note: Note, by: Person) -> None:
    if not may_note(by, note.stop):
        raise NotAllowedError(_("Only the walker can take notes, once the walk has begun."))
