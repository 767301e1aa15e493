"""Somebody's words and pictures go for good; praise they sent stays with its receivers."""

from __future__ import annotations

from django.core.files.storage import Storage
from django.db import transaction

from school.models import Person

from .models import Note, Photo, Praise, Takeaway


def erase(person: Person) -> None:
    """In the caller's transaction: the rows now, the files of photos once that is certain.

    Photos go out of sent letters too. A letter itself is its receiver's; its author is a former colleague from now on.
    What a colleague had begun to write to the person and not sent stays that colleague's own.
    """
    photos = Photo.objects.own(person)
    files = [(photo.file.storage, photo.file.name or "") for photo in photos]
    photos.delete()
    Note.removed_too.visible_to(person).delete()
    Takeaway.objects.visible_to(person).delete()
    Praise.objects.of(person).filter(sent_at__isnull=True).delete()
    Praise.objects.filter(host=person, sent_at__isnull=False).delete()
    transaction.on_commit(lambda: _remove(files))


def _remove(files: list[tuple[Storage, str]]) -> None:
    """What cannot be removed just now has no row any more: the hourly round clears it away."""
    for storage, name in files:
        try:
            storage.delete(name)
        except OSError:
            continue


def keeps_letter_of(person: Person) -> list[int]:
    """The stops that letters of this person to others are from."""
    return list(Praise.objects.of(person).filter(sent_at__isnull=False).values_list("stop_id", flat=True))
