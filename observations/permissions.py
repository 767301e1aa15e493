"""Who may do what with notes, praise and takeaways. It depends on the relation to the row, never on a role."""

from __future__ import annotations

from school.models import NoteReaders, Person
from walks.models import State, Stop, Walk

from .models import Photo, Praise, Takeaway

FINISHED = (State.WALKED, State.COMPLETE)


def is_author(person: Person, praise: Praise) -> bool:
    return praise.author_id == person.pk


def is_receiver(person: Person, praise: Praise) -> bool:
    return praise.host_id == person.pk


def may_praise(person: Person, stop: Stop) -> bool:
    """Whether the person is the walker, was in the room, and the walk is finished."""
    return stop.walk.walker_id == person.pk and stop.visited and stop.walk.state in FINISHED


def may_write_takeaway(person: Person, walk: Walk) -> bool:
    """Whether the person is the walker and the walk is finished."""
    return walk.walker_id == person.pk and walk.state in FINISHED


def owns_takeaway(person: Person, takeaway: Takeaway) -> bool:
    return takeaway.walk.walker_id == person.pk


def may_note(person: Person, stop: Stop) -> bool:
    """Whether the person may write notes and add photos: as the walker, once they have entered the first room.

    If notes vanish with the thanks, there are none afterwards.
    """
    walk = stop.walk
    if walk.walker_id != person.pk or walk.started_at is None:
        return False
    if walk.notes_rule != NoteReaders.VANISH:
        return True
    in_room = walk.stops.filter(room=stop.room_id)
    return in_room.filter(thanked_at__isnull=True).exists() or not in_room.visited().exists()


def owns_photo(person: Person, photo: Photo) -> bool:
    return photo.stop.walk.walker_id == person.pk
