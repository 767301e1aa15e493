"""The mails when a decider takes a decision back, or changes an approved walk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from notifications.sending import outbox
from notifications.sending.outbox import CalendarPart
from school.models import Person

from ..models import Walk
from . import emails, invitations


@dataclass(frozen=True)
class KnownPlan:
    """What hosts and cover know of an approved walk from earlier mails."""

    approved_time: str
    times: tuple[dt.datetime, dt.datetime]  # start and end, which the mail about cover names
    rooms: dict[int, str]  # the room of each host, by id
    cover_id: int | None


def what_people_know(walk: Walk) -> KnownPlan:
    """Remember what people know of the walk. Call it before the walk changes."""
    rooms = {stop.host_id: stop.room.code for stop in emails.route_of(walk)}
    return KnownPlan(emails.day_and_period(walk), (walk.starts_at, walk.ends_at), rooms, walk.cover_id)


def send_approval_withdrawn(walk: Walk, *, approved_time: str, now: dt.datetime) -> None:
    """Tell everybody who knows of the approved walk that its time or rooms changed and need a new approval.

    The walker's mail removes the old time from their calendar. The invitation after the new approval has a higher
    SEQUENCE than this CANCEL, so that calendars restore the entry.
    """
    invite = invitations.cancellation(walk, now=now)
    emails.mail_walker(walk, "withdrawn", event=emails.latest_event(walk), now=now, invite=invite)
    emails.raise_sequence(walk)
    mail_hosts_and_cover(walk, "moved", approved_time=approved_time, reply_to=walk.walker, now=now)


def mail_hosts_and_cover(
    walk: Walk, template: str, *, approved_time: str, reply_to: Person | None, now: dt.datetime
) -> None:
    """Mail the hosts and the cover who know of the walk. `template` says why they need not expect it for now."""
    event = emails.latest_event(walk)
    with_entry = emails.people_with_cover_entry(walk)
    for person in emails.people_who_know(walk, {emails.HOST, emails.COVER}, now=now):
        invite = invitations.cover_cancellation(walk, to=person, now=now) if person.pk in with_entry else None
        emails.put_mail(
            walk,
            emails.OFF,
            template,
            to=person,
            event=event,
            now=now,
            reply_to=reply_to,
            invite=invite,
            approved_time=approved_time,
        )


def send_approval_undone(
    walk: Walk, *, approved_time: str, has_original_plan: bool, by: Person, now: dt.datetime
) -> None:
    """Withdraw the mails about the approval. Everyone who has received one gets a mail that the walk is not approved.

    `has_original_plan`: the walk has the time and rooms again that it had before the decider adjusted it.
    """
    outbox.withdraw(about=emails.outbox_reference(walk), kind=emails.OWN, now=now)
    if emails.has_calendar_entry(walk):
        _mail_undone(walk, approved_time=approved_time, has_original_plan=has_original_plan, by=by, now=now)
    else:
        emails.raise_sequence(walk)
    mail_hosts_and_cover(walk, "not_approved_after_all", approved_time=approved_time, reply_to=walk.walker, now=now)


def send_question_taken_back(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Withdraw the question. A walker who has received it, or whose calendar has the walk, gets a mail about this."""
    was_withdrawn = outbox.withdraw(about=emails.outbox_reference(walk), kind=emails.OWN, key="change_asked:", now=now)
    if emails.has_calendar_entry(walk):
        _mail_undone(walk, approved_time=emails.day_and_period(walk), has_original_plan=False, by=by, now=now)
    elif not was_withdrawn:
        event = emails.latest_event(walk)
        emails.mail_walker(walk, "question_taken_back", event=event, now=now, reply_to=by, by=by)


def _mail_undone(walk: Walk, *, approved_time: str, has_original_plan: bool, by: Person, now: dt.datetime) -> None:
    event = emails.latest_event(walk)
    emails.mail_walker(
        walk,
        "approval_undone",
        event=event,
        now=now,
        reply_to=by,
        by=by,
        approved_time=approved_time,
        has_original_plan=has_original_plan,
    )


def send_approval_reconsidered(walk: Walk, *, words: str, approved_time: str, now: dt.datetime) -> None:
    """Ask the walker for a change of an approved walk. Hosts and cover get a mail that it is not approved."""
    emails.send_change_question(walk, words=words, now=now, was_agreed=True)
    mail_hosts_and_cover(walk, "not_approved_after_all", approved_time=approved_time, reply_to=walk.walker, now=now)


def send_approval_changed(walk: Walk, *, known: KnownPlan, now: dt.datetime) -> None:
    """Tell the walker the new plan, and everybody else only what is new for them."""
    emails.send_approval(walk, now=now, is_adjusted=True)
    with_entry = emails.people_with_cover_entry(walk)
    covered = {person.pk: person for person in emails.people_who_know(walk, {emails.COVER}, now=now)}
    visited = {person.pk: person for person in emails.people_who_know(walk, {emails.HOST}, now=now)}
    stops = {stop.host_id: stop for stop in emails.route_of(walk)} if walk.announced else {}
    # These mails come first: a cover who becomes a host gets the mail that ends the cover before that about the visit.
    for pk, person in covered.items():
        if pk != walk.cover_id:
            invite = invitations.cover_cancellation(walk, to=person, now=now)
            _send_not_expected(walk, emails.COVER_FREE, known, to=person, invite=invite, now=now)
    for pk, person in visited.items():
        if pk not in stops and pk not in covered:
            _send_not_expected(walk, emails.OFF, known, to=person, now=now)
    moved = known.approved_time != emails.day_and_period(walk)
    for pk, stop in stops.items():
        if moved or pk not in visited or known.rooms.get(pk) != stop.room.code:
            emails.send_host_mail(walk, stop, now=now, is_correction=pk in visited)
    times_changed = known.times != (walk.starts_at, walk.ends_at)
    if times_changed or walk.cover_id not in covered or walk.cover_id != known.cover_id:
        emails.send_cover_mail(walk, now=now, is_correction=walk.cover_id in with_entry)


def _send_not_expected(
    walk: Walk, kind: str, known: KnownPlan, *, to: Person, now: dt.datetime, invite: CalendarPart | None = None
) -> None:
    """Tell a host or a cover that the changed walk no longer visits or needs them."""
    emails.put_mail(
        walk,
        kind,
        "no_longer_needed",
        to=to,
        event=emails.latest_event(walk),
        now=now,
        reply_to=walk.walker,
        invite=invite,
        approved_time=known.approved_time,
    )
