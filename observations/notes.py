"""Notes from a room: kept as typed, never lost, never replaced by an older text. Only their walker reads them."""

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
from school.not_saved import report_if_not_saved
from school.text import several_lines
from walks.activity import Activity, activity_source
from walks.models import Practice, Stop, Walk

from .models import Note
from .permissions import may_note

UNDO_HOURS = 1  # a removed note can be brought back for this long, then it is gone


@dataclass(frozen=True)
class NoteDraft:
    """What a page holds. Ids come from the page, so that a form sent twice makes one note.

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
    """The note as stored; `beside` says that it was put beside another version of the same note."""

    note: Note | None
    beside: bool = False


def written(stop: Stop) -> QuerySet[Note]:
    """The notes of one room, in the order they were begun."""
    found: QuerySet[Note] = Note.objects.filter(stop=stop).select_related("practice", "stop__walk")
    return found


@activity_source
def begun_notes(walk: Walk) -> Iterable[Activity]:
    """In which rooms of the walk notes were begun, and when."""
    found: Iterable[Activity] = Note.objects.filter(stop__walk=walk).values_list("stop_id", "created_at")
    return found


def keep(stop: Stop, draft: NoteDraft, *, by: Person, now: dt.datetime) -> Kept:
    """Store the text, whatever happened elsewhere: two versions of one note are both kept.

    Raises NotSavedError when the database cannot take it (a full disk, say).
    """
    if not may_note(by, stop):
        raise NotAllowedError(_("Notes belong to the walker, from the first door on."))
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
        return Kept(note)  # a newer text of this very page is stored already, or nothing is at stake
    return _keep_beside(stop, draft, now, beside=True)


def _replaced(draft: NoteDraft, now: dt.datetime) -> bool:
    """Write over the note if it is still the one this page was opened with, or this page's own older text."""
    unchanged = Q(page=draft.seen) if draft.seen else Q(page__isnull=True)
    own = Q(page=draft.page)
    if draft.typed_at is not None:
        own &= Q(typed_at__isnull=True) | Q(typed_at__lte=draft.typed_at)
    same = Note.removed_too.filter(pk=draft.id).filter(unchanged | own)
    # A late copy of a text that was just removed does not bring the note back; new words do.
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
        "removed_at": None if draft.text else now,  # a text that was cleared is no note any more
    }


def _keep_beside(stop: Stop, draft: NoteDraft, now: dt.datetime, *, beside: bool) -> Kept:
    """Put the text into a second note; its id follows from the first and the page, so that there is only one."""
    second = replace(draft, id=uuid.uuid5(draft.page, f"{draft.id} {stop.pk}"), seen=None)
    known = Note.removed_too.filter(pk=second.id).exists()
    kept = _keep(stop, second, now)
    return Kept(kept.note, beside=beside and not known)


def remove(note: Note, *, by: Person, now: dt.datetime) -> None:
    """Take a note away; for an hour it can be brought back."""
    _own(note, by)
    Note.removed_too.filter(pk=note.pk, removed_at__isnull=True).update(removed_at=now)


def restore(note: Note, *, by: Person) -> None:
    """Bring a removed note back."""
    _own(note, by)
    Note.removed_too.filter(pk=note.pk).update(removed_at=None)


def _own(note: Note, by: Person) -> None:
    if not may_note(by, note.stop):
        raise NotAllowedError(_("Notes belong to the walker, from the first door on."))
