"""What a Head of Grade looks at before approving, answered by the page as far as it can."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.text.typed import number_in_words

from ..availability.availability import Availability
from .plan import Plan
from .requests_to_decide import TEACHING, RequestFinding

A_WEEK = dt.timedelta(days=7)
MANY = 4  # other walks to one room within the two weeks around the walk


@dataclass(frozen=True)
class Check:
    """One answer; `good`: nothing to do about it."""

    good: bool
    words: str


def answers(
    plan: Plan, findings: Iterable[RequestFinding], *, availability: Availability, reads_focus: bool
) -> list[Check]:
    """Return the answers: time, rooms, visitors, cover, focus, heads-up."""
    listed = list(findings)
    checks = [_time(listed), _spread(plan), _visitors(plan, availability), _cover(listed)]
    if reads_focus:
        checks.append(_focus(plan))
    checks.append(_heads_up(plan))
    return checks


def _time(findings: list[RequestFinding]) -> Check:
    if any(finding.kind != TEACHING for finding in findings):
        return Check(False, _("There is a clash at this time: see above."))
    return Check(True, _("A good time: no tests, no other walk, rooms not full."))


def _spread(plan: Plan) -> Check:
    people = {stop.host.pk for stop in plan.stops if stop.host}
    if len(people) < 2:
        return Check(False, _("All these rooms are one colleague’s. A walk visits a hallway, building or team."))
    words = ngettext("%(n)s colleague is visited.", "%(n)s different colleagues are visited.", len(people))
    return Check(True, words % {"n": number_in_words(len(people))})


def _visitors(plan: Plan, availability: Availability) -> Check:
    """Whether other walks crowd a room, without any number: visits to a colleague are not counted for others."""
    assert plan.date is not None
    near = (availability.calendar, plan.date - A_WEEK, plan.date + A_WEEK)
    walks: Counter[int] = Counter()
    for visit in availability.scheduled_walks:
        day = visit.starts_at.astimezone(availability.school.zone).date()
        if near[1] <= day <= near[2] and not (plan.walk and visit.walk_id == plan.walk.pk):
            walks.update(visit.rooms)
    crowded = [stop.room.code for stop in plan.stops if walks[stop.room.pk] >= MANY]
    if not crowded:
        return Check(True, _("No room has many visitors in these two weeks."))
    rooms = get_text_list(crowded, _("and"))
    words = ngettext(
        "Room %(rooms)s has many visitors in these two weeks.",
        "Rooms %(rooms)s have many visitors in these two weeks.",
        len(crowded),
    )
    return Check(False, words % {"rooms": rooms})


def _cover(findings: list[RequestFinding]) -> Check:
    if any(finding.kind == TEACHING for finding in findings):
        return Check(False, _("Cover is needed: choose a colleague above."))
    return Check(True, _("No cover needed."))


def _focus(plan: Plan) -> Check:
    if plan.focus_count in (1, 2):
        words = ngettext("One thing to look for.", "Two things to look for.", plan.focus_count)
        return Check(True, words)
    return Check(False, _("Ask for one or two things to look for."))


def _heads_up(plan: Plan) -> Check:
    if plan.announced:
        return Check(True, _("The visited colleagues get an e-mail beforehand."))
    return Check(True, _("A surprise: the visited colleagues don’t know beforehand."))
