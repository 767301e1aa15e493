"""Erase a person's words and photos. Praise that they sent stays with its receivers."""

from __future__ import annotations

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q

from school.models import Person
from school.people import hooks
from school.people.hooks import Erasure
from walks.erasing import stops_to_keep

from .models import Note, Photo, Praise, Takeaway
from .people_who_leave import settle_thanks


@hooks.on_erasing
def erase_words(erasure: Erasure) -> None:
    """Delete the rows, and the files of photos on commit. Walkers owe the person no thanks any more.

    Photos are removed from sent letters too. A letter stays its receiver's, with "a former colleague" as author.
    Drafts of colleagues to the person stay their authors'.
    """
    person = erasure.person
    erasure.erased.extend(_letters(person))
    photos = Photo.objects.own(person)
    files = [(photo.file.storage, photo.file.name or "") for photo in photos]
    photos.delete()
    Note.removed_too.visible_to(person).delete()
    Takeaway.objects.visible_to(person).delete()
    Praise.objects.of(person).filter(sent_at__isnull=True).delete()
    Praise.objects.filter(host=person, sent_at__isnull=False).delete()
    transaction.on_commit(lambda: _remove(files))
    settle_thanks(person, now=erasure.now, named=False)


def _letters(person: Person) -> list[str]:
    """The `about` of mails with praise from or to the person."""
    praised = Praise.objects.filter(Q(author=person) | Q(host=person))
    return [f"praise:{praise.pk}:{n}" for praise in praised for n in range(1, praise.send_count + 1)]


def _remove(files: list[tuple[Storage, str]]) -> None:
    """Delete the files. Those that cannot be deleted now have no row, so the hourly round deletes them."""
    for storage, name in files:
        try:
            storage.delete(name)
        except OSError:
            continue


@stops_to_keep
def stops_with_a_letter(person: Person) -> list[int]:
    """The stops of this person's letters to others."""
    return list(Praise.objects.of(person).filter(sent_at__isnull=False).values_list("stop_id", flat=True))
