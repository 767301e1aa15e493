"""Who reads the notes of a walk, by the rule under which it began; and notes that vanish when the host is thanked."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from school.models import NoteReaders
from walks.models import Stop, Walk

from ..models import Note


def readers_in_words(walk: Walk, stop: Stop | None = None) -> str:
    """Say who reads the notes; about the room of one stop, or of the whole walk."""
    if walk.notes_rule == NoteReaders.HOST:
        if stop is None:
            return _("After the walk, the teachers of the rooms can read these notes.")
        return _("After the walk, %(names)s can read what you write here.") % {"names": stop.host_names}
    if walk.notes_rule == NoteReaders.VANISH:
        if stop is None:
            return _("Only you see these notes. They vanish when you thank the teacher of the room.")
        return _("Only you can read this. It vanishes when you have thanked %(names)s.") % {"names": stop.host_names}
    return _("Only you see these notes.") if stop is None else _("Only you see this.")


def is_private(walk: Walk) -> bool:
    """Whether only the walker reads the notes, as long as they are kept."""
    return walk.notes_rule == NoteReaders.PRIVATE


def vanish(stop: Stop, *, now: dt.datetime) -> None:
    """Remove the notes about a room whose hosts are thanked, if the walk began under this rule."""
    walk = stop.walk
    in_room = walk.stops.filter(room=stop.room_id).visited()
    if walk.notes_rule == NoteReaders.VANISH and not in_room.filter(thanked_at__isnull=True).exists():
        Note.objects.filter(stop__walk=walk, stop__room=stop.room_id).update(removed_at=now)


def bring_back(stop: Stop) -> None:
    """Restore the notes that vanished when this host was thanked. Call it before the thanks are taken back."""
    if stop.walk.notes_rule != NoteReaders.VANISH:
        return
    thanked_at = Stop.objects.values_list("thanked_at", flat=True).get(pk=stop.pk)
    vanished = Note.with_removed.filter(stop__walk=stop.walk_id, stop__room=stop.room_id, removed_at__gte=thanked_at)
    vanished.exclude(text="").update(removed_at=None)
