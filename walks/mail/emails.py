"""The mails about a walk: what they say and who gets them. The app `notifications` delivers them.

Only mails to the walker name the focus of a walk.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models import Message, MessageState
from notifications.sending import delivery, outbox
from notifications.sending.outbox import CalendarPart
from school.calendar import Calendar
from school.models import Person, Room
from school.models.people import full_names
from school.text.dates import date_words

from ..decisions import plan_changes, requests_to_decide
from ..models import State, Stop, Walk, WalkEvent
from ..permissions import who_decides
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
# A mail of a kind on the left tells its recipient not to expect what earlier mails of the kinds on the right announced.
ENDS = {OFF: {REQUEST, HOST, COVER}, LAPSED: {REQUEST, HOST, COVER}, COVER_FREE: {COVER}}
TIME_TO_UNDO = dt.timedelta(seconds=30)  # the mails about a decision are delivered this much later


def send_request(walk: Walk, *, now: dt.datetime) -> None:
    """Tell each decider that a colleague would like to go on a walk, or changed the request."""
    stop_question_mail(walk, now=now)
    event = latest_event(walk)
    clashes = requests_to_decide.clashes_in_words(walk, calendar=Calendar(walk.walker.school))
    is_change = event.action == "change"
    for person in who_decides(walk):
        put_mail(
            walk,
            REQUEST,
            "requested",
            to=person,
            event=event,
            now=now,
            reply_to=walk.walker,
            clashes=clashes,
            is_change=is_change,
        )


def raise_sequence(walk: Walk) -> None:
    """Give the walk the next version, so that calendars and open pages know that it has changed."""
    Walk.objects.filter(pk=walk.pk).update(calendar_sequence=walk.calendar_sequence + 1)
    walk.refresh_from_db(fields=["calendar_sequence"])


def remove_calendar_entry(walk: Walk, *, now: dt.datetime) -> CalendarPart:
    """Return the calendar part that removes the walk from the walker's calendar.

    It gets a version of its own: calendars may require that each invitation and each cancellation has a higher SEQUENCE
    than the one before.
    """
    raise_sequence(walk)
    cancellation = invitations.cancellation(walk, now=now)
    raise_sequence(walk)
    return cancellation


def has_calendar_entry(walk: Walk) -> bool:
    """Whether the walk is in the walker's calendar, judged by the newest calendar part that may have reached them.

    Withdraw the mails that still wait before this call.
    """
    mails = Message.objects.filter(about=outbox_reference(walk), kind=OWN).exclude(calendar_method="")
    newest = mails.exclude(state=MessageState.CANCELLED).order_by("pk").last()
    return newest is not None and newest.calendar_method == invitations.REQUEST


def send_approval(walk: Walk, *, now: dt.datetime, is_adjusted: bool, deliver_at: dt.datetime | None = None) -> None:
    """Tell the walker that the walk is approved, with a calendar invitation. `is_adjusted`: the decider changed it."""
    event = latest_event(walk)
    mail_walker(
        walk,
        "adjusted" if is_adjusted else "approved",
        event=event,
        now=now,
        reply_to=walk.decided_by,
        words=event.words,
        change=plan_changes.to_show(event, walk.period, route_of(walk)),
        invite=invitations.invitation(walk, now=now),
        deliver_at=deliver_at,
    )


def send_host_mails(walk: Walk, *, now: dt.datetime, deliver_at: dt.datetime | None = None) -> None:
    """Tell each host of an announced walk that a colleague will visit their room."""
    if not walk.announced or walk.ends_at <= now:
        return
    for stop in route_of(walk):
        send_host_mail(walk, stop, now=now, deliver_at=deliver_at)


def send_host_mail(
    walk: Walk, stop: Stop, *, now: dt.datetime, deliver_at: dt.datetime | None = None, is_correction: bool = False
) -> None:
    """Tell one host. `is_correction`: an earlier mail named another time or room."""
    event = latest_event(walk)
    put_mail(
        walk,
        HOST,
        "host",
        to=stop.host,
        event=event,
        now=now,
        reply_to=walk.walker,
        deliver_at=deliver_at,
        author=walk.walker if walk.tells_focus else None,  # the mail may hold the walker's own words
        room=stop.room.code,
        other_hosts=full_names(other.host for other in stop.same_room.exclude(pk=stop.pk).select_related("host")),
        is_correction=is_correction,
    )


def send_cover_mail(
    walk: Walk, *, now: dt.datetime, deliver_at: dt.datetime | None = None, is_correction: bool = False
) -> None:
    """Tell the colleague who covers, if any, with a calendar entry. `is_correction`: after a mail with another time."""
    if walk.cover is None or walk.ends_at <= now:
        return
    room = walk.covered_lesson.room if walk.covered_lesson else None
    put_mail(
        walk,
        COVER,
        "cover",
        to=walk.cover,
        event=latest_event(walk),
        now=now,
        reply_to=walk.decided_by,
        invite=invitations.cover_invitation(walk, to=walk.cover, now=now),
        deliver_at=deliver_at,
        room=room.code if room else "",
        is_correction=is_correction,
    )


def send_change_question(
    walk: Walk, *, words: str, now: dt.datetime, deliver_at: dt.datetime | None = None, was_agreed: bool = False
) -> None:
    """Tell the walker that the decider asks for a change. `was_agreed`: remove the agreed time from the calendar."""
    mail_walker(
        walk,
        "change_asked",
        event=latest_event(walk),
        now=now,
        reply_to=walk.decided_by,
        author=walk.decided_by,
        invite=remove_calendar_entry(walk, now=now) if was_agreed else None,
        deliver_at=deliver_at,
        words=words,
        suggestion=_suggestion(walk),
        was_agreed=was_agreed,
    )


def people_with_cover_entry(walk: Walk) -> set[int]:
    """Return the ids of people who got a calendar entry for covering the class. Call it before withdrawing mails."""
    mails = Message.objects.filter(about=outbox_reference(walk), kind=COVER, calendar_method=invitations.REQUEST)
    return set(mails.exclude(state=MessageState.CANCELLED).values_list("recipient", flat=True))


def send_reminder(walk: Walk, kind: str, template: str, *, now: dt.datetime, **context: Any) -> bool:
    """Remind the walker of their walk, once for each of its dates. Return whether a mail was written."""
    message = outbox.put(
        kind=kind,
        key=f"{template}:{walk.pk}:{walk.date}",
        to=walk.walker,
        template=f"walks/{template}",
        context=_facts(walk) | context,
        now=now,
        about=outbox_reference(walk),
    )
    return message is not None


def day_and_period(walk: Walk) -> str:
    """Return for example "Thursday 12 November, Period 3"."""
    return f"{date_words(walk.date)}, {walk.period}"


def outbox_reference(walk: Walk) -> str:
    """Return the text by which the outbox refers to a walk, in its field `about`."""
    return f"walk:{walk.pk}"


def still_approved_walk(message: Message) -> WalkQuerySet:
    """Find the walk of a mail if it is approved and was not approved again after the mail was written."""
    walk = message.about.removeprefix("walk:")
    found: WalkQuerySet = Walk.objects.filter(pk=walk, state=State.APPROVED, decided_at__lte=message.created_at)
    return found


@delivery.recheck(REQUEST)
def still_waits_for_decision(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the request was decided or taken back before the mail could be sent."""
    walk = message.about.removeprefix("walk:")
    return Walk.objects.filter(pk=walk, state=State.REQUESTED).exists()


@delivery.recheck(HOST)
def still_visits_host(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walk is over, not approved, no longer announced, or no longer visits this host."""
    return still_approved_walk(message).filter(ends_at__gt=now, announced=True, stops__host=message.recipient).exists()


@delivery.recheck(COVER)
def still_covers(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walk is over or not approved, or another person covers now."""
    return still_approved_walk(message).filter(ends_at__gt=now, cover=message.recipient).exists()


def mail_walker(
    walk: Walk, template: str, *, now: dt.datetime, invite: CalendarPart | None = None, **words: Any
) -> None:
    """Write a mail to the walker, and withdraw older mails about the walk that were not sent yet.

    Otherwise an older mail could arrive after the newer one. A mail without `invite` is about a walk that is not
    approved. If the walk is still in the walker's calendar, this mail removes it.
    """
    outbox.withdraw(about=outbox_reference(walk), kind=OWN, now=now)
    if invite is None and has_calendar_entry(walk):
        invite = remove_calendar_entry(walk, now=now)
    put_mail(walk, OWN, template, to=walk.walker, now=now, invite=invite, **words)


def put_mail(
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
    """Put a mail about the walk into the outbox, once for each event and recipient."""
    outbox.put(
        kind=kind,
        key=mail_key(walk, template, event, to),
        to=to,
        template=f"walks/{template}",
        context=_facts(walk) | context,
        now=now,
        reply_to=reply_to,
        author=author,
        about=outbox_reference(walk),
        deliver_at=deliver_at,
        calendar=invite,
    )


def mail_key(walk: Walk, template: str, event: WalkEvent | None, to: Person) -> str:
    """Return the idempotency key: the outbox writes one mail for each template, walk, event and recipient."""
    return f"{template}:{walk.pk}:{event.pk if event else ''}:{to.pk}"


def _facts(walk: Walk) -> dict[str, Any]:
    lesson = walk.covered_lesson
    rooms = list(dict.fromkeys(stop.room for stop in route_of(walk)))
    return {
        "walk": walk,
        "walker": walk.walker,
        "decider": walk.decided_by,
        "cover": walk.cover,
        "lesson": lesson.title if lesson else _("a class"),
        "rooms": rooms,
        "route": _route(walk, rooms),
    }


def _route(walk: Walk, rooms: list[Room]) -> str:
    """Return the rooms in words: "Five rooms (204, 206, …), 25 minutes."."""
    codes = [room.code for room in rooms]
    count = ROOM_COUNTS[len(codes)] if 1 < len(codes) < len(ROOM_COUNTS) else len(codes)
    words = ngettext(
        "One room (%(codes)s), %(minutes)s minutes.", "%(count)s rooms (%(codes)s), %(minutes)s minutes.", len(codes)
    )
    return words % {"count": count, "codes": ", ".join(codes), "minutes": walk.minutes}


def stop_question_mail(walk: Walk, *, now: dt.datetime) -> None:
    """Stop the mail that asks the walker for a change, if it still waits: the question is settled.

    A question about an approved walk is sent all the same, because it takes the walk out of the calendar.
    """
    outbox.withdraw(about=outbox_reference(walk), kind=OWN, key="change_asked:", with_calendar=False, now=now)


def route_of(walk: Walk) -> list[Stop]:
    """Return the stops in order, with room and host (one query)."""
    return list(walk.stops.select_related("room", "host__school").order_by("position", "pk"))


def latest_event(walk: Walk) -> WalkEvent:
    return walk.events.latest("at", "pk")


def _suggestion(walk: Walk) -> dict[str, Any] | None:
    if walk.suggested_period is None:
        return None
    return {"date": walk.suggested_date or walk.date, "period": walk.suggested_period}


def people_who_know(walk: Walk, kinds: set[str], *, now: dt.datetime) -> list[Person]:
    """Return the people who got a mail of these kinds about the walk, and no later mail of a kind that ends it (ENDS).

    Mails of these kinds that were not sent yet are withdrawn, and their recipients left out.
    """
    for kind in kinds:
        outbox.withdraw(about=outbox_reference(walk), kind=kind, now=now)
    return people_with_mail(walk, kinds)


def people_with_mail(walk: Walk, kinds: set[str]) -> list[Person]:
    """Return the people who got or will get a mail of these kinds, and no later mail of a kind that ENDS it."""
    mails = Message.objects.filter(about=outbox_reference(walk), kind__in=kinds | ENDS.keys(), recipient__isnull=False)
    sent = mails.exclude(state=MessageState.CANCELLED).order_by("pk").values_list("recipient", "kind")
    known_kinds: dict[int, set[str]] = defaultdict(set)
    for person, kind in sent:
        known_kinds[person] -= ENDS.get(kind, set())
        if kind in kinds:
            known_kinds[person].add(kind)
    people = [person for person, known in known_kinds.items() if known]
    return list(Person.objects.active().select_related("school").filter(pk__in=people))
