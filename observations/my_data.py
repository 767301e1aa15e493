"""The part of "my data" with the person's own walks (notes, photos, takeaways), and the praise they wrote or received.

Notes, drafts and takeaways of colleagues are private and not included.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Q, QuerySet

from school.models import Person
from school.my_data import Section, fields
from walks.models import Stop
from walks.my_data import own_stop, own_walk, own_walks

from .models import Note, Photo, Praise, Takeaway

SECTION_OF_COLUMN = {
    "observations.praise.author": "praise_written",
    "observations.praise.host": "praise_received",
}
PRAISE_COLUMNS = ("text", "after_trying", "sent_at", "said_in_person_at", "read_at", "thanks_sent_at")
NOTE_COLUMNS = ("text", "on_own_focus", "created_at", "updated_at", "removed_at")
PHOTO_COLUMNS = ("description", "taken_at", "width", "height", "removed_at")
TAKEAWAY_COLUMNS = ("text", "remind_on", "outcome", "outcome_at", "updated_at")


def photo_name(photo_id: object) -> str:
    """Return the name of a photo inside the ZIP."""
    return f"photos/{photo_id}.jpg"


def own_and_received_photos(person: Person) -> QuerySet[Photo]:
    """Return the photos that the person took (removed ones too), and those in a praise to them."""
    photos: QuerySet[Photo] = Photo.with_removed.filter(
        Q(pk__in=Photo.with_removed.own(person).values("pk")) | Q(pk__in=Photo.objects.visible_to(person).values("pk"))
    )
    return photos


def walks_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The person's walks with their rooms, conversation, notes and photos (removed ones too) and takeaway."""
    notes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for note in Note.with_removed.filter(stop__walk__walker=person).select_related("practice"):
        notes[note.stop_id].append(_note(note))
    photos: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for photo in Photo.with_removed.own(person):
        photos[photo.stop_id].append(fields(photo, PHOTO_COLUMNS, file=photo_name(photo.pk)))
    takeaways = {idea.walk_id: fields(idea, TAKEAWAY_COLUMNS) for idea in Takeaway.objects.visible_to(person)}

    def stop_with_words(stop: Stop) -> dict[str, Any]:
        return own_stop(stop) | {"notes": notes[stop.pk], "photos": photos[stop.pk]}

    return [
        own_walk(walk)
        | {"stops": [stop_with_words(stop) for stop in walk.stops.all()]}
        | {"takeaway": takeaways.get(walk.pk)}
        for walk in own_walks(person)
    ]


def _note(note: Note) -> dict[str, Any]:
    return fields(note, NOTE_COLUMNS, practice=note.practice and note.practice.name)


def praise_written_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Praise that the person wrote, with drafts."""
    return _praise_rows(Praise.objects.of(person), "thanks_seen_at", colleague="host__email")


def praise_received_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Praise that was sent to the person."""
    return _praise_rows(Praise.objects.received_by(person), colleague="author__email")


def _praise_rows(found: QuerySet[Praise], *more: str, colleague: str) -> list[dict[str, Any]]:
    columns = (colleague, "stop__walk__date", "stop__room__code", "updated_at", *PRAISE_COLUMNS, *more, "photo")
    rows = found.values(*columns)
    return [row | {"photo": row["photo"] and photo_name(row["photo"])} for row in rows]


SECTIONS: dict[str, Section] = {
    "walks": walks_section,
    "praise_written": praise_written_section,
    "praise_received": praise_received_section,
}
