"""The one door through which a walk changes its state, and every decision about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.models import Period, Person

from . import due, emails, holding, telling
from .errors import AlreadyDecidedError
from .models import State, Walk, WalkEvent
from .permissions import is_walker, may_call_off, may_decide


@dataclass(frozen=True)
class Step:
    """From which states an action may start, where it leads, and who may do it."""

    origin: tuple[str, ...]
    target: str
    allowed: Callable[[Person, Walk], bool]
    only_if: Q = Q()  # noqa: RUF009 (never changed)


NOT_STARTED = Q(started_at__isnull=True)
LIVE = Q(started_at__isnull=False)
# Only the very time that the Head suggested is agreed by accepting it; anything else would be one's own decision.
AS_SUGGESTED = Q(suggested_period=F("period")) & (Q(suggested_date=None) | Q(suggested_date=F("date")))

# What a decider saw is told by its version: each time a walk is sent it has a new one.
NEXT_VERSION = F("calendar_sequence") + 1

# The whole life of a walk (product.md, section 3). There is no "rejected".
TABLE: dict[str, Step] = {
    "request": Step((State.DRAFT,), State.REQUESTED, is_walker),
    "change": Step((State.REQUESTED, State.CHANGES_ASKED, State.APPROVED), State.REQUESTED, is_walker, NOT_STARTED),
    "reply": Step((State.CHANGES_ASKED,), State.REQUESTED, is_walker),
    "accept": Step((State.CHANGES_ASKED,), State.APPROVED, is_walker, AS_SUGGESTED),
    "take_back": Step((State.REQUESTED, State.CHANGES_ASKED), State.DRAFT, is_walker),
    "approve": Step((State.REQUESTED,), State.APPROVED, may_decide),
    "adjust": Step((State.REQUESTED,), State.APPROVED, may_decide),
    "ask_change": Step((State.REQUESTED,), State.CHANGES_ASKED, may_decide),
    "start": Step((State.APPROVED,), State.APPROVED, is_walker, NOT_STARTED),
    "finish": Step((State.APPROVED,), State.WALKED, is_walker, LIVE),
    "log": Step((State.APPROVED,), State.WALKED, is_walker, NOT_STARTED),
    "complete": Step((State.WALKED,), State.COMPLETE, is_walker),
    "reopen": Step((State.COMPLETE,), State.WALKED, is_walker),
    "cancel": Step(
        (State.DRAFT, State.REQUESTED, State.CHANGES_ASKED, State.APPROVED), State.CANCELLED, may_call_off, NOT_STARTED
    ),
}


def may(person: Person, action: str, walk: Walk) -> bool:
    """Whether the person could do this action now: what templates ask before they draw a button."""
    step = TABLE[action]
    return walk.state in step.origin and _fits(step.only_if, walk) and step.allowed(person, walk)


def _fits(only_if: Q, walk: Walk) -> bool:
    """The condition of a step, as far as it can be told before the step prepares the walk."""
    if only_if == AS_SUGGESTED:
        return walk.suggested_period_id is not None
    started = walk.started_at is not None
    return started if only_if == LIVE else not started if only_if == NOT_STARTED else True


def _move(
    walk: Walk, action: str, version: int | None = None, *, by: Person, now: dt.datetime, words: str = "", **fields: Any
) -> None:
    """Check, change and record one step; of two people at once exactly one succeeds."""
    step = TABLE[action]
    if not step.allowed(by, walk):
        raise NotAllowedError(_("This one isn’t yours to decide."))
    with transaction.atomic():
        seen = Q() if version is None else Q(calendar_sequence=version)
        candidates = Walk.objects.filter(step.only_if, seen, pk=walk.pk, state__in=step.origin)
        if candidates.update(state=step.target, **fields) != 1:
            raise AlreadyDecidedError(telling.who_was_first(walk))
        WalkEvent.objects.create(walk=walk, actor=by, action=action, at=now, words=words)
    walk.refresh_from_db()


def waiting_count(person: Person) -> int:
    """How many requests wait for this person's decision (the badge)."""
    if not (person.is_head or person.is_administrator):
        return 0
    return Walk.objects.decidable_by(person).waiting().count()


@transaction.atomic
def request(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Send a draft to the Heads of the walker's grade."""
    _move(walk, "request", by=by, now=now, requested_at=now, calendar_sequence=NEXT_VERSION)
    emails.requested(walk, now=now)
    due.after_request(walk, now=now)


@transaction.atomic
def change(walk: Walk, *, by: Person, now: dt.datetime, was_agreed: bool, agreed_for: str = "") -> None:
    """Time or rooms were changed by the walker: the walk goes back for approval, calendars follow.

    `agreed_for`: the time that was agreed before, in words, for those who were told of it.
    """
    _move(
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
    due.after_request(walk, now=now)


@transaction.atomic
def reply(walk: Walk, *, words: str, by: Person, now: dt.datetime) -> None:
    """Answer the Head's question with words; the request waits for a decision again."""
    open_again = {"decided_by": None, "decided_at": None, "suggested_date": None, "suggested_period": None}
    _move(walk, "reply", by=by, now=now, words=words, requested_at=now, **open_again)
    emails.replied(walk, words=words, now=now)
    due.after_request(walk, now=now)


@transaction.atomic
def take_back(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Make a request a draft again, which only the walker sees."""
    _move(walk, "take_back", by=by, now=now, suggested_date=None, suggested_period=None)
    due.forget(walk, now=now)


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
    """Agree to the walk as it is, or as it was shown; the walker gets an invitation, hosts and cover are told."""
    _move(walk, "approve", version, by=by, now=now, words=words, **_agreed(walk, by, now, cover))
    _tell_agreement(walk, now=now)


@transaction.atomic
def adjust(walk: Walk, *, by: Person, now: dt.datetime, cover: Person | None = None, words: str = "") -> None:
    """Agree to the walk whose time or rooms the Head has just changed."""
    _move(walk, "adjust", by=by, now=now, words=words, **_agreed(walk, by, now, cover))
    _tell_agreement(walk, now=now, adjusted_words=words)


@transaction.atomic
def accept(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """The walker takes the time that the Head suggested; it was the Head's, so it is agreed."""
    _move(walk, "accept", by=by, now=now, suggested_date=None, suggested_period=None, decided_at=now)
    _tell_agreement(walk, now=now)


def _agreed(walk: Walk, by: Person, now: dt.datetime, cover: Person | None) -> dict[str, Any]:
    from .clashes import lesson_taught_by_walker

    holding.hold_people(walk.walker, cover)
    if cover is not None:
        holding.refuse_busy(cover, walk)
    covered = lesson_taught_by_walker(walk) if cover is not None else None
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
    emails.hosts_told(walk, now=now)
    emails.cover_told(walk, now=now)
    due.after_approval(walk, now=now)


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
    _move(
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
    due.forget(walk, now=now)


def approve_all(walks: Iterable[Walk], *, by: Person, now: dt.datetime) -> tuple[int, list[str]]:
    """Approve each as it was read; those that somebody else decided meanwhile are named, the rest go through."""
    done, told = 0, []
    for walk in walks:
        try:
            approve(walk, by=by, now=now, version=walk.calendar_sequence)
            done += 1
        except RuleError as error:
            told.append(f"{walk.walker.full_name}: {error}")
    return done, told


@transaction.atomic
def cancel(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Call the walk off; everybody who was told before is told."""
    holding.hold(walk)
    told_before = walk.state == State.APPROVED
    was_sent = walk.state != State.DRAFT
    _move(walk, "cancel", by=by, now=now, cancelled_at=now, calendar_sequence=walk.calendar_sequence + 1)
    if was_sent:
        emails.cancelled(walk, now=now, told_before=told_before)
    due.forget(walk, now=now)


@transaction.atomic
def start(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Open the first door: from here on the plan is no longer changed, only walked."""
    _move(walk, "start", by=by, now=now, started_at=now)


@transaction.atomic
def finish(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """End the walk; from now 24 real hours run for the praise, weekends included."""
    _move(walk, "finish", by=by, now=now, finished_at=now, praise_due_at=now + dt.timedelta(hours=24))
    due.after_finish(walk, now=now)


@transaction.atomic
def log(walk: Walk, *, by: Person, now: dt.datetime, started_at: dt.datetime, finished_at: dt.datetime) -> None:
    """ "I did walk": record an agreed walk afterwards; the 24 hours run from when it ended."""
    if not started_at < finished_at <= now:
        raise RuleError(_("A walk ends after it starts, and not in the future."))
    _move(
        walk,
        "log",
        by=by,
        now=now,
        started_at=started_at,
        finished_at=finished_at,
        praise_due_at=finished_at + dt.timedelta(hours=24),
    )
    due.after_finish(walk, now=now)


@transaction.atomic
def complete(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Every visited host thanked and a takeaway written: the walk counts for its semester."""
    _move(walk, "complete", by=by, now=now, completed_at=now)
    due.forget(walk, now=now)
    emails.completed(walk, now=now)


@transaction.atomic
def reopen(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """A praise was taken back within its 30 seconds, so one host has not heard yet."""
    _move(walk, "reopen", by=by, now=now, completed_at=None)
    due.after_reopening(walk, now=now, times=walk.events.filter(action="reopen").count())
