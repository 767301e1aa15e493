"""How long notes, photos, takeaways, praise and walks are kept. Photo files without a row are deleted, too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import Storage
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from school.models import School
from school.retention import RetentionRule, Rows, kept_in_words
from walks.models import Stop, Walk
from walks.retention import retention_cutoff

from .models import Note, Photo, Praise, Takeaway
from .photos.photos import delete_file
from .words.notes import UNDO_HOURS

FOLDER = "photos"
ORPHAN_HOURS = 24  # younger files may belong to an upload under way
SENT = Praise.objects.filter(sent_at__isnull=False)
IN_SENT_PRAISE = Q(praise__sent_at__isnull=False) | Q(photos__praises__sent_at__isnull=False)  # stops to keep
# Fields of a walk that are deleted with its report. The fields that its praise shows (date, rooms, focus) stay.
REPORTED_FIELDS = {
    "takeaway_at": None,
    "completed_at": None,
    "decided_at": None,
    "decided_by": None,
    "cover": None,
    "covered_lesson": None,
    "suggested_date": None,
    "suggested_period": None,
}


def _ended_before(school: School, moment: dt.datetime, walk: str) -> Q:
    """Select rows of walks that ended before the moment. For an unfinished walk the planned end counts.

    `walk` is the path from the row to its walk, for example "stop__walk".
    """
    ended = Q(**{f"{walk}__finished_at__lt": moment})
    unfinished = Q(**{f"{walk}__finished_at__isnull": True, f"{walk}__ends_at__lt": moment})
    return Q(**{f"{walk}__walker__school": school}) & (ended | unfinished)


def _days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def old_photos(school: School, now: dt.datetime) -> QuerySet[Photo]:
    """Return photos that are past their retention period, with removed ones and those in praise."""
    return Photo.with_removed.filter(_ended_before(school, now - _days(school.photo_days), "stop__walk"))


def remove_photos(rows: Rows) -> None:
    """Delete the rows, then their files, so that there is never a row without its file."""
    files = [photo.file for photo in rows]
    rows.delete()
    for file in files:
        delete_file(file.storage, file.name or "")


def removed_photos(school: School, now: dt.datetime) -> QuerySet[Photo]:
    """Return photos that their walker removed and can no longer restore."""
    removed = Q(removed_at__lt=now - dt.timedelta(hours=UNDO_HOURS))
    return Photo.with_removed.filter(removed, stop__walk__walker__school=school)


def old_notes(school: School, now: dt.datetime) -> QuerySet[Note]:
    """Return notes that are past their retention period, with removed ones."""
    return Note.with_removed.filter(_ended_before(school, now - _days(school.note_days), "stop__walk"))


def removed_notes(school: School, now: dt.datetime) -> QuerySet[Note]:
    """Return notes that their walker removed and can no longer restore."""
    removed = Q(removed_at__lt=now - dt.timedelta(hours=UNDO_HOURS))
    return Note.with_removed.filter(removed, stop__walk__walker__school=school)


def old_takeaways(school: School, now: dt.datetime) -> QuerySet[Takeaway]:
    """Return old takeaways, which are kept as long as notes. The walk still counts as having had one."""
    return Takeaway.objects.filter(_ended_before(school, now - _days(school.note_days), "walk"))


def old_drafts(school: School, now: dt.datetime) -> QuerySet[Praise]:
    """Return drafts of old walks, and of people who left some time ago."""
    author_left = Q(author__left_at__lt=now - _days(school.draft_days), author__is_active=False, author__school=school)
    old = _ended_before(school, now - _days(school.draft_days), "stop__walk")
    only_marked_as_thanked = Q(said_in_person_at__isnull=False, text="", photo__isnull=True)
    return Praise.objects.filter(old | author_left, sent_at__isnull=True).exclude(only_marked_as_thanked)


def remove_drafts(rows: Rows) -> None:
    """Delete drafts. "Thanked in person" stays, but loses its text. Praise that was sent meanwhile stays."""
    rows.filter(sent_at__isnull=True, said_in_person_at__isnull=False).update(text="", photo=None)
    rows.filter(sent_at__isnull=True, said_in_person_at__isnull=True).delete()


def praise_to_leavers(school: School, now: dt.datetime) -> QuerySet[Praise]:
    """Return sent praise that nobody keeps any more.

    Its receiver left more than `draft_days` ago; or its receiver deleted it, and its author left that long ago.
    """
    before = now - _days(school.draft_days)
    receiver_left = Q(host__left_at__lt=before, host__is_active=False)
    deleted_and_author_left = Q(author__left_at__lt=before, author__is_active=False, host_removed_at__isnull=False)
    return Praise.objects.filter(receiver_left | deleted_and_author_left, host__school=school)


def old_walks(school: School, now: dt.datetime) -> QuerySet[Walk]:
    """Return walks of semesters whose report is due for deletion.

    Walks that `remove_walks` has already reduced to their sent praise are left out.
    """
    old = Walk.objects.filter(
        walker__school=school, semester__ends_on__lt=retention_cutoff(school, now, school.report_days)
    )
    has_sent_praise = Q(Exists(SENT.filter(stop__walk=OuterRef("pk"))))
    is_reduced = Q(*[(f"{name}__isnull", True) for name in REPORTED_FIELDS])
    has_other_rooms = Q(Exists(Stop.objects.filter(walk=OuterRef("pk")).exclude(IN_SENT_PRAISE)))
    return old.exclude(has_sent_praise & is_reduced & ~has_other_rooms)


def remove_walks(rows: Rows) -> None:
    """Delete walks. A walk with sent praise keeps the praise, its rooms, and the fields that the praise shows."""
    with_sent_praise: Any = rows.filter(Exists(SENT.filter(stop__walk=OuterRef("pk"))))
    kept = list(with_sent_praise.values_list("pk", flat=True))
    rows.exclude(pk__in=kept).delete()
    Stop.objects.filter(walk__in=kept).exclude(IN_SENT_PRAISE).delete()
    with_sent_praise.update(**REPORTED_FIELDS)


AFTER_WALK = gettext_lazy("%(time)s after the walk")
RULES = [
    RetentionRule(
        name="photos",
        what=gettext_lazy("Photos"),
        kept=kept_in_words(lambda s: s.photo_days, AFTER_WALK),
        find=old_photos,
        remove=remove_photos,
    ),
    RetentionRule(
        name="removed-photos",
        what=gettext_lazy("Photos you removed"),
        kept=lambda _school: _("An hour, to bring them back"),
        find=removed_photos,
        remove=remove_photos,
    ),
    RetentionRule(
        name="notes", what=gettext_lazy("Notes"), kept=kept_in_words(lambda s: s.note_days, AFTER_WALK), find=old_notes
    ),
    RetentionRule(
        name="removed-notes",
        what=gettext_lazy("Notes you removed"),
        kept=lambda _school: _("An hour, to bring them back"),
        find=removed_notes,
    ),
    RetentionRule(
        name="takeaways",
        what=gettext_lazy("Takeaways"),
        kept=kept_in_words(lambda s: s.note_days, AFTER_WALK),
        find=old_takeaways,
    ),
    RetentionRule(
        name="drafts",
        what=gettext_lazy("Praise that was never sent"),
        kept=kept_in_words(lambda s: s.draft_days, AFTER_WALK),
        find=old_drafts,
        remove=remove_drafts,
    ),
    RetentionRule(
        name="praise",
        what=gettext_lazy("Praise"),
        kept=kept_in_words(
            lambda s: s.draft_days,
            gettext_lazy("Until %(time)s after the receiver leaves; receivers can delete it for themselves"),
        ),
        find=praise_to_leavers,
    ),
    RetentionRule(
        name="facts",
        what=gettext_lazy("Walks, and who completed the semester’s walk"),
        kept=kept_in_words(lambda s: s.report_days, gettext_lazy("%(time)s after the semester")),
        find=old_walks,
        remove=remove_walks,
    ),
]


def remove_orphan_photos(*, now: dt.datetime) -> int:
    """Delete photo files without a row that are over a day old. Broken uploads and deletions leave them behind."""
    storage = _storage()
    deleted = 0
    limit = now - dt.timedelta(hours=ORPHAN_HOURS)
    for folder in _folders(storage):
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        known = set(Photo.with_removed.filter(file__in=names).values_list("file", flat=True))
        for name in names:
            if name not in known and storage.get_modified_time(name) < limit:
                storage.delete(name)
                deleted += 1
    return deleted


def _folders(storage: Storage) -> Iterator[str]:
    try:
        folders = storage.listdir(FOLDER)[0]
    except FileNotFoundError:  # there are no photos yet
        return
    yield from (f"{FOLDER}/{folder}" for folder in folders)


def _storage() -> Storage:
    storage: Storage = Photo._meta.get_field("file").storage
    return storage
