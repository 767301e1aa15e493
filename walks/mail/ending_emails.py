"""The mails about the end of a walk or request: cancelled, lapsed, complete."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count

from notifications.models import Message
from notifications.quiet import fit_quiet_hours
from notifications.sending import delivery
from school.models import Person

from ..models import State, Walk
from . import emails, invitations

TOO_OLD = dt.timedelta(days=7)  # nobody gets a mail about a request that lapsed longer ago


def send_cancellation(
    walk: Walk,
    *,
    now: dt.datetime,
    was_approved: bool,
    deliver_at: dt.datetime | None = None,
    by: Person | None = None,
    words: str = "",
) -> None:
    """Tell everybody who knows of the walk, and the person who decided on it, that it is cancelled.

    An approved walk also leaves the calendars. `by` is the decider who cancelled it, with `words` for everybody.
    """
    cancellation: dict[str, Any] = {
        "event": emails.latest_event(walk),
        "now": now,
        "author": by,
        "deliver_at": deliver_at,
        "words": words,
        "by": by,
    }
    if was_approved:
        invite = invitations.cancellation(walk, now=now)
        emails.mail_walker(walk, "cancelled", reply_to=by, invite=invite, **cancellation)
    with_entry = emails.people_with_cover_entry(walk)
    people = set(emails.people_who_know(walk, {emails.REQUEST, emails.HOST, emails.COVER}, now=now))
    if walk.decided_by:
        people.add(walk.decided_by)
    for person in people - {by}:
        invite_for_cover = invitations.cover_cancellation(walk, to=person, now=now) if person.pk in with_entry else None
        emails.put_mail(
            walk,
            emails.OFF,
            "off",
            to=person,
            reply_to=by or walk.walker,
            invite=invite_for_cover,
            **cancellation,
        )


def send_lapse_mails(walk: Walk, *, asked_by: Person | None, now: dt.datetime) -> None:
    """Tell walker and deciders that the day passed without an approval, so that the walker picks another day.

    `asked_by` is the decider who asked the walker for a change, if any; the mail then mentions this. The mails wait for
    the end of the quiet hours, because nobody pressed a button.
    """
    asked_to_approve = emails.people_who_know(walk, {emails.REQUEST}, now=now)
    if walk.ends_at < now - TOO_OLD:
        return
    event = emails.latest_event(walk)
    deliver_at = fit_quiet_hours(walk.walker.school, now)
    emails.put_mail(
        walk,
        emails.LAPSED,
        "lapsed",
        to=walk.walker,
        event=event,
        now=now,
        deliver_at=deliver_at,
        asked_by=asked_by,
    )
    for person in asked_to_approve:
        emails.put_mail(walk, emails.LAPSED, "lapsed_for_head", to=person, event=event, now=now, deliver_at=deliver_at)


def send_completion(walk: Walk, *, now: dt.datetime) -> None:
    """Tell the walker that the walk is complete. A walk that is reopened and completed again gets no second mail.

    A visit through an open door is extra, so it gets none.
    """
    if walk.is_drop_in:
        return
    others = Walk.objects.of(walk.walker).filter(semester=walk.semester, state=State.COMPLETE).exclude(pk=walk.pk)
    visited = walk.stops.visited()
    # False if a host left without thanks: the walk is complete all the same, but the mail must not say that all hosts
    # are thanked.
    all_thanked = not visited.filter(thanked_at__isnull=True).exists()
    emails.put_mail(
        walk,
        "walks.complete",
        "complete",
        to=walk.walker,
        event=None,
        now=now,
        room_count=visited.aggregate(rooms=Count("room", distinct=True))["rooms"],
        all_thanked=all_thanked,
        is_first=not others.exists(),
    )


@delivery.recheck(emails.LAPSED)
def still_lapsed(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walker has picked another day meanwhile."""
    walk = message.about.removeprefix("walk:")
    return Walk.objects.filter(pk=walk, state=State.DRAFT, ends_at__lte=now).exists()
