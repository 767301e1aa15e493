"""The message after a decision, with an Undo that brings back the earlier plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from school.http import SignedInRequest
from school.text.dates import date_words
from school.text.typed import number_in_words, whole_number

from ..models import Walk
from ..workflow import history
from ..workflow.decision_changes import EarlierPlan

EARLIER_PLANS = "earlier_plans"  # in the session: the plans before the decider adjusted them, by walk id
KEPT = 20  # walks
MOST_NAMED = 2  # walks whose names still fit into one message


def say_approved(
    request: SignedInRequest, walks: Iterable[Walk], *, earlier: Mapping[int, EarlierPlan] | None = None
) -> None:
    """Name the approved walks, or count them if they are many, with Undo."""
    listed = list(walks)
    _keep_earlier_plans(request, listed, earlier or {})
    shown = [("walk", f"{walk.pk}:{walk.calendar_sequence}") for walk in listed]
    url = f"{reverse('walks:undo_approvals')}?{urlencode(shown)}"
    if len(listed) > MOST_NAMED:
        words = _("%(number)s walks approved.") % {"number": number_in_words(len(listed))}
    else:
        words = _("Approved: %(names)s.") % {"names": "; ".join(_named(walk) for walk in listed)}
    messages.success(request, words, extra_tags=f"undo:{url}")


def say_asked(request: SignedInRequest, walk: Walk) -> None:
    """Say that the question goes to the walker, with Undo."""
    url = reverse("walks:take_back_question", args=[walk.pk])
    question = history.latest_question(walk)
    if question is not None:
        url = f"{url}?{urlencode({'question': question.pk})}"
    words = _("Sent to %(name)s.") % {"name": walk.walker.short_name}
    messages.success(request, words, extra_tags=f"undo:{url}")


def earlier_plan(request: SignedInRequest, walk: Walk) -> EarlierPlan | None:
    """Return the plan before this decider adjusted the walk, if they did."""
    values = request.session.get(EARLIER_PLANS, {}).get(str(walk.pk))
    date = parse_date(values["date"]) if values else None
    if date is None:
        return None
    return EarlierPlan(date, values["period"], tuple((room, minutes) for room, minutes in values["rooms"]))


def shown_walks(request: SignedInRequest) -> dict[int, int]:
    """Return the versions of the walks in the address of the Undo, by walk id."""
    return shown_versions(request.GET.getlist("walk")[:KEPT])


def shown_versions(texts: Iterable[str]) -> dict[int, int]:
    """Return the versions of the walks that a page showed, by walk id; it posts "<walk>:<version>" for each."""
    pairs = [text.split(":", 1) for text in texts if ":" in text]
    numbers = [(whole_number(walk), whole_number(version)) for walk, version in pairs]
    return {walk: version for walk, version in numbers if walk is not None and version is not None}


def _keep_earlier_plans(request: SignedInRequest, walks: list[Walk], earlier: Mapping[int, EarlierPlan]) -> None:
    approved_now = {str(walk.pk) for walk in walks}
    before = request.session.get(EARLIER_PLANS, {})
    kept = {pk: plan for pk, plan in before.items() if pk not in approved_now}
    for pk, plan in earlier.items():
        kept[str(pk)] = {"date": plan.date.isoformat(), "period": plan.period, "rooms": plan.rooms}
    request.session[EARLIER_PLANS] = dict(list(kept.items())[-KEPT:])


def _named(walk: Walk) -> str:
    day = date_words(walk.date, "D j M")
    values = {"name": walk.walker.full_name, "day": day, "period": walk.period}
    if walk.cover is not None:
        return _("%(name)s, %(day)s, %(period)s, with %(cover)s as cover") % {**values, "cover": walk.cover.full_name}
    return _("%(name)s, %(day)s, %(period)s") % values
