"""Mails about praise: the praise to its host, and the host's thanks to the author."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from notifications.models import Message
from notifications.sending import delivery, outbox
from walks.models import Stop

from ..models import Praise
from ..querysets import UNDO_SECONDS

PRAISE = "praise"
THANKED = "praise_thanked"
HOST_LEFT = "praise_host_left"


def praise(note: Praise, *, now: dt.datetime) -> None:
    """To the host: the whole praise, after the 30 seconds in which it may be taken back."""
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


@delivery.recheck(PRAISE)
def still_sent(message: Message, now: dt.datetime) -> bool:
    """Whether the praise of this mail was not taken back since, or sent again."""
    return any(note.about == message.about for note in _sent_notes(message.about))


def _sent_notes(about: str) -> list[Praise]:
    pk = about.split(":")[1]
    return list(Praise.objects.filter(pk=pk, sent_at__isnull=False))


def thanked(note: Praise, *, now: dt.datetime) -> None:
    """To the author: the host says thank you."""
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


def host_left(stop: Stop, *, now: dt.datetime, named: bool) -> None:
    """To the walker, once for each colleague who left: no thanks are owed, and a draft stays."""
    begun = Praise.objects.filter(stop=stop, sent_at__isnull=True).exclude(text="").exists()
    name = stop.host.full_name if named else ""
    outbox.put(
        kind=HOST_LEFT,
        key=f"{HOST_LEFT}:{stop.host_id}:{stop.walk.walker_id}",
        to=stop.walk.walker,
        template="observations/host_left",
        context={"stop": stop, "walk": stop.walk, "name": name, "begun": begun},
        now=now,
        about=f"{HOST_LEFT}:{stop.pk}",
    )


@delivery.recheck(HOST_LEFT)
def has_not_come_back(message: Message, now: dt.datetime) -> bool:
    """Whether the colleague has not come back by the time the mail leaves."""
    _kind, stop_id = message.about.split(":")
    return Stop.objects.filter(pk=stop_id, host__is_active=False).exists()
