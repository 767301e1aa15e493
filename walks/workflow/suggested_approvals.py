"""Approve many requests at once, each as the page suggested."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import RuleError
from school.models import Person

from ..decisions.requests_to_decide import TEACHING, PendingRequest
from ..decisions.suggested_decisions import RequestWithSuggestion, SuggestedDecision
from ..models import Walk
from ..planning import clashes
from ..planning.plan import is_planned_as, plan_of
from . import approval, drafts


def approve_suggested(
    requests: Iterable[RequestWithSuggestion], *, calendar: Calendar, by: Person, now: dt.datetime
) -> tuple[list[Walk], list[str]]:
    """Approve each request as suggested. Return the approved walks, and a sentence for each that could not be.

    Each plan is checked again, because the approval before it may have taken the last place in a room.
    """
    approved = []
    refusals = []
    for line in requests:
        assert line.suggestion is not None
        try:
            _refuse_clashes(line.suggestion, calendar)
            approved.append(_approve(line.request, line.suggestion, calendar=calendar, by=by, now=now))
        except RuleError as error:
            refusals.append(f"{line.request.walk.walker.full_name}: {error}")
    return approved, refusals


def _approve(
    request: PendingRequest, suggestion: SuggestedDecision, *, calendar: Calendar, by: Person, now: dt.datetime
) -> Walk:
    walk = request.walk
    version = walk.calendar_sequence
    if is_planned_as(walk, suggestion.plan):
        approval.approve(walk, by=by, now=now, cover=suggestion.cover, version=version)
        return walk
    stored = plan_of(walk, stops=())  # the suggestion was made without the focus
    changed = suggestion.plan
    plan = replace(stored, date=changed.date, period=changed.period, stops=changed.stops, starts_at=changed.starts_at)
    return drafts.adjust_and_approve(
        plan,
        calendar=calendar,
        by=by,
        now=now,
        cover=suggestion.cover,
        version=version,
    )


def _refuse_clashes(suggestion: SuggestedDecision, calendar: Calendar) -> None:
    found = clashes.find_clashes(suggestion.plan, calendar=calendar)
    if any(clash.kind != TEACHING or suggestion.cover is None for clash in found):
        raise RuleError(_("This suggestion no longer works. Have another look."))
