"""A decider changes a decision: takes it back, changes an approved walk, asks about it again, or cancels it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import RuleError
from school.models import Period, Person
from school.places import rooms_of

from ..decisions import plan_changes
from ..errors import AlreadyDecidedError
from ..mail import decision_emails, emails, ending_emails, schedule
from ..models import Walk
from ..planning import clashes
from ..planning.plan import Plan, PlannedStop, plan_of
from . import approval, drafts, history, locks, transitions

COVER_CHANGES = ("change_cover", "release_cover")  # they keep the version of the walk


@dataclass(frozen=True)
class EarlierPlan:
    """Time and rooms (id and minutes) of a walk before a decider adjusted it."""

    date: dt.date
    period: int
    rooms: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, walk: Walk) -> EarlierPlan:
        """Return the current time and rooms of the stored walk (one query)."""
        rooms = dict.fromkeys(walk.stops.values_list("room_id", "minutes"))
        return cls(walk.date, walk.period_id, tuple(rooms))

    def plan(self, walk: Walk) -> Plan | None:
        """Return the plan with this time, these rooms, and the hosts who teach there then; None without the period."""
        school = walk.walker.school
        calendar = Calendar(school)
        period = calendar.period(self.period)
        rooms = rooms_of(school)
        stops = tuple(PlannedStop(rooms[pk], (), minutes=minutes) for pk, minutes in self.rooms if pk in rooms)
        plan = replace(plan_of(walk), stops=stops)
        if period is None:
            return None
        availability = clashes.availability_for(plan, first=self.date, last=self.date, calendar=calendar)
        return plan.at(self.date, period, availability=availability)


@transaction.atomic
def undo_approval(
    walk: Walk, *, version: int | None = None, earlier: EarlierPlan | None = None, by: Person, now: dt.datetime
) -> None:
    """Take an approval back: the walk waits for a decision again.

    `earlier`: the plan before the decider adjusted it; it replaces the adjusted one. `version`: refuse if the cover has
    changed since. Mails that still wait are withdrawn; everyone else who knows of the walk gets a mail.
    """
    locks.lock_people(walk.walker)
    locks.lock_walk(walk)
    last = walk.events.order_by("at", "pk").last()
    if version is not None and last is not None and last.action in COVER_CHANGES:
        transitions.raise_not_possible(walk, "undo_approval", by=by)
    approved_time = emails.day_and_period(walk)
    fields = {**approval.UNDECIDED, "cover": None, "covered_lesson": None}
    transitions.move(walk, "undo_approval", version, by=by, now=now, **fields)
    plan = earlier.plan(walk) if earlier and earlier != EarlierPlan.of(walk) else None
    if plan is not None:
        drafts.write(walk, plan)
    decision_emails.send_approval_undone(
        walk, approved_time=approved_time, has_original_plan=plan is not None, by=by, now=now
    )
    schedule.drop_reminders(walk, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def take_back_question(walk: Walk, *, question: int | None = None, by: Person, now: dt.datetime) -> None:
    """Take back the request for a change: the walk waits for a decision again.

    `question`: the id of the question that the page showed; refuse if a newer one has been asked since.
    """
    locks.lock_walk(walk)
    latest = history.latest_question(walk)
    if question is not None and latest is not None and latest.pk != question:
        raise AlreadyDecidedError(_("There is a newer request for a change, so nothing was taken back."))
    transitions.move(walk, "take_back_question", by=by, now=now, **approval.UNDECIDED)
    decision_emails.send_question_taken_back(walk, by=by, now=now)
    schedule.after_request(walk, now=now)


@transaction.atomic
def change_approved(
    plan: Plan,
    *,
    calendar: Calendar,
    by: Person,
    now: dt.datetime,
    cover: Person | None = None,
    words: str = "",
    version: int | None = None,
) -> Walk:
    """Change time, rooms or cover of an approved walk, as it was shown. It stays approved."""
    drafts.refuse_unready(plan, calendar, now)
    assert plan.walk is not None
    locks.lock_people(plan.walker, cover)
    locks.lock_lessons(plan.walk, plan)
    walk = drafts.stored_walk(plan, None) or plan.walk
    if not transitions.may(by, "change_approved", walk) or version not in (None, walk.calendar_sequence):
        transitions.raise_not_possible(walk, "change_approved", by=by)
    known = decision_emails.what_people_know(walk)
    change = plan_changes.to_record(plan_of(walk), plan, calendar=calendar)
    drafts.write(walk, plan)
    emails.raise_sequence(walk)
    fields = approval.approval_fields(walk, by, now, cover)
    transitions.move(walk, "change_approved", by=by, now=now, words=words, change=change, **fields)
    decision_emails.send_approval_changed(walk, known=known, now=now)
    schedule.drop_reminders(walk, now=now)
    schedule.after_approval(walk, now=now)
    return walk


@transaction.atomic
def reconsider(
    walk: Walk,
    *,
    words: str,
    by: Person,
    now: dt.datetime,
    suggested_date: dt.date | None = None,
    suggested_period: Period | None = None,
) -> None:
    """Ask for a change of an approved walk: it is not approved any more until its walker answers."""
    question = approval.question_fields(words, suggested_date, suggested_period, by=by, now=now)
    locks.lock_walk(walk)
    approved_time = emails.day_and_period(walk)
    transitions.move(
        walk,
        "reconsider",
        by=by,
        now=now,
        words=words,
        cover=None,
        covered_lesson=None,
        **question,
    )
    decision_emails.send_approval_reconsidered(walk, words=words, approved_time=approved_time, now=now)
    schedule.drop_reminders(walk, now=now)


@transaction.atomic
def cancel_approved(walk: Walk, *, words: str, by: Person, now: dt.datetime) -> None:
    """Cancel an approved walk. Everybody who knows of it gets a mail with these words."""
    if not words.strip():
        raise RuleError(_("Write a sentence about why the walk can’t take place."))
    locks.lock_walk(walk)
    version = walk.calendar_sequence + 1
    transitions.move(walk, "cancel_approved", by=by, now=now, words=words, cancelled_at=now, calendar_sequence=version)
    ending_emails.send_cancellation(walk, now=now, was_approved=True, by=by, words=words)
    schedule.drop_reminders(walk, now=now)
