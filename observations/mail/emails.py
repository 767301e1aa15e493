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


def send_praise(praise: Praise, *, now: dt.datetime) -> None:
    """Mail the praise to its host, after the 30 seconds in which the author can undo sending."""
    outbox.put(
        kind=PRAISE,
        key=f"{praise.about}:{praise.host_id}",
        to=praise.host,
        template="observations/praise",
        context={"praise": praise, "walker": praise.author, "stop": praise.stop, "focus": praise.stop.walk.focus_names},
        now=now,
        reply_to=praise.author,
        author=praise.author,
        about=praise.about,
        from_name=_("%(name)s via Learning Walks") % {"name": praise.author.full_name},
        deliver_at=now + dt.timedelta(seconds=UNDO_SECONDS),
    )


@delivery.recheck(PRAISE)
def is_still_sent(message: Message, now: dt.datetime) -> bool:
    """Whether this mail is still true: its praise was not undone, sent a second time, or deleted by its receiver."""
    praise_id = message.about.split(":")[1]
    praise = Praise.objects.filter(pk=praise_id, sent_at__isnull=False, host_removed_at__isnull=True).first()
    return praise is not None and praise.about == message.about


def send_thanks(praise: Praise, *, now: dt.datetime) -> None:
    """Tell the author that the host says thank you."""
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


def send_host_left(stop: Stop, *, now: dt.datetime, named: bool) -> None:
    """Tell the walker that no thanks are owed, because the host has left. Each walker gets one mail for each host."""
    has_draft = Praise.objects.after_visit(stop).filter(sent_at__isnull=True).exclude(text="").exists()
    name = stop.host.full_name if named else ""
    outbox.put(
        kind=HOST_LEFT,
        key=f"{HOST_LEFT}:{stop.host_id}:{stop.walk.walker_id}",
        to=stop.walk.walker,
        template="observations/host_left",
        context={"stop": stop, "walk": stop.walk, "name": name, "has_draft": has_draft},
        now=now,
        about=f"{HOST_LEFT}:{stop.pk}",
    )


@delivery.recheck(HOST_LEFT)
def is_host_still_away(message: Message, now: dt.datetime) -> bool:
    _kind, stop_id = message.about.split(":")
    return Stop.objects.filter(pk=stop_id, host__is_active=False).exists()
