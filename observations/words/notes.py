"""Notes of a room, read by their walker only. A newer text is never replaced by an older one."""

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
    """The note on a page. The page gives the ids, so that a form sent twice makes one note.

    `page` names the open page; `seen` the page that had written last when this one was opened;
    `typed_at` when its last letter was typed, by the phone's own clock (only compared within one page).
    """

    id: uuid.UUID
    page: uuid.UUID
    text: str
    seen: uuid.UUID | None = None
    typed_at: dt.datetime | None = None
    practice: Practice | None = None
    on_own_focus: bool = False


@dataclass(frozen=True)
class Kept:
    """The stored note. `beside`: it was stored next to another version of the same note."""

    note: Note | None
    beside: bool = False


def written(stop: Stop) -> QuerySet[Note]:
    """The notes of one room, in the order they were begun."""
    found: QuerySet[Note] = Note.objects.filter(stop=stop).select_related("practice", "stop__walk")
    return found


@activity_source
def begun_notes(walk: Walk) -> Iterable[Activity]:
    """When notes were begun in the rooms of the walk."""
    found: Iterable[Activity] = Note.objects.filter(stop__walk=walk).values_list("stop_id", "created_at")
    return found


def keep(stop: Stop, draft: NoteDraft, *, by: Person, now: dt.datetime) -> Kept:
    """Store the text. If another page changed the note meanwhile, keep both versions.

    Raises NotSavedError if the database cannot save it, for example on a full disk.
    """
    if not may_note(by, stop):
        raise NotAllowedError(_("Notes belong to the walker, from the first room on."))
    draft = replace(draft, text=several_lines(draft.text))
    with report_if_not_saved(), transaction.atomic():
        return _keep(stop, draft, now)


def _keep(stop: Stop, draft: NoteDraft, now: dt.datetime) -> Kept:
    if not draft.text and not Note.removed_too.filter(pk=draft.id).exists():
        return Kept(None)
    fields = {"stop": stop, "created_at": now, **_values(draft, now)}
    note, created = Note.removed_too.get_or_create(pk=draft.id, defaults=fields)
    if note.stop_id != stop.pk:
        return _keep_beside(stop, draft, now, beside=False)  # that id belongs to another room's note
    if created or _replaced(draft, now):
        return Kept(Note.removed_too.get(pk=draft.id))
    if note.page == draft.page or note.text == draft.text or not draft.text:
        return Kept(note)  # this page stored a newer text already, or there is nothing to store
    return _keep_beside(stop, draft, now, beside=True)


def _replaced(draft: NoteDraft, now: dt.datetime) -> bool:
    """Replace the note if it is the one that this page was opened with, or this page's own older text."""
    unchanged = Q(page=draft.seen) if draft.seen else Q(page__isnull=True)
    own = Q(page=draft.page)
    if draft.typed_at is not None:
        own &= Q(typed_at__isnull=True) | Q(typed_at__lte=draft.typed_at)
    same = Note.removed_too.filter(pk=draft.id).filter(unchanged | own)
    # A late copy of the removed text does not restore the note; new words do.
    removed = Q(removed_at__isnull=False, text=draft.text)
    return same.exclude(removed).update(**_values(draft, now)) == 1


def _values(draft: NoteDraft, now: dt.datetime) -> dict[str, object]:
    return {
        "text": draft.text,
        "practice": draft.practice,
        "on_own_focus": draft.on_own_focus,
        "updated_at": now,
        "page": draft.page,
        "typed_at": draft.typed_at,
        "removed_at": None if draft.text else now,  # an empty text is no note
    }


def _keep_beside(stop: Stop, draft: NoteDraft, now: dt.datetime, *, beside: bool) -> Kept:
    """Store the text as a second note. Its id derives from the first note and the page, so that there is only one."""
    second = replace(draft, id=uuid.uuid5(draft.page, f"{draft.id} {stop.pk}"), seen=None)
    known = Note.removed_too.filter(pk=second.id).exists()
    kept = _keep(stop, second, now)
    return Kept(kept.note, beside=beside and not known)


def remove(note: Note, *, by: Person, now: dt.datetime) -> None:
    """Remove a note; for an hour it can be restored."""
    _own(note, by)
    Note.removed_too.filter(pk=note.pk, removed_at__isnull=True).update(removed_at=now)


def restore(note: Note, *, by: Person) -> None:
    """Restore a removed note."""
    _own(note, by)
    Note.removed_too.filter(pk=note.pk).update(removed_at=None)


def _own(note: Note, by: Person) -> None:
    if not may_note(by, note.stop):
        raise NotAllowedError(_("Notes belong to the walker, from the first room on."))
