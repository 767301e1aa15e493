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
from .people_who_leave import end_owed_thanks


@hooks.on_erasing
def erase_words(erasure: Erasure) -> None:
    """Delete the person's rows, and the files of their photos on commit. Nobody has to thank them any more.

    Their photos disappear from sent praise too. Receivers keep the praise, with "a former colleague" as author.
    Authors keep their drafts to the person.
    """
    person = erasure.person
    erasure.erased.extend(_mail_references(person))
    photos = Photo.with_removed.own(person)
    files = [(photo.file.storage, photo.file.name or "") for photo in photos]
    photos.delete()
    Note.with_removed.visible_to(person).delete()
    Takeaway.objects.visible_to(person).delete()
    Praise.objects.of(person).filter(sent_at__isnull=True).delete()
    Praise.objects.of(person).filter(host_removed_at__isnull=False).delete()
    Praise.objects.filter(host=person, sent_at__isnull=False).delete()
    transaction.on_commit(lambda: _remove(files))
    end_owed_thanks(person, now=erasure.now, named=False)


def _mail_references(person: Person) -> list[str]:
    """Return the `about` of each mail with praise from or to the person."""
    praised = Praise.objects.filter(Q(author=person) | Q(host=person))
    return [f"praise:{praise.pk}:{count}" for praise in praised for count in range(1, praise.send_count + 1)]


def _remove(files: list[tuple[Storage, str]]) -> None:
    """Delete the files. If that fails, the hourly round deletes them, because they have no row."""
    for storage, name in files:
        try:
            storage.delete(name)
        except OSError:
            continue


@stops_to_keep
def stops_with_sent_praise(person: Person) -> list[int]:
    """Return the ids of the stops whose hosts got praise from this person."""
    return list(Praise.objects.of(person).filter(sent_at__isnull=False).values_list("stop_id", flat=True))
