"""The pages on which deciders approve walks or ask for changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from school.calendar import Calendar, local_date
from school.http import SignedInRequest
from school.models import Person

from .. import permissions
from ..decisions import requests_to_decide, suggested_decisions, visitor_grid
from ..models import State, Walk
from ..planning import cover_needed
from ..workflow import approval, decision_changes, suggested_approvals
from . import undo

REQUESTS_PER_PAGE = 20
LAPSED_DAYS = dt.timedelta(days=7)  # requests that lapsed longer ago are no longer mentioned
FARTHEST_DAY = dt.timedelta(days=370)  # how far from today the visitors of a day can be shown
SHOWN_WITH_A_WALK = ("walker__school", "walker__grade", "period", "suggested_period")


@require_safe
def approvals(request: SignedInRequest) -> HttpResponse:
    """The requests to decide, those that one click can approve, a grid of visitors, and approved walks with cover."""
    person = decider(request)
    now = timezone.now()
    calendar = Calendar(person.school)
    undecided = _undecided_walks(person)
    to_decide = [walk for walk in undecided if walk.state == State.REQUESTED and walk.walker_id != person.pk]
    page = Paginator(to_decide, REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    request.waiting = page.paginator.count  # so that the badge needs no query of its own
    listed = requests_to_decide.list_requests(page, decider=person, now=now, calendar=calendar)
    today = local_date(person.school, now)
    context = {
        "page": page,
        "today": today,
        **_requests_in_two_groups(listed, today),
        **_waiting_for_others(undecided, person),
        "visitor_grid": _visitor_grid(request, listed, today),
        "walks_with_cover": _walks_with_cover(request, person, calendar, now),
    }
    if not to_decide:
        lapsed = Walk.objects.ever_addressed_to(person).lapsed_since(now - LAPSED_DAYS)
        context["lapsed_count"] = lapsed.count()
    return TemplateResponse(request, "walks/approvals.html", context)


def _undecided_walks(person: Person) -> list[Walk]:
    """Return the requests that the person decides, and the person's own, the earliest walk first (one query)."""
    undecided = Walk.objects.pending_for(person).with_latest_reply().select_related(*SHOWN_WITH_A_WALK)
    return list(undecided.order_by("starts_at"))


def _requests_in_two_groups(listed: requests_to_decide.RequestList, today: dt.date) -> dict[str, Any]:
    """Return the requests that need a decision one by one, and those that can be approved together."""
    unclear = suggested_decisions.suggest_decisions(listed.unclear, today=today)
    return {
        "unclear_requests": unclear,
        "clear_requests": listed.clear,
        "requests_with_suggestion": [line for line in unclear if line.suggestion],
    }


def _waiting_for_others(undecided: list[Walk], person: Person) -> dict[str, Any]:
    """Return the walks that wait for their walker's answer, the person's own requests, and who decides on these."""
    own_requests = [walk for walk in undecided if walk.walker_id == person.pk]
    own_deciders = permissions.who_decides(own_requests[0]) if own_requests else []
    return {
        "waiting_for_walker": [walk for walk in undecided if walk.state == State.CHANGES_ASKED],
        "own_requests": own_requests,
        "names_of_own_deciders": [decider.full_name for decider in own_deciders],
    }


def _visitor_grid(
    request: SignedInRequest, listed: requests_to_decide.RequestList, today: dt.date
) -> visitor_grid.VisitorGrid | None:
    """Return the visitors to the rooms of one request: the one in the address, else the first on that day.

    Deciders may not see the visitors to other rooms or on other days.
    """
    day = _day_in_address(request, today)
    unclear_first = [*listed.unclear, *listed.clear]
    on_day = [pending for pending in unclear_first if day is None or pending.walk.date == day]
    in_address = [pending for pending in on_day if str(pending.walk.pk) == request.GET.get("walk")]
    chosen = next(iter(in_address or on_day), None)
    if chosen is None:
        return None
    return visitor_grid.visitors_to_rooms_of(chosen.plan, availability=listed.availability)


def _day_in_address(request: SignedInRequest, today: dt.date) -> dt.date | None:
    try:
        day = parse_date(request.GET.get("day", ""))
    except ValueError:
        return None
    if day is None or abs(day - today) >= FARTHEST_DAY:
        return None
    return day


def _walks_with_cover(request: SignedInRequest, person: Person, calendar: Calendar, now: dt.datetime) -> Page[Any]:
    """Return one page of the upcoming walks that need cover or have it. Those with something to do come first.

    `has_no_class`: a colleague covers, but the walker no longer has a lesson then.
    """
    approved = Walk.objects.addressed_to(person).upcoming(now)
    walks = list(approved.select_related("walker__grade", "period", "cover").order_by("starts_at"))
    states = cover_needed.states(walks, calendar=calendar, now=now)
    lines = [
        {
            "walk": walk,
            "why_cover_is_needed": states[walk.pk].why_needed,
            "has_no_class": states[walk.pk].title is None,
        }
        for walk in walks
        if walk.cover_id or states[walk.pk].why_needed
    ]
    lines.sort(key=lambda line: (not line["why_cover_is_needed"], not line["has_no_class"]))
    return Paginator(lines, REQUESTS_PER_PAGE).get_page(request.GET.get("cover_page"))


@require_POST
def approve_all(request: SignedInRequest) -> HttpResponse:
    """Approve those walks that the page showed without a clash and that still have none."""
    person = decider(request)
    now = timezone.now()
    shown = undo.shown_versions(request.POST.getlist("walk")[:REQUESTS_PER_PAGE])
    unchanged = [walk for walk in _waiting_for(person, shown) if walk.calendar_sequence == shown[walk.pk]]
    calendar = Calendar(person.school)
    listed = requests_to_decide.list_requests(unchanged, decider=person, now=now, calendar=calendar, offers_cover=False)
    approved, refusals = approval.approve_all([pending.walk for pending in listed.clear], by=person, now=now)
    if approved:
        undo.say_approved(request, approved)
    _say_not_approved(request, refusals, some_changed=len(listed.clear) < len(shown))
    return redirect("walks:approvals")


@require_POST
def approve_suggested(request: SignedInRequest) -> HttpResponse:
    """Approve requests as the page suggested, as far as the suggestion for each of them is still the same."""
    person = decider(request)
    now = timezone.now()
    calendar = Calendar(person.school)
    fingerprints = request.POST.getlist("suggestion")[:REQUESTS_PER_PAGE]
    walks = _waiting_for(person, suggested_decisions.walk_ids(fingerprints))
    listed = requests_to_decide.list_requests(walks, decider=person, now=now, calendar=calendar)
    lines = suggested_decisions.suggest_decisions(
        listed.requests,
        today=local_date(person.school, now),
        shown_cover=suggested_decisions.shown_cover(fingerprints),
    )
    unchanged = [line for line in lines if line.suggestion and line.suggestion.fingerprint in fingerprints]
    earlier_plans = {line.request.walk.pk: decision_changes.EarlierPlan.of(line.request.walk) for line in unchanged}
    approved, refusals = suggested_approvals.approve_suggested(unchanged, calendar=calendar, by=person, now=now)
    if approved:
        undo.say_approved(request, approved, earlier=earlier_plans)
    _say_not_approved(request, refusals, some_changed=len(unchanged) < len(fingerprints))
    return redirect("walks:approvals")


def _waiting_for(person: Person, walk_ids: Iterable[int]) -> list[Walk]:
    """Return those of these walks that wait for this decider, the earliest first."""
    waiting = Walk.objects.decidable_by(person).waiting().filter(pk__in=walk_ids)
    return list(waiting.with_latest_reply().select_related(*SHOWN_WITH_A_WALK).order_by("starts_at"))


def _say_not_approved(request: SignedInRequest, refusals: list[str], *, some_changed: bool) -> None:
    for refusal in refusals:
        messages.info(request, refusal)
    if some_changed:
        messages.info(request, _("Some walks have changed in the meantime and are not approved yet. They are below."))


def decider(request: SignedInRequest) -> Person:
    """Return the signed-in person if they can be a decider: a Head of Grade or an administrator. Others get 404."""
    person = request.user
    if not (person.is_head or person.is_administrator):
        raise Http404
    return person


def request_for(request: SignedInRequest, walk_id: int) -> Walk:
    """Return a walk that was addressed to this decider, in any state; 404 for others, 403 for their own."""
    person = decider(request)
    found = Walk.objects.visible_to(person).of(person) | Walk.objects.ever_addressed_to(person)
    walk = get_object_or_404(found.select_related("walker__school", "walker__grade", "period"), pk=walk_id)
    if walk.walker_id == person.pk:
        raise PermissionDenied
    return walk
