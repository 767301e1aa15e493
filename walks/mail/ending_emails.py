"""The mails about the end of a walk or request: cancelled, lapsed, complete."""

from __future__ import annotations

import datetime as dt

from notifications.models import Message
from notifications.quiet import fit_quiet_hours
from notifications.sending import delivery
from school.models import Person

from ..models import State, Walk
from . import emails, invitations

TOO_OLD = dt.timedelta(days=7)  # after the planned end: then nobody gets a mail about the lapse


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

    An approved walk also leaves the calendars. `by`: a decider cancelled it, with these words to everybody.
    """
    event = emails.latest_event(walk)
    if was_approved:
        invite = invitations.cancellation(walk, now=now)
        emails.mail_walker(
            walk,
            "cancelled",
            event=event,
            now=now,
            reply_to=by,
            author=by,
            invite=invite,
            deliver_at=deliver_at,
            words=words,
            by=by,
        )
    decided = [walk.decided_by] if walk.decided_by else []
    covering = emails.have_cover_entry(walk)
    kinds = {emails.REQUEST, emails.HOST, emails.COVER}
    for person in {*emails.people_who_know(walk, kinds, now=now), *decided} - {by}:
        emails.put_mail(
            walk,
            emails.OFF,
            "off",
            to=person,
            event=event,
            now=now,
            reply_to=by or walk.walker,
            author=by,
            invite=invitations.cover_cancellation(walk, to=person, now=now) if person.pk in covering else None,
            deliver_at=deliver_at,
            words=words,
            by=by,
        )


def send_lapse_mails(walk: Walk, *, asked_by: Person | None, now: dt.datetime) -> None:
    """Tell walker and deciders that the day passed without an approval, so that the walker picks another day.

    `asked_by` is the decider who asked the walker for a change, if any: then no decider was late. The mails wait for
    the end of the quiet hours, because nobody pressed a button.
    """
    asked = emails.people_who_know(walk, {emails.REQUEST}, now=now)
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
    for person in asked:
        emails.put_mail(walk, emails.LAPSED, "lapsed_for_head", to=person, event=event, now=now, deliver_at=deliver_at)


def send_completion(walk: Walk, *, now: dt.datetime) -> None:
    """Tell the walker that the walk is complete. A walk that is reopened and completed again gets no second mail."""
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
        visited=visited.count(),
        all_thanked=all_thanked,
        first=not others.exists(),
    )


@delivery.recheck(emails.LAPSED)
def still_lapsed(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walker has picked another day meanwhile."""
    walk = message.about.removeprefix("walk:")
    return Walk.objects.filter(pk=walk, state=State.DRAFT, ends_at__lte=now).exists()
