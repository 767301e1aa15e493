"""The mails about a walk: what they say, to whom and when. Delivery is notifications' business.

The focus of a walk is only in mails to its walker.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models import Message, MessageState
from notifications.quiet import fit_quiet_hours
from notifications.sending import delivery, outbox
from notifications.sending.outbox import CalendarPart
from school.calendar import Calendar
from school.models import Person

from ..models import State, Stop, Walk, WalkEvent
from ..permissions import deciders
from ..planning import requests_to_decide
from ..planning.plan import ROOM_COUNTS
from ..querysets import WalkQuerySet
from . import invitations

REQUEST = "walks.request"
HOST = "walks.host"
COVER = "walks.cover"
OFF = "walks.off"
OWN = "walks.own"
COVER_FREE = "walks.cover_free"
LAPSED = "walks.lapsed"
# What a mail of these kinds ends: who gets it needs no word of what the earlier mails said.
ENDS = {OFF: {REQUEST, HOST, COVER}, LAPSED: {REQUEST, HOST, COVER}, COVER_FREE: {COVER}}
OLD_NEWS = dt.timedelta(days=7)  # older walks need no mail


def requested(walk: Walk, *, now: dt.datetime) -> None:
    """Tell each decider that a colleague would like to walk."""
    event = latest_event(walk)
    findings = requests_to_decide.warnings(walk, calendar=Calendar(walk.walker.school))
    again = event.action == "change"
    for person in deciders(walk):
        put(
            walk,
            REQUEST,
            "requested",
            to=person,
            event=event,
            now=now,
            reply_to=walk.walker,
            findings=findings,
            again=again,
        )


def agreement_withdrawn(walk: Walk, *, agreed_for: str, now: dt.datetime) -> None:
    """Tell everybody who knew of the approved walk that its time or rooms changed and need a new approval.

    The old time leaves the walker's calendar at once. The invitation after the new approval has a higher SEQUENCE than
    this CANCEL, so that calendars restore the entry.
    """
    event = latest_event(walk)
    invite = invitations.cancellation(walk, now=now)
    _tell_walker(walk, "withdrawn", event=event, now=now, invite=invite)
    Walk.objects.filter(pk=walk.pk).update(calendar_sequence=walk.calendar_sequence + 1)
    walk.refresh_from_db(fields=["calendar_sequence"])
    for person in people_informed(walk, {HOST, COVER}, now=now):
        put(walk, OFF, "moved", to=person, event=event, now=now, reply_to=walk.walker, agreed_for=agreed_for)


def replied(walk: Walk, *, words: str, now: dt.datetime) -> None:
    """Tell the deciders that the walker answered."""
    event = latest_event(walk)
    for person in deciders(walk):
        put(
            walk,
            REQUEST,
            "replied",
            to=person,
            event=event,
            now=now,
            reply_to=walk.walker,
            author=walk.walker,
            words=words,
        )


def approved(walk: Walk, *, now: dt.datetime, adjusted_words: str | None) -> None:
    """Tell the walker that the walk is approved, perhaps with a change; with a calendar invitation."""
    event = latest_event(walk)
    words = event.words if adjusted_words is None else adjusted_words
    template = "approved" if adjusted_words is None else "adjusted"
    invite = invitations.invitation(walk, now=now)
    _tell_walker(walk, template, event=event, now=now, reply_to=walk.decided_by, words=words, invite=invite)


def hosts_informed(walk: Walk, *, now: dt.datetime) -> None:
    """Tell each host of an announced walk that a colleague drops by."""
    if not walk.announced or walk.ends_at <= now:
        return
    event = latest_event(walk)
    for stop in _stops(walk):
        put(walk, HOST, "host", to=stop.host, event=event, now=now, reply_to=walk.walker, room=stop.room.code)


def cover_informed(walk: Walk, *, now: dt.datetime) -> None:
    """Tell the colleague who covers."""
    if walk.cover is None or walk.ends_at <= now:
        return
    room = walk.covered_lesson.room.code if walk.covered_lesson else ""
    put(walk, COVER, "cover", to=walk.cover, event=latest_event(walk), now=now, reply_to=walk.decided_by, room=room)


def change_asked(walk: Walk, *, words: str, now: dt.datetime) -> None:
    """Tell the walker that the Head of Grade asks for a change."""
    _tell_walker(
        walk,
        "change_asked",
        event=latest_event(walk),
        now=now,
        reply_to=walk.decided_by,
        author=walk.decided_by,
        words=words,
        suggestion=_suggestion(walk),
    )


def cancelled(walk: Walk, *, now: dt.datetime, was_approved: bool, deliver_at: dt.datetime | None = None) -> None:
    """Tell everybody who knew of the walk, and whoever approved it or asked for a change, that it is cancelled.

    It also leaves the walker's calendar.
    """
    event = latest_event(walk)
    if was_approved:
        invite = invitations.cancellation(walk, now=now)
        _tell_walker(walk, "cancelled", event=event, now=now, invite=invite, deliver_at=deliver_at)
    decided = [walk.decided_by] if walk.decided_by else []
    for person in {*people_informed(walk, {REQUEST, HOST, COVER}, now=now), *decided}:
        put(walk, OFF, "off", to=person, event=event, now=now, reply_to=walk.walker, deliver_at=deliver_at)


def lapsed(walk: Walk, *, asked_by: Person | None, now: dt.datetime) -> None:
    """Tell walker and deciders that the day passed without an approval: the walker picks another day.

    `asked_by` asked the walker for a change, so no decider was late. Sent outside quiet hours, because nobody pressed a
    button.
    """
    asked = people_informed(walk, {REQUEST}, now=now)
    if walk.ends_at < now - OLD_NEWS:
        return
    event = latest_event(walk)
    deliver_at = fit_quiet_hours(walk.walker.school, now)
    put(walk, LAPSED, "lapsed", to=walk.walker, event=event, now=now, deliver_at=deliver_at, asked_by=asked_by)
    for person in asked:
        put(walk, LAPSED, "lapsed_for_head", to=person, event=event, now=now, deliver_at=deliver_at)


def completed(walk: Walk, *, now: dt.datetime) -> None:
    """Tell the walker that the walk is complete. Once per walk, even if it was reopened."""
    others = Walk.objects.of(walk.walker).filter(semester=walk.semester, state=State.COMPLETE).exclude(pk=walk.pk)
    visited = walk.stops.visited()
    all_thanked = not visited.filter(thanked_at__isnull=True).exists()  # hosts who left are owed nothing
    put(
        walk,
        "walks.complete",
        "complete",
        to=walk.walker,
        event=None,
        now=now,
        visited=visited.count(),
        all_thanked=all_thanked,
        first=not others.exists(),
    )


def remind(walk: Walk, kind: str, template: str, *, now: dt.datetime, **context: Any) -> bool:
    """Remind the walker of their own walk on its current date. Return whether a mail was written."""
    message = outbox.put(
        kind=kind,
        key=f"{template}:{walk.pk}:{walk.date}",
        to=walk.walker,
        template=f"walks/{template}",
        context=_facts(walk) | context,
        now=now,
        about=about(walk),
    )
    return message is not None


def when(walk: Walk) -> str:
    """Day and period in words: "Thursday 12 November, Period 3"."""
    return f"{date_format(walk.date, 'l j F')}, {walk.period}"


def about(walk: Walk) -> str:
    """Return the outbox's name for a walk."""
    return f"walk:{walk.pk}"


def still_agreed(message: Message) -> WalkQuerySet:
    """Return the walk of a mail if it is still the approval that the mail is about."""
    walk = message.about.removeprefix("walk:")
    found: WalkQuerySet = Walk.objects.filter(pk=walk, state=State.APPROVED, decided_at__lte=message.created_at)
    return found


@delivery.recheck(REQUEST)
def still_waits(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the request was decided or taken back while the mail server was down."""
    walk = message.about.removeprefix("walk:")
    return Walk.objects.filter(pk=walk, state=State.REQUESTED).exists()


@delivery.recheck(HOST)
def still_drops_by(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walk is over, not approved, no longer announced, or no longer visits this host."""
    return still_agreed(message).filter(ends_at__gt=now, announced=True, stops__host=message.recipient).exists()


@delivery.recheck(COVER)
def still_covers(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walk is off or over, or another person covers now."""
    return still_agreed(message).filter(ends_at__gt=now, cover=message.recipient).exists()


@delivery.recheck(LAPSED)
def still_lapsed(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walker has picked another day meanwhile."""
    walk = message.about.removeprefix("walk:")
    return Walk.objects.filter(pk=walk, state=State.DRAFT, ends_at__lte=now).exists()


def _tell_walker(walk: Walk, template: str, *, now: dt.datetime, **words: Any) -> None:
    """Send the mail, and stop older ones about the walk that still wait, so that the walker reads the newest last."""
    outbox.withdraw(about=about(walk), kind=OWN, now=now)
    put(walk, OWN, template, to=walk.walker, now=now, **words)


def put(
    walk: Walk,
    kind: str,
    template: str,
    *,
    to: Person,
    event: WalkEvent | None,
    now: dt.datetime,
    reply_to: Person | None = None,
    author: Person | None = None,
    invite: CalendarPart | None = None,
    deliver_at: dt.datetime | None = None,
    **context: Any,
) -> None:
    """Put a mail about the walk into the outbox, once per event and recipient."""
    outbox.put(
        kind=kind,
        key=key_of(walk, template, event, to),
        to=to,
        template=f"walks/{template}",
        context=_facts(walk) | context,
        now=now,
        reply_to=reply_to,
        author=author,
        about=about(walk),
        deliver_at=deliver_at,
        calendar=invite,
    )


def key_of(walk: Walk, template: str, event: WalkEvent | None, to: Person) -> str:
    """The idempotency key: one mail per event and recipient."""
    return f"{template}:{walk.pk}:{event.pk if event else ''}:{to.pk}"


def _facts(walk: Walk) -> dict[str, Any]:
    lesson = walk.covered_lesson
    return {
        "walk": walk,
        "walker": walk.walker,
        "decider": walk.decided_by,
        "cover": walk.cover,
        "lesson": lesson.title if lesson else _("a lesson"),
        "route": _route(walk),
    }


def _route(walk: Walk) -> str:
    """The rooms in words: "Five rooms (204, 206, …), 25 minutes." """
    codes = [stop.room.code for stop in _stops(walk)]
    count = ROOM_COUNTS[len(codes)] if 1 < len(codes) < len(ROOM_COUNTS) else len(codes)
    words = ngettext(
        "One room (%(codes)s), %(minutes)s minutes.", "%(count)s rooms (%(codes)s), %(minutes)s minutes.", len(codes)
    )
    return words % {"count": count, "codes": ", ".join(codes), "minutes": walk.minutes}


def _stops(walk: Walk) -> list[Stop]:
    return list(walk.stops.select_related("room", "host__school").order_by("position", "pk"))


def latest_event(walk: Walk) -> WalkEvent:
    """Return the walk's last event."""
    return walk.events.latest("at", "pk")


def _suggestion(walk: Walk) -> str:
    if walk.suggested_period is None:
        return ""
    return f"{date_format(walk.suggested_date or walk.date, 'l j F')}, {walk.suggested_period}"


def people_informed(walk: Walk, kinds: set[str], *, now: dt.datetime) -> list[Person]:
    """Return who knows of the walk from a mail of these kinds, and got no later mail that it is over for them.

    A mail that was not sent yet is stopped, and its recipient left out.
    """
    for kind in kinds:
        outbox.withdraw(about=about(walk), kind=kind, now=now)
    mails = Message.objects.filter(about=about(walk), kind__in=kinds | ENDS.keys(), recipient__isnull=False)
    left = mails.exclude(state=MessageState.CANCELLED).order_by("pk").values_list("recipient", "kind")
    known_kinds: dict[int, set[str]] = defaultdict(set)
    for person, kind in left:
        known_kinds[person] -= ENDS.get(kind, set())
        known_kinds[person] |= {kind} & kinds
    knows = [person for person, known in known_kinds.items() if known]
    return list(Person.objects.active().select_related("school").filter(pk__in=knows))
