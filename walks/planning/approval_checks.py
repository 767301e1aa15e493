"""What a Head of Grade checks before approving; the page checks it for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.text.typed import number_in_words

from .plan import Plan
from .requests_to_decide import TEACHING, RequestFinding


@dataclass(frozen=True)
class Check:
    """One result. `is_good`: there is nothing to do about it."""

    is_good: bool
    words: str


def checks_of(plan: Plan, findings: Iterable[RequestFinding], *, reads_focus: bool) -> list[Check]:
    """Check time, rooms, cover, focus and heads-up."""
    listed = list(findings)
    checks = [_time(listed), _spread(plan), _cover(plan, listed)]
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


def _cover(plan: Plan, findings: list[RequestFinding]) -> Check:
    if any(finding.kind == TEACHING for finding in findings):
        if plan.walk and plan.walk.cover:
            return Check(True, _("%(name)s covers the class.") % {"name": plan.walk.cover.full_name})
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
