"""What is said by mail about praise: the note itself to its host, and the host's thanks to the author."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from notifications import outbox
from notifications.models import Message

from .models import Praise
from .querysets import UNDO_SECONDS

PRAISE = "praise"
THANKED = "praise_thanked"


def praise(note: Praise, *, now: dt.datetime) -> None:
    """To the host: the note in full, after the 30 seconds in which it may be taken back."""
    outbox.put(
        kind=PRAISE,
        key=f"{note.about}:{note.host_id}",
        to=note.host,
        template="observations/praise",
        context={"praise": note, "walker": note.author, "stop": note.stop, "focus": note.stop.walk.focus_names},
        now=now,
        reply_to=note.author,
        author=note.author,
        about=note.about,
        from_name=_("%(name)s via Learning Walks") % {"name": note.author.full_name},
        deliver_at=now + dt.timedelta(seconds=UNDO_SECONDS),
    )


@outbox.recheck(PRAISE)
def still_sent(message: Message, now: dt.datetime) -> bool:
    """Whether the note that this mail carries is still sent, and is this very sending of it."""
    return any(note.about == message.about for note in _sent_notes(message.about))


def _sent_notes(about: str) -> list[Praise]:
    pk = about.split(":")[1]
    return list(Praise.objects.filter(pk=pk, sent_at__isnull=False))


def thanked(note: Praise, *, now: dt.datetime) -> None:
    """To the author: the host read the note and says thank you."""
    outbox.put(
        kind=THANKED,
        key=f"{THANKED}:{note.pk}",
        to=note.author,
        template="observations/thanked",
        context={"host": note.host, "stop": note.stop},
        now=now,
        reply_to=note.host,
        author=note.host,
        about=f"{THANKED}:{note.pk}",
    )
