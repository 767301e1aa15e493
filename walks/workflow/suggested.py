"""Approve many requests at once, each with the way out that was suggested."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import RuleError
from school.models import Person

from ..models import Walk
from ..planning import clashes
from ..planning.plan import is_planned_as, plan_of
from ..planning.requests_to_decide import TEACHING
from ..planning.suggested_ways import SuggestedWay
from . import approval, drafts


def approve_suggested(
    ways: Iterable[SuggestedWay], reasons: Mapping[int, str], *, calendar: Calendar, by: Person, now: dt.datetime
) -> tuple[list[Walk], list[str]]:
    """Approve each walk as suggested. Return the approved ones, and a sentence for each that could not be.

    `reasons`: why a walk is moved or loses a room, in words for its walker, by walk. Each plan is checked again,
    because the approval before it may have taken the last place in a room.
    """
    done = []
    refused = []
    for way in ways:
        walk = way.plan.walk
        assert walk is not None
        try:
            _refuse_clashes(way, calendar)
            done.append(_approve(way, walk, reasons.get(walk.pk, ""), calendar, by, now))
        except RuleError as error:
            refused.append(f"{walk.walker.full_name}: {error}")
    return done, refused


def _approve(way: SuggestedWay, walk: Walk, reason: str, calendar: Calendar, by: Person, now: dt.datetime) -> Walk:
    version = walk.calendar_sequence
    if is_planned_as(walk, way.plan):
        approval.approve(walk, by=by, now=now, cover=way.cover, version=version)
        return walk
    stored = plan_of(walk, stops=())  # the suggestion was made without the focus
    plan = replace(stored, date=way.plan.date, period=way.plan.period, stops=way.plan.stops)
    return drafts.adjust_and_approve(
        plan, calendar=calendar, by=by, now=now, cover=way.cover, words=reason, version=version
    )


def _refuse_clashes(way: SuggestedWay, calendar: Calendar) -> None:
    found = clashes.find_clashes(way.plan, calendar=calendar)
    if any(clash.kind != TEACHING or way.cover is None for clash in found):
        raise RuleError(_("The suggested way out no longer works. Have another look."))
