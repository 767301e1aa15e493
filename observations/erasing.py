"""Somebody's words and pictures go for good; praise they sent stays with its receivers."""

from __future__ import annotations

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q

from school import hooks
from school.hooks import Erasure
from school.models import Person
from walks.erasing import stops_to_keep

from .models import Note, Photo, Praise, Takeaway
from .people_who_leave import settle_thanks


@hooks.on_erasing
def erase_words(erasure: Erasure) -> None:
    """The rows go now, the files of photos once that is certain; walkers have no thank-you to write any more.

    Photos go out of sent letters too. A letter itself is its receiver's; its author is a former colleague from now on.
    What a colleague had begun to write to the person and not sent stays that colleague's own.
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
    """The names under which the outbox knows praise from and to the person."""
    praised = Praise.objects.filter(Q(author=person) | Q(host=person))
    return [f"praise:{praise.pk}:{n}" for praise in praised for n in range(1, praise.send_count + 1)]


def _remove(files: list[tuple[Storage, str]]) -> None:
    """What cannot be removed just now has no row any more: the hourly round clears it away."""
    for storage, name in files:
        try:
            storage.delete(name)
        except OSError:
            continue


@stops_to_keep
def stops_with_a_letter(person: Person) -> list[int]:
    """The stops that letters of this person to others are from."""
    return list(Praise.objects.of(person).filter(sent_at__isnull=False).values_list("stop_id", flat=True))
