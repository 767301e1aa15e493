"""The only module that changes a walk’s state: the table of all transitions, and the function that makes one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.models import Person

from ..errors import AlreadyDecidedError, TimePassedError
from ..models import State, Walk, WalkEvent
from ..permissions import is_walker, may_cancel, may_decide
from . import history

Change = Mapping[str, Any]  # what a decider changed in the plan; see decisions.plan_changes.to_record
NONE: Change = MappingProxyType({})


@dataclass(frozen=True)
class Condition:
    """A condition in two forms: a filter for rows of the database, and a check of one walk in memory."""

    rows: Q
    is_met_by: Callable[[Walk], bool]


ALWAYS = Condition(Q(), lambda walk: True)
NOT_STARTED = Condition(Q(started_at__isnull=True), lambda walk: walk.started_at is None)
# The visit through an open door has no plan: its visitor cancels it and chooses another door.
PLANNED = Condition(
    Q(started_at__isnull=True, is_drop_in=False), lambda walk: walk.started_at is None and not walk.is_drop_in
)
LIVE = Condition(Q(started_at__isnull=False), lambda walk: walk.started_at is not None)
# The walker may accept only the exact time that the decider suggested; otherwise they would approve their own walk.
# `may` is called before the walk gets the suggested time, so the check in memory asks only whether one was suggested.
# `move` (a change of state) is called afterwards, so the filter compares the times.
AS_SUGGESTED = Condition(
    Q(suggested_period=F("period")) & (Q(suggested_date=None) | Q(suggested_date=F("date"))),
    lambda walk: walk.suggested_period_id is not None,
)


@dataclass(frozen=True)
class Transition:
    """The states in which an action is possible, the state after it, and who may do it.

    `allowed=None`: only the system may do it. `before_start` and `before_end`: it is not possible after the planned
    start or end of the walk.
    """

    origin: tuple[str, ...]
    target: str
    allowed: Callable[[Person, Walk], bool] | None
    only_if: Condition = ALWAYS
    before_end: bool = False
    before_start: bool = False

    def is_allowed(self, by: Person | None, walk: Walk) -> bool:
        """Whether the person may do the action, or the system if `by` is None."""
        if self.allowed is None or by is None:
            return self.allowed is None and by is None
        return self.allowed(by, walk)


NOT_OVER = (State.DRAFT, State.REQUESTED, State.CHANGES_ASKED, State.APPROVED)

# All actions. There is no "reject": a decider asks for a change instead.
TABLE: dict[str, Transition] = {
    "request": Transition((State.DRAFT,), State.REQUESTED, is_walker),
    # change: the walker changes a sent walk, even an approved one. change_approved: a decider changes an approved walk.
    # adjust: a decider approves with a change. reconsider: a decider asks for a change of an approved walk.
    # take_back: the walker takes back the request. take_back_question: a decider takes back the question.
    "change": Transition((State.REQUESTED, State.CHANGES_ASKED, State.APPROVED), State.REQUESTED, is_walker, PLANNED),
    "reply": Transition((State.CHANGES_ASKED,), State.REQUESTED, is_walker),
    "accept": Transition((State.CHANGES_ASKED,), State.APPROVED, is_walker, AS_SUGGESTED, before_end=True),
    "take_back": Transition((State.REQUESTED, State.CHANGES_ASKED), State.DRAFT, is_walker),
    "lapse": Transition((State.REQUESTED, State.CHANGES_ASKED), State.DRAFT, None),
    "approve": Transition((State.REQUESTED,), State.APPROVED, may_decide, before_end=True),
    "adjust": Transition((State.REQUESTED,), State.APPROVED, may_decide, before_end=True),
    "ask_change": Transition((State.REQUESTED,), State.CHANGES_ASKED, may_decide),
    "undo_approval": Transition((State.APPROVED,), State.REQUESTED, may_decide, PLANNED, before_start=True),
    "take_back_question": Transition((State.CHANGES_ASKED,), State.REQUESTED, may_decide),
    "change_approved": Transition((State.APPROVED,), State.APPROVED, may_decide, PLANNED, before_end=True),
    "reconsider": Transition((State.APPROVED,), State.CHANGES_ASKED, may_decide, PLANNED, before_end=True),
    "cancel_approved": Transition((State.APPROVED,), State.CANCELLED, may_decide, NOT_STARTED),
    "change_cover": Transition((State.APPROVED,), State.APPROVED, may_decide, PLANNED),
    "release_cover": Transition((State.APPROVED,), State.APPROVED, may_decide, PLANNED),
    # A visit through an open door. Nobody approves it.
    "drop_in": Transition((State.DRAFT,), State.APPROVED, is_walker, NOT_STARTED),
    "door_closed": Transition((State.APPROVED,), State.CANCELLED, None, NOT_STARTED),
    "not_visited": Transition((State.APPROVED,), State.CANCELLED, None, NOT_STARTED),
    "start": Transition((State.APPROVED,), State.APPROVED, is_walker, NOT_STARTED),
    "finish": Transition((State.APPROVED,), State.WALKED, is_walker, LIVE),
    "finish_forgotten": Transition((State.APPROVED,), State.WALKED, None, LIVE),
    # The walk was started, but no room was visited: the system clears the start, and the walk counts as not walked.
    "not_walked": Transition((State.APPROVED,), State.APPROVED, None, LIVE),
    # Correct the times of a walked or complete walk.
    "correct": Transition((State.WALKED,), State.WALKED, is_walker),
    "correct_complete": Transition((State.COMPLETE,), State.COMPLETE, is_walker),
    "log": Transition((State.APPROVED,), State.WALKED, is_walker, NOT_STARTED),
    "log_unplanned": Transition((State.DRAFT,), State.WALKED, is_walker, NOT_STARTED),
    "complete": Transition((State.WALKED,), State.COMPLETE, is_walker),
    "reopen": Transition((State.COMPLETE,), State.WALKED, is_walker),
    "cancel": Transition(NOT_OVER, State.CANCELLED, may_cancel, NOT_STARTED),
    "walker_left": Transition(NOT_OVER, State.CANCELLED, None, NOT_STARTED),
}


def may(person: Person, action: str, walk: Walk) -> bool:
    """Whether the person could do this action now. Views and templates ask this before they show a button."""
    transition = TABLE[action]
    return (
        walk.state in transition.origin and transition.only_if.is_met_by(walk) and transition.is_allowed(person, walk)
    )


def raise_not_possible(walk: Walk, action: str, *, by: Person) -> NoReturn:
    """Raise the error for an action that is not possible now: it is not allowed, or another person was first."""
    if not TABLE[action].is_allowed(by, walk):
        raise NotAllowedError(_("You can’t do that with this walk."))
    raise AlreadyDecidedError(history.who_was_first(walk, by))


def move(
    walk: Walk,
    action: str,
    version: int | None = None,
    *,
    by: Person | None,
    now: dt.datetime,
    words: str = "",
    change: Change = NONE,
    **fields: Any,
) -> None:
    """Check, store and record one transition. Of two concurrent transitions only one succeeds.

    `by=None` is the system. `version` is the `calendar_sequence` that the page showed; if the walk has changed since,
    AlreadyDecidedError is raised. TimePassedError is raised if the action is too late for the time of the walk. `words`
    and `change` are stored with the event.
    """
    transition = TABLE[action]
    if not transition.is_allowed(by, walk):
        raise NotAllowedError(_("You can’t do that with this walk."))
    with transaction.atomic():
        unchanged = Q() if version is None else Q(calendar_sequence=version)
        candidates = Walk.objects.filter(transition.only_if.rows, unchanged, pk=walk.pk, state__in=transition.origin)
        in_time = Q(ends_at__gt=now) if transition.before_end else Q()
        if transition.before_start:
            in_time = Q(starts_at__gt=now)
        if candidates.filter(in_time).update(state=transition.target, **fields) != 1:
            raise _error_after_failed_update(walk, candidates, by)
        WalkEvent.objects.create(walk=walk, actor=by, action=action, at=now, words=words, change=dict(change))
    walk.refresh_from_db()


def _error_after_failed_update(walk: Walk, candidates: QuerySet[Walk], by: Person | None) -> RuleError:
    """Return the error of a failed transition: another person was first, or it is too late."""
    if not candidates.exists():
        return AlreadyDecidedError(history.who_was_first(walk, by))
    if candidates.filter(state=State.APPROVED).exists():
        return TimePassedError(_("The time of this walk has come, so it stays approved."))
    words = _("The time of this walk has passed. It goes back to %(name)s, who can pick another day.")
    return TimePassedError(words % {"name": walk.walker.short_name})
