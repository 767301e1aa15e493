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


def praise(sent: Praise, *, now: dt.datetime) -> None:
    """Mail the praise to its host, after the 30 seconds in which the author can undo sending."""
    outbox.put(
        kind=PRAISE,
        key=f"{sent.about}:{sent.host_id}",
        to=sent.host,
        template="observations/praise",
        context={"praise": sent, "walker": sent.author, "stop": sent.stop, "focus": sent.stop.walk.focus_names},
        now=now,
        reply_to=sent.author,
        author=sent.author,
        about=sent.about,
        from_name=_("%(name)s via Learning Walks") % {"name": sent.author.full_name},
        deliver_at=now + dt.timedelta(seconds=UNDO_SECONDS),
    )


@delivery.recheck(PRAISE)
def still_sent(message: Message, now: dt.datetime) -> bool:
    """Whether the praise is still as this mail says: not undone, sent a second time, or deleted by its receiver."""
    praise_id = message.about.split(":")[1]
    praise = Praise.objects.filter(pk=praise_id, sent_at__isnull=False, host_removed_at__isnull=True).first()
    return praise is not None and praise.about == message.about


def thanked(praise: Praise, *, now: dt.datetime) -> None:
    """Mail the author that the host says thank you."""
    outbox.put(
        kind=THANKED,
        key=f"{THANKED}:{praise.pk}",
        to=praise.author,
        template="observations/thanked",
        context={"host": praise.host, "stop": praise.stop},
        now=now,
        reply_to=praise.host,
        author=praise.host,
        about=f"{THANKED}:{praise.pk}",
    )


def host_left(stop: Stop, *, now: dt.datetime, named: bool) -> None:
    """Mail the walker, once for each colleague who left, that no thanks are owed. A draft stays."""
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
    """Whether the colleague has not come back by the time the mail is sent."""
    _kind, stop_id = message.about.split(":")
    return Stop.objects.filter(pk=stop_id, host__is_active=False).exists()
