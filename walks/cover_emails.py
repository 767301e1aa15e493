"""What is said by mail when somebody else covers, or when cover is open again."""

from __future__ import annotations

import datetime as dt

from notifications import outbox
from notifications.models import Message
from school.terms import Calendar

from . import emails
from .cover_gone import words_for
from .models import Walk, WalkEvent
from .permissions import decider_names, deciders

COVER_GONE = "walks.cover_gone"


def changed(walk: Walk, *, now: dt.datetime) -> None:
    """Who covered is free again; who covers now and the walker are told. The walker's calendar entry stays right."""
    event = _agreement(walk)
    for person in emails.people_told(walk, {emails.COVER}, now=now):
        if person.pk != walk.cover_id:
            emails.put(walk, emails.OFF, "cover_free", to=person, event=event, now=now, reply_to=walk.decided_by)
    emails.cover_told(walk, now=now)
    emails.put(walk, emails.OWN, "cover_changed", to=walk.walker, event=event, now=now, reply_to=walk.decided_by)


def gone(walk: Walk, *, why: str, now: dt.datetime) -> None:
    """The deciders can choose somebody else; the walker knows that it is being looked after. Once an agreement."""
    event, people = _agreement(walk), list(deciders(walk))
    for person in people:
        emails.put(walk, COVER_GONE, "cover_gone", to=person, event=event, now=now, reply_to=walk.walker, why=why)
    names = decider_names(people)
    emails.put(walk, emails.OWN, "cover_gone_walker", to=walk.walker, event=event, now=now, why=why, names=names)


def is_told(walk: Walk) -> bool:
    """Whether it was told since the last agreement about cover."""
    key = emails.key_of(walk, "cover_gone_walker", _agreement(walk), walk.walker)
    return Message.objects.filter(key=key).exists()


def _agreement(walk: Walk) -> WalkEvent | None:
    return walk.events.order_by("at", "pk").last()


@outbox.recheck(COVER_GONE)
def still_without_cover(message: Message, now: dt.datetime) -> bool:
    """Somebody else may have been chosen, or the colleague is back."""
    walk = Walk.objects.coming(now).filter(pk=message.about.removeprefix("walk:"))
    found = list(walk.select_related("walker__school", "cover", "period"))
    calendars = [Calendar(walk.walker.school) for walk in found]
    return bool(found and words_for(found, calendar=calendars[0], now=now))
