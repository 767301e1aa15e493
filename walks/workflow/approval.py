"""The actions that change a walk's state. `transitions.move` checks each; these functions send the mails about it."""

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
from ..mail import answer_emails, decision_emails, emails, ending_emails, schedule, unplanned_emails
from ..models import State, Walk
from . import history, locks, transitions
from .transitions import NONE, Change

LONGEST_WALK = dt.timedelta(hours=3)  # with a pause; the plan itself has at most 90 minutes
PRAISE_HOURS = dt.timedelta(hours=24)  # real hours, weekends included
UNDECIDED: dict[str, Any] = {
    "decided_by": None,
    "decided_at": None,
    "suggested_date": None,
    "suggested_period": None,
}
# A walk gets a new version each time it is sent, so that nobody approves a plan other than the one on their page.
NEXT_VERSION = F("calendar_sequence") + 1


def waiting_count(person: Person) -> int:
    """Count the requests that wait for this person's decision (the badge)."""
    if not (person.is_head or person.is_administrator):
        return 0
    return Walk.objects.decidable_by(person).waiting().count()


@transaction.atomic
def request(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Send a draft to its deciders."""
    transitions.move(walk, "request", by=by, now=now, requested_at=now, calendar_sequence=NEXT_VERSION)
    emails.send_request(walk, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def change(walk: Walk, *, by: Person, now: dt.datetime, was_agreed: bool, approved_time: str = "") -> None:
    """Ask for a new approval after the walker changed time or rooms.

    `approved_time` is the time that was approved before, in words, for the mails to the people who know of it.
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
    emails.send_request(walk, now=now)
    if was_agreed:
        decision_emails.send_approval_withdrawn(walk, approved_time=approved_time, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def reply(walk: Walk, *, words: str, by: Person, now: dt.datetime) -> None:
    """Answer the decider's question with words. The request waits for a decision again."""
    transitions.move(walk, "reply", by=by, now=now, words=words, requested_at=now, **UNDECIDED)
    answer_emails.send_reply(walk, words=words, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def take_back(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Make a request a draft again, which only the walker sees. A decider who asked for a change gets a mail."""
    locks.lock_walk(walk)
    asked_by = answer_emails.person_waiting_for_answer(walk)
    transitions.move(walk, "take_back", by=by, now=now, **UNDECIDED)
    emails.stop_question_mail(walk, now=now)
    answer_emails.send_taken_back(walk, asked_by=asked_by, now=now)
    schedule.drop_reminders(walk, now=now)


@transaction.atomic
def lapse(walk: Walk, *, now: dt.datetime) -> None:
    """Make a request whose day passed without an approval a draft again (docs/adr/0010).

    The walker's calendar needs no CANCEL: a request has no entry, because a change of an approved walk removes it.
    """
    locks.lock_walk(walk)
    if not status.has_lapsed(walk, now):
        raise AlreadyDecidedError(history.who_was_first(walk, None))
    asked_by = answer_emails.person_waiting_for_answer(walk)
    transitions.move(walk, "lapse", by=None, now=now, **UNDECIDED)
    schedule.drop_reminders(walk, now=now)
    ending_emails.send_lapse_mails(walk, asked_by=asked_by, now=now)


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
    """Approve the walk. The walker gets a calendar invitation, hosts and cover get mails.

    If a `version` is given and the walk has changed since, it is not approved.
    """
    fields = approval_fields(walk, by, now, cover)
    transitions.move(walk, "approve", version, by=by, now=now, words=words, **fields)
    _send_approval_mails(walk, now=now, deliver_at=now + emails.TIME_TO_UNDO)


@transaction.atomic
def adjust(
    walk: Walk, *, by: Person, now: dt.datetime, cover: Person | None = None, words: str = "", change: Change = NONE
) -> None:
    """Approve the walk whose time or rooms the decider has just changed. `change` says what changed."""
    fields = approval_fields(walk, by, now, cover)
    transitions.move(walk, "adjust", by=by, now=now, words=words, change=change, **fields)
    _send_approval_mails(walk, now=now, is_adjusted=True, deliver_at=now + emails.TIME_TO_UNDO)


@transaction.atomic
def accept(walk: Walk, *, by: Person, now: dt.datetime, left_out: str = "") -> None:
    """Approve the walk at the time that the decider suggested. `left_out` names the rooms that the walk drops."""
    locks.lock_people(walk.walker)
    locks.refuse_covering_walker(walk, by=by)
    transitions.move(walk, "accept", by=by, now=now, suggested_date=None, suggested_period=None, decided_at=now)
    _send_approval_mails(walk, now=now)
    answer_emails.send_accepted(walk, left_out=left_out, now=now)


def approval_fields(walk: Walk, by: Person, now: dt.datetime, cover: Person | None) -> dict[str, Any]:
    """Lock the people and the lesson, refuse a person who is not free, and return the fields that an approval sets."""
    locks.lock_people(walk.walker, cover)
    locks.refuse_covering_walker(walk, by=by)
    if cover is not None:
        locks.refuse_busy_cover(cover, walk)
    # The lesson is stored even if nobody covers it: it shows that the decider knew of it, so no mail asks for cover.
    lesson = locks.lock_lesson(walk)
    return {
        "decided_by": by,
        "decided_at": now,
        "cover": cover if lesson else None,
        "covered_lesson": lesson,
        "suggested_date": None,
        "suggested_period": None,
    }


def _send_approval_mails(
    walk: Walk, *, now: dt.datetime, is_adjusted: bool = False, deliver_at: dt.datetime | None = None
) -> None:
    emails.send_approval(walk, now=now, is_adjusted=is_adjusted, deliver_at=deliver_at)
    emails.send_host_mails(walk, now=now, deliver_at=deliver_at)
    emails.send_cover_mail(walk, now=now, deliver_at=deliver_at)
    schedule.after_approval(walk, now=now)


def question_fields(
    words: str, suggested_date: dt.date | None, suggested_period: Period | None, *, by: Person, now: dt.datetime
) -> dict[str, Any]:
    """Return the fields of a walk whose walker is asked for a change. Raise RuleError without words."""
    if not words.strip():
        raise RuleError(_("Write a sentence about the change you would like."))
    return {
        "decided_by": by,
        "decided_at": now,
        "suggested_date": suggested_date,
        "suggested_period": suggested_period,
    }


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
    """Ask the walker for a change, with words and perhaps another time. The walker accepts the time or replies."""
    question = question_fields(words, suggested_date, suggested_period, by=by, now=now)
    transitions.move(walk, "ask_change", by=by, now=now, words=words, **question)
    emails.send_change_question(walk, words=words, now=now, deliver_at=now + emails.TIME_TO_UNDO)
    schedule.drop_reminders(walk, now=now)


def approve_all(walks: Iterable[Walk], *, by: Person, now: dt.datetime) -> tuple[list[Walk], list[str]]:
    """Approve each walk unless it changed after it was read. Return these walks, and why the others were refused."""
    approved: list[Walk] = []
    refusals = []
    for walk in walks:
        try:
            approve(walk, by=by, now=now, version=walk.calendar_sequence)
        except RuleError as error:
            refusals.append(f"{walk.walker.full_name}: {error}")
        else:
            approved.append(walk)
    return approved, refusals


@transaction.atomic
def cancel(walk: Walk, *, by: Person | None, now: dt.datetime) -> None:
    """Cancel the walk and mail everybody who knows of it.

    `by=None`: the system cancels it, because the walker has left, perhaps long ago. Then the mails wait for the end of
    the quiet hours, and nobody gets a mail about a walk whose time has passed.
    """
    locks.lock_walk(walk)
    was_approved = walk.state == State.APPROVED
    was_sent = walk.state != State.DRAFT
    action = "walker_left" if by is None else "cancel"
    transitions.move(walk, action, by=by, now=now, cancelled_at=now, calendar_sequence=walk.calendar_sequence + 1)
    if was_sent and (by or walk.ends_at > now):
        deliver_at = None if by else fit_quiet_hours(walk.walker.school, now, deadline=walk.starts_at)
        ending_emails.send_cancellation(walk, now=now, was_approved=was_approved, deliver_at=deliver_at)
    schedule.drop_reminders(walk, now=now)


@transaction.atomic
def start(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Begin the walk. From now on its plan cannot be changed."""
    transitions.move(walk, "start", by=by, now=now, started_at=now, notes_rule=walk.walker.school.notes_about_a_room)
    schedule.after_start(walk, now=now)


@transaction.atomic
def finish(walk: Walk, *, by: Person, now: dt.datetime, ended_at: dt.datetime | None = None) -> None:
    """End the walk now or at `ended_at`. Praise is due 24 hours later."""
    _end(walk, "finish", by=by, now=now, ended_at=ended_at or now)


@transaction.atomic
def finish_forgotten(walk: Walk, *, now: dt.datetime, ended_at: dt.datetime) -> None:
    """End a walk whose walker forgot to press Finish, at `ended_at`. Praise is due 24 hours later."""
    _end(walk, "finish_forgotten", by=None, now=now, ended_at=ended_at)


def _end(walk: Walk, action: str, *, by: Person | None, now: dt.datetime, ended_at: dt.datetime) -> None:
    transitions.move(walk, action, by=by, now=now, finished_at=ended_at, praise_due_at=ended_at + PRAISE_HOURS)
    schedule.after_finish(walk, now=now)


@transaction.atomic
def mark_not_walked(walk: Walk, *, now: dt.datetime) -> None:
    """Turn a started walk into a missed one, because no room was visited and nothing was noted."""
    transitions.move(walk, "not_walked", by=None, now=now, started_at=None)
    schedule.after_missed_walk(walk, now=now)


@transaction.atomic
def correct(walk: Walk, *, by: Person, now: dt.datetime, started_at: dt.datetime, finished_at: dt.datetime) -> None:
    """Correct when the walk began and ended, on the same day.

    Praise is due 24 hours after the new end. If it was due already, a later end does not move the deadline: otherwise
    late praise could be made to look timely. A complete walk owes no praise, so only its times change.
    """
    if walk.started_at is None or walk.praise_due_at is None:
        raise RuleError(_("This walk isn’t finished yet."))
    if not started_at < finished_at <= now:
        raise RuleError(_("The end has to be after the start, and not in the future."))
    school = walk.walker.school
    if {local_date(school, started_at), local_date(school, finished_at)} != {local_date(school, walk.started_at)}:
        raise RuleError(_("Choose times on the day of the walk."))
    if finished_at - started_at > LONGEST_WALK:
        raise RuleError(_("That is more than three hours. Check both times."))
    if walk.state == State.COMPLETE:
        transitions.move(walk, "correct_complete", by=by, now=now, started_at=started_at, finished_at=finished_at)
        return
    praise_due_at = finished_at + PRAISE_HOURS
    if walk.praise_due_at <= now:
        praise_due_at = min(praise_due_at, walk.praise_due_at)
    transitions.move(
        walk, "correct", by=by, now=now, started_at=started_at, finished_at=finished_at, praise_due_at=praise_due_at
    )
    schedule.after_correction(walk, now=now)


@transaction.atomic
def log(walk: Walk, *, by: Person, now: dt.datetime, started_at: dt.datetime, finished_at: dt.datetime) -> None:
    """Record afterwards that an approved walk took place. Praise is due 24 hours after its end."""
    if not started_at < finished_at <= now:
        raise RuleError(_("The end has to be after the start, and not in the future."))
    transitions.move(
        walk,
        "log",
        by=by,
        now=now,
        notes_rule=walk.walker.school.notes_about_a_room,
        started_at=started_at,
        finished_at=finished_at,
        praise_due_at=finished_at + PRAISE_HOURS,
    )
    schedule.after_finish(walk, now=now)


@transaction.atomic
def log_unplanned(
    walk: Walk, *, by: Person, now: dt.datetime, started_at: dt.datetime, finished_at: dt.datetime
) -> None:
    """Record a walk without a plan. Nobody approves it, but the deciders get a mail (docs/adr/0014)."""
    transitions.move(
        walk,
        "log_unplanned",
        by=by,
        now=now,
        notes_rule=walk.walker.school.notes_about_a_room,
        requested_at=now,  # from now on the Heads of the walker's grade see it
        started_at=started_at,
        finished_at=finished_at,
        praise_due_at=finished_at + PRAISE_HOURS,
    )
    unplanned_emails.send_walk_logged_without_plan(walk, now=now)
    schedule.after_finish(walk, now=now)


@transaction.atomic
def complete(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Mark the walk as complete, so that it counts for its semester. `completion` decides when."""
    transitions.move(walk, "complete", by=by, now=now, completed_at=now)
    schedule.drop_reminders(walk, now=now)
    ending_emails.send_completion(walk, now=now)


@transaction.atomic
def reopen(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Make a complete walk incomplete again, because a host has to be thanked again."""
    transitions.move(walk, "reopen", by=by, now=now, completed_at=None)
    schedule.after_reopening(walk, now=now, times=walk.events.filter(action="reopen").count())
