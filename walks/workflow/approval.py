"""Every decision about a walk, each through the table in transitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from notifications.quiet import fit_quiet_hours
from school.calendar import local_date
from school.errors import RuleError
from school.models import Period, Person

from .. import status
from ..errors import AlreadyDecidedError
from ..mail import answer_emails, emails, schedule
from ..models import State, Walk
from . import history, locks, transitions

PRAISE_HOURS = dt.timedelta(hours=24)  # real hours, weekends included
UNDECIDED: dict[str, Any] = {
    "decided_by": None,
    "decided_at": None,
    "suggested_date": None,
    "suggested_period": None,
}

# The version says what a decider saw: each time a walk is sent, it gets a new one.
NEXT_VERSION = F("calendar_sequence") + 1


def waiting_count(person: Person) -> int:
    """Count the requests that wait for this person's decision (the badge)."""
    if not (person.is_head or person.is_administrator):
        return 0
    return Walk.objects.decidable_by(person).waiting().count()


@transaction.atomic
def request(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Send a draft to the Heads of the walker's grade."""
    transitions.move(walk, "request", by=by, now=now, requested_at=now, calendar_sequence=NEXT_VERSION)
    emails.requested(walk, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def change(walk: Walk, *, by: Person, now: dt.datetime, was_agreed: bool, agreed_for: str = "") -> None:
    """The walker changed time or rooms: the walk needs a new approval, and calendars follow.

    `agreed_for` is the time approved before, in words, for those who know of it.
    """
    transitions.move(
        walk,
        "change",
        by=by,
        now=now,
        requested_at=now,
        calendar_sequence=NEXT_VERSION,
        decided_by=None,
        decided_at=None,
        cover=None,
        covered_lesson=None,
        suggested_date=None,
        suggested_period=None,
    )
    emails.requested(walk, now=now)
    if was_agreed:
        emails.agreement_withdrawn(walk, agreed_for=agreed_for, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def reply(walk: Walk, *, words: str, by: Person, now: dt.datetime) -> None:
    """Answer the Head's question with words; the request waits for a decision again."""
    transitions.move(walk, "reply", by=by, now=now, words=words, requested_at=now, **UNDECIDED)
    emails.replied(walk, words=words, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def take_back(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Make a request a draft again, visible only to the walker; a decider who asked for a change gets a mail."""
    locks.lock_walk(walk)
    asked_by = answer_emails.who_waits(walk)
    transitions.move(walk, "take_back", by=by, now=now, **UNDECIDED)
    answer_emails.taken_back(walk, asked_by=asked_by, now=now)
    schedule.forget(walk, now=now)


@transaction.atomic
def lapse(walk: Walk, *, now: dt.datetime) -> None:
    """The day passed without an approval: make the walk a draft again (docs/adr/0010).

    No calendar entry needs removing: a walk that was approved before and then changed left the calendar with the
    change.
    """
    locks.lock_walk(walk)
    if not status.has_lapsed(walk, now):
        raise AlreadyDecidedError(history.who_was_first(walk))
    asked_by = answer_emails.who_waits(walk)
    transitions.move(walk, "lapse", by=None, now=now, **UNDECIDED)
    schedule.forget(walk, now=now)
    emails.lapsed(walk, asked_by=asked_by, now=now)


@transaction.atomic
def approve(
    walk: Walk,
    *,
    by: Person,
    now: dt.datetime,
    cover: Person | None = None,
    words: str = "",
    version: int | None = None,
) -> None:
    """Approve the walk (as shown, if a version is given); the walker gets an invitation, hosts and cover get mails."""
    transitions.move(walk, "approve", version, by=by, now=now, words=words, **_agreed(walk, by, now, cover))
    _tell_agreement(walk, now=now)


@transaction.atomic
def adjust(walk: Walk, *, by: Person, now: dt.datetime, cover: Person | None = None, words: str = "") -> None:
    """Approve the walk whose time or rooms the Head has just changed."""
    transitions.move(walk, "adjust", by=by, now=now, words=words, **_agreed(walk, by, now, cover))
    _tell_agreement(walk, now=now, adjusted_words=words)


@transaction.atomic
def accept(walk: Walk, *, by: Person, now: dt.datetime, left_out: str = "") -> None:
    """Approve the walk at the time that the Head suggested; `left_out` names the rooms dropped."""
    locks.lock_people(walk.walker)
    locks.refuse_covering(walk, by=by)
    transitions.move(walk, "accept", by=by, now=now, suggested_date=None, suggested_period=None, decided_at=now)
    _tell_agreement(walk, now=now)
    answer_emails.accepted(walk, left_out=left_out, now=now)


def _agreed(walk: Walk, by: Person, now: dt.datetime, cover: Person | None) -> dict[str, Any]:
    locks.lock_people(walk.walker, cover)
    locks.refuse_covering(walk, by=by)
    if cover is not None:
        locks.refuse_busy(cover, walk)
    covered = locks.lock_lesson(walk)  # of a walk with nobody to cover: what its decider knew of
    return {
        "decided_by": by,
        "decided_at": now,
        "cover": cover if covered else None,
        "covered_lesson": covered,
        "suggested_date": None,
        "suggested_period": None,
    }


def _tell_agreement(walk: Walk, *, now: dt.datetime, adjusted_words: str | None = None) -> None:
    emails.approved(walk, now=now, adjusted_words=adjusted_words)
    emails.hosts_informed(walk, now=now)
    emails.cover_informed(walk, now=now)
    schedule.after_approval(walk, now=now)


@transaction.atomic
def ask_change(
    walk: Walk,
    *,
    words: str,
    by: Person,
    now: dt.datetime,
    suggested_date: dt.date | None = None,
    suggested_period: Period | None = None,
) -> None:
    """Ask for a change with words, and perhaps another time; the walker accepts or replies."""
    if not words.strip():
        raise RuleError(_("Write a sentence about the change you would like."))
    transitions.move(
        walk,
        "ask_change",
        by=by,
        now=now,
        words=words,
        decided_by=by,
        decided_at=now,
        suggested_date=suggested_date,
        suggested_period=suggested_period,
    )
    emails.change_asked(walk, words=words, now=now)
    schedule.forget(walk, now=now)


def approve_all(walks: Iterable[Walk], *, by: Person, now: dt.datetime) -> tuple[int, list[str]]:
    """Approve each walk as it was shown. Those that another person decided meanwhile are named, the rest approved."""
    done = 0
    refused = []
    for walk in walks:
        try:
            approve(walk, by=by, now=now, version=walk.calendar_sequence)
            done += 1
        except RuleError as error:
            refused.append(f"{walk.walker.full_name}: {error}")
    return done, refused


@transaction.atomic
def cancel(walk: Walk, *, by: Person | None, now: dt.datetime) -> None:
    """Cancel the walk and write to everybody who knew of it.

    `by=None`: its walker has left, perhaps long ago. Nobody pressed a button, so the mails keep to the quiet hours, and
    nobody gets one about a walk whose time has passed.
    """
    locks.lock_walk(walk)
    was_approved = walk.state == State.APPROVED
    was_sent = walk.state != State.DRAFT
    action = "walker_left" if by is None else "cancel"
    transitions.move(walk, action, by=by, now=now, cancelled_at=now, calendar_sequence=walk.calendar_sequence + 1)
    if was_sent and (by or walk.ends_at > now):
        deliver_at = None if by else fit_quiet_hours(walk.walker.school, now, deadline=walk.starts_at)
        emails.cancelled(walk, now=now, was_approved=was_approved, deliver_at=deliver_at)
    schedule.forget(walk, now=now)


@transaction.atomic
def start(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Enter the first room: from here on the plan is no longer changed, only walked."""
    transitions.move(walk, "start", by=by, now=now, started_at=now)
    schedule.after_start(walk, now=now)


@transaction.atomic
def finish(walk: Walk, *, by: Person, now: dt.datetime, ended_at: dt.datetime | None = None) -> None:
    """End the walk, now or at the time when it was over; 24 hours for praise run from then."""
    _end(walk, "finish", by=by, now=now, ended_at=ended_at or now)


@transaction.atomic
def finish_forgotten(walk: Walk, *, now: dt.datetime, ended_at: dt.datetime) -> None:
    """End a walk whose Finish was forgotten, at the last activity on it; the 24 hours for praise run from then."""
    _end(walk, "finish_forgotten", by=None, now=now, ended_at=ended_at)


def _end(walk: Walk, action: str, *, by: Person | None, now: dt.datetime, ended_at: dt.datetime) -> None:
    transitions.move(walk, action, by=by, now=now, finished_at=ended_at, praise_due_at=ended_at + PRAISE_HOURS)
    schedule.after_finish(walk, now=now)


@transaction.atomic
def mark_not_walked(walk: Walk, *, now: dt.datetime) -> None:
    """The walk was started, but no room was visited and nothing was noted: treat it as a missed slot."""
    transitions.move(walk, "not_walked", by=None, now=now, started_at=None)
    schedule.after_slip(walk, now=now)


@transaction.atomic
def correct(walk: Walk, *, by: Person, now: dt.datetime, started_at: dt.datetime, finished_at: dt.datetime) -> None:
    """The walker corrects when the walk began and ended, on the day on which it was walked.

    The 24 hours for the praise follow the new end. Once they are over they can only become shorter: moving the end
    must not turn a late thank-you into a timely one.
    """
    if walk.started_at is None or walk.praise_due_at is None:
        raise RuleError(_("This walk isn’t finished yet."))
    if not started_at < finished_at <= now:
        raise RuleError(_("The end has to be after the start, and not in the future."))
    school = walk.walker.school
    if {local_date(school, started_at), local_date(school, finished_at)} != {local_date(school, walk.started_at)}:
        raise RuleError(_("Choose times on the day of the walk."))
    mark = finished_at + PRAISE_HOURS
    if walk.praise_due_at <= now:
        mark = min(mark, walk.praise_due_at)
    transitions.move(
        walk, "correct", by=by, now=now, started_at=started_at, finished_at=finished_at, praise_due_at=mark
    )
    schedule.after_correction(walk, now=now)


@transaction.atomic
def log(walk: Walk, *, by: Person, now: dt.datetime, started_at: dt.datetime, finished_at: dt.datetime) -> None:
    """ "I did walk": record an agreed walk afterwards; the 24 hours run from when it ended."""
    if not started_at < finished_at <= now:
        raise RuleError(_("The end has to be after the start, and not in the future."))
    transitions.move(
        walk,
        "log",
        by=by,
        now=now,
        started_at=started_at,
        finished_at=finished_at,
        praise_due_at=finished_at + PRAISE_HOURS,
    )
    schedule.after_finish(walk, now=now)


@transaction.atomic
def complete(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Every visited host thanked and a takeaway written: the walk counts for its semester."""
    transitions.move(walk, "complete", by=by, now=now, completed_at=now)
    schedule.forget(walk, now=now)
    emails.completed(walk, now=now)


@transaction.atomic
def reopen(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Praise was taken back within its 30 seconds, so a host is owed thanks again."""
    transitions.move(walk, "reopen", by=by, now=now, completed_at=None)
    schedule.after_reopening(walk, now=now, times=walk.events.filter(action="reopen").count())
