"""Mails about cover: another person covers, nobody has to, or an approved walk needs cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from notifications.models import Message
from notifications.sending import delivery
from school.calendar import Calendar
from school.models import Person

from ..models import Walk, WalkEvent
from ..permissions import decider_names, heads_grade_of, who_decides
from ..planning import cover_needed
from . import emails, invitations

COVER_NEEDED = "walks.cover_gone"  # people's mail choices store this name, so it keeps its old wording


def send_cover_changed(walk: Walk, *, now: dt.datetime) -> None:
    """Mail the previous cover, the new cover and the walker. The walker's calendar entry does not change."""
    event = _latest_event(walk)
    for person in emails.people_who_know(walk, {emails.COVER}, now=now):
        if person.pk != walk.cover_id:
            _send_free_again(walk, to=person, event=event, now=now)
    if walk.cover is None:
        return
    emails.send_cover_mail(walk, now=now)
    emails.put_mail(
        walk,
        emails.OWN,
        "cover_changed",
        to=walk.walker,
        event=event,
        now=now,
        reply_to=walk.decided_by,
        deliver_at=now + emails.TIME_TO_UNDO,  # after the mail about the approval, which may still wait
    )


def _send_free_again(walk: Walk, *, to: Person, event: WalkEvent | None, now: dt.datetime) -> None:
    emails.put_mail(
        walk,
        emails.COVER_FREE,
        "cover_free",
        to=to,
        event=event,
        now=now,
        reply_to=walk.decided_by,
        invite=invitations.cover_cancellation(walk, to=to, now=now),
    )


def send_cover_needed(walk: Walk, state: cover_needed.CoverState, *, now: dt.datetime) -> None:
    """Mail the walker, and the deciders, who can choose another person. At most once for each approval."""
    event = _latest_event(walk)
    people = who_decides(walk)
    lesson = state.title or _("a class")
    names = decider_names(people)
    for person in people:
        emails.put_mail(
            walk,
            COVER_NEEDED,
            "cover_gone",
            to=person,
            event=event,
            now=now,
            reply_to=walk.walker,
            why_cover_is_needed=state.why_needed,
            lesson=lesson,
            shows_rooms=heads_grade_of(person, walk),
        )
    emails.put_mail(
        walk,
        emails.OWN,
        "cover_gone_walker",
        to=walk.walker,
        event=event,
        now=now,
        decider_names=names,
        why_cover_is_needed=state.why_needed,
    )


def walks_already_mailed(walks: Iterable[Walk]) -> set[int]:
    """Return the ids of those walks whose cover-needed mail was written after their last event (two queries)."""
    listed = list(walks)
    events = WalkEvent.objects.filter(walk__in=listed).order_by("at", "pk")
    latest = {event.walk_id: event for event in events}
    keys = {emails.mail_key(walk, "cover_gone_walker", latest.get(walk.pk), walk.walker): walk.pk for walk in listed}
    return {keys[key] for key in Message.objects.filter(key__in=keys).values_list("key", flat=True)}


def _latest_event(walk: Walk) -> WalkEvent | None:
    return walk.events.order_by("at", "pk").last()


@delivery.recheck(COVER_NEEDED)
def still_without_cover(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if another person covers now, the colleague is back, or the walk is off or over."""
    walk = Walk.objects.upcoming(now).filter(pk=message.about.removeprefix("walk:"))
    found = list(walk.select_related("walker__school", "cover", "period"))
    calendars = [Calendar(walk.walker.school) for walk in found]
    return bool(found and cover_needed.reasons(found, calendar=calendars[0], now=now))
