"""What is said by mail when who covers changes, or when an agreed walk needs cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from notifications.models import Message
from notifications.sending import delivery
from school.calendar import Calendar
from school.models import Person

from ..models import Walk, WalkEvent
from ..permissions import decider_names, deciders
from ..planning import cover_needed
from . import emails

COVER_NEEDED = "walks.cover_gone"  # the stored name of the kind, which people may have switched off


def send_cover_changed(walk: Walk, *, now: dt.datetime) -> None:
    """Mail the previous cover, the new cover and the walker. The walker's calendar entry stays right."""
    event = _agreement(walk)
    for person in emails.people_informed(walk, {emails.COVER}, now=now):
        if person.pk != walk.cover_id:
            _send_free_again(walk, to=person, event=event, now=now)
    if walk.cover is None:
        return
    emails.cover_informed(walk, now=now)
    emails.put(walk, emails.OWN, "cover_changed", to=walk.walker, event=event, now=now, reply_to=walk.decided_by)


def _send_free_again(walk: Walk, *, to: Person, event: WalkEvent | None, now: dt.datetime) -> None:
    emails.put(walk, emails.COVER_FREE, "cover_free", to=to, event=event, now=now, reply_to=walk.decided_by)


def send_cover_needed(walk: Walk, state: cover_needed.CoverState, *, now: dt.datetime) -> None:
    """Mail the walker, and the deciders, who can choose another person. Only once per approval."""
    event = _agreement(walk)
    people = list(deciders(walk))
    why = state.reason
    lesson = state.title or _("a class")
    names = decider_names(people)
    for person in people:
        emails.put(
            walk,
            COVER_NEEDED,
            "cover_gone",
            to=person,
            event=event,
            now=now,
            reply_to=walk.walker,
            why=why,
            lesson=lesson,
        )
    emails.put(walk, emails.OWN, "cover_gone_walker", to=walk.walker, event=event, now=now, names=names, why=why)


def were_sent(walks: Iterable[Walk]) -> set[int]:
    """Return the walks about which a cover-needed mail was written since the latest approval (two queries)."""
    listed = list(walks)
    events = WalkEvent.objects.filter(walk__in=listed).order_by("at", "pk")
    latest = {event.walk_id: event for event in events}
    keys = {emails.key_of(walk, "cover_gone_walker", latest.get(walk.pk), walk.walker): walk.pk for walk in listed}
    return {keys[key] for key in Message.objects.filter(key__in=keys).values_list("key", flat=True)}


def _agreement(walk: Walk) -> WalkEvent | None:
    return walk.events.order_by("at", "pk").last()


@delivery.recheck(COVER_NEEDED)
def still_without_cover(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if another person was chosen or the colleague is back."""
    walk = Walk.objects.coming(now).filter(pk=message.about.removeprefix("walk:"))
    found = list(walk.select_related("walker__school", "cover", "period"))
    calendars = [Calendar(walk.walker.school) for walk in found]
    return bool(found and cover_needed.reasons(found, calendar=calendars[0], now=now))
