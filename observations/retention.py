"""What is not kept: photos and notes after the school's time, removed notes, files that lost their row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.core.files.storage import Storage
from django.db.models import Q

from school.models import School

from .models import Note, Photo
from .notes import UNDO_HOURS
from .photos import discard

FOLDER = "photos"
ORPHAN_HOURS = 24  # an upload may be under way; after a day nobody waits for it any more


def remove_old(*, now: dt.datetime) -> None:
    """Photos and notes go when the school's days after the walk are over; removed notes after an hour."""
    for school in School.objects.all():
        _photos_before(school, now - dt.timedelta(days=school.photo_days))
        _notes_before(school, now - dt.timedelta(days=school.note_days))
    Note.removed_too.filter(removed_at__lt=now - dt.timedelta(hours=UNDO_HOURS)).delete()


def _walked_before(school: School, moment: dt.datetime) -> Q:
    """Rows of walks that ended before the moment; of a walk that never ended, its plan counts."""
    ended = Q(stop__walk__finished_at__lt=moment)
    never = Q(stop__walk__finished_at__isnull=True, stop__walk__ends_at__lt=moment)
    return Q(stop__walk__walker__school=school) & (ended | never)


def _photos_before(school: School, moment: dt.datetime) -> None:
    """Rows first, then their files: there is never a row without its file."""
    old = list(Photo.objects.filter(_walked_before(school, moment)))
    Photo.objects.filter(pk__in=[photo.pk for photo in old]).delete()
    for photo in old:
        discard(photo.file.storage, photo.file.name or "")


def _notes_before(school: School, moment: dt.datetime) -> None:
    Note.removed_too.filter(_walked_before(school, moment)).delete()


def remove_orphan_photos(*, now: dt.datetime) -> None:
    """Clear away photo files without a row that are over a day old: an upload broke off, or a deletion."""
    storage = _storage()
    limit = now - dt.timedelta(hours=ORPHAN_HOURS)
    for folder in _folders(storage):
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        known = set(Photo.objects.filter(file__in=names).values_list("file", flat=True))
        for name in names:
            if name not in known and storage.get_modified_time(name) < limit:
                storage.delete(name)


def _folders(storage: Storage) -> Iterator[str]:
    try:
        folders = storage.listdir(FOLDER)[0]
    except FileNotFoundError:  # no photo was ever taken
        return
    yield from (f"{FOLDER}/{folder}" for folder in folders)


def _storage() -> Storage:
    storage: Storage = Photo._meta.get_field("file").storage
    return storage
