"""The pages on which deciders approve walks or ask for changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
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
from school.text.typed import whole_number

from .. import permissions
from ..availability.availability import Availability
from ..models import State, Walk
from ..planning import (
    cover,
    cover_needed,
    requests_to_decide,
    suggested_ways,
)
from ..workflow import approval, decision_changes
from ..workflow.suggested import approve_suggested as approve_suggested_ways
from . import undo

PAGE = 20
A_WEEK = dt.timedelta(days=7)
FARTHEST_DAY = dt.timedelta(days=370)  # how far from today the grid can show a day


@require_safe
def approvals(request: SignedInRequest) -> HttpResponse:
    """The requests to decide, those that one click can approve, a grid of visitors, and approved walks with cover."""
    person = decider(request)
    now = timezone.now()
    walks = list(_open_requests(person))
    to_decide = [walk for walk in walks if walk.state == State.REQUESTED and walk.walker_id != person.pk]
    page = Paginator(to_decide, PAGE).get_page(request.GET.get("page"))
    request.waiting = page.paginator.count  # so that the badge needs no query of its own
    day = _day(request, now, person)
    calendar = Calendar(person.school)
    prefetch_related_objects(list(page), requests_to_decide.STOPS)
    colleagues = cover.colleagues(page, calendar=calendar)
    availability = requests_to_decide.availability_for(
        page, decider=person, now=now, calendar=calendar, colleagues=colleagues
    )
    requests = requests_to_decide.pending_requests(page, availability=availability, now=now, colleagues=colleagues)
    lapsed = 0  # the page shows this number only if there is no request to decide
    if not page.paginator.count:
        lapsed = Walk.objects.ever_addressed_to(person).lapsed_since(now - A_WEEK).count()
    today = local_date(person.school, now)
    need = suggested_ways.for_requests([r for r in requests if not r.all_clear], today=today)
    clear = [r for r in requests if r.all_clear]
    upcoming = Paginator(_walks_with_cover(person, calendar, now), PAGE).get_page(request.GET.get("coming"))
    context = {
        "page": page,
        "need": need,
        "sole": len(need) == 1 and not clear,
        "with_ways": [item for item in need if item.way],
        "clear": clear,
        "asked": [walk for walk in walks if walk.state == State.CHANGES_ASKED],
        "own": _own_requests(walks, person),
        "today": today,
        "lapsed": lapsed,
        "grid": _grid(request, requests, day, availability),
        "coming": upcoming,
    }
    return TemplateResponse(request, "walks/approvals.html", context)


def _walks_with_cover(person: Person, calendar: Calendar, now: dt.datetime) -> list[dict[str, Any]]:
    """Return upcoming walks that need cover or have it. Those with something to do come first.

    `is_over`: a colleague covers, but the walker no longer has a lesson then.
    """
    approved = Walk.objects.addressed_to(person).upcoming(now)
    walks = list(approved.select_related("walker__grade", "period", "cover").order_by("starts_at"))
    states = cover_needed.states(walks, calendar=calendar, now=now)
    listed = [
        {"walk": walk, "reason": states[walk.pk].reason, "is_over": states[walk.pk].title is None}
        for walk in walks
        if walk.cover_id or states[walk.pk].reason
    ]
    return sorted(listed, key=lambda item: (not item["reason"], not item["is_over"]))


def _open_requests(person: Person) -> Any:
    """Return the requests that the person decides, and the person's own, the earliest walk first (one query)."""
    related = ("walker__school", "walker__grade", "period", "suggested_period")
    return Walk.objects.pending_for(person).with_reply().select_related(*related).order_by("starts_at")


def _own_requests(walks: list[Walk], person: Person) -> dict[str, Any]:
    """Return the person's own requests, and the names of the people who decide on them."""
    own = [walk for walk in walks if walk.walker_id == person.pk]
    deciders = permissions.who_decides(own[0]) if own else []
    return {"walks": own, "deciders": [decider.full_name for decider in deciders]}


def _day(request: SignedInRequest, now: dt.datetime, person: Person) -> dt.date | None:
    try:
        day = parse_date(request.GET.get("day", ""))
    except ValueError:
        return None
    if day is None or abs(day - local_date(person.school, now)) >= FARTHEST_DAY:
        return None
    return day


def _grid(
    request: SignedInRequest,
    requests: list[requests_to_decide.PendingRequest],
    day: dt.date | None,
    availability: Availability,
) -> requests_to_decide.VisitorGrid | None:
    """Return the visitors to the rooms of one request: the one in the address, else the first on that day.

    Deciders may not see the visitors to other rooms or on other days.
    """
    ordered = sorted(requests, key=lambda pending: pending.all_clear)
    on_day = [pending for pending in ordered if day is None or pending.walk.date == day]
    wanted = [pending for pending in on_day if str(pending.walk.pk) == request.GET.get("walk")]
    chosen = next(iter(wanted or on_day), None)
    if chosen is None:
        return None
    return requests_to_decide.visitors_on(chosen.walk.date, request=chosen, availability=availability)


@require_POST
def approve_all(request: SignedInRequest) -> HttpResponse:
    """Approve those walks that the page showed as all clear and that are still all clear."""
    person = decider(request)
    now = timezone.now()
    shown = _shown_versions(request)
    found = Walk.objects.decidable_by(person).waiting().with_reply().filter(pk__in=shown)
    found = found.prefetch_related(requests_to_decide.STOPS)
    found = found.select_related("walker__school", "walker__grade", "period").order_by("starts_at")
    walks = [walk for walk in found if walk.calendar_sequence == shown[walk.pk]]
    availability = requests_to_decide.availability_for(walks, decider=person, now=now, calendar=Calendar(person.school))
    requests = requests_to_decide.pending_requests(walks, availability=availability, now=now)
    clear = [pending.walk for pending in requests if pending.all_clear]
    done, refused = approval.approve_all(clear, by=person, now=now)
    if done:
        undo.say_approved(request, done)
    for words in refused:
        messages.info(request, words)
    if len(clear) < len(shown):
        messages.info(request, _("Some walks changed meanwhile and are not approved yet. They are below."))
    return redirect("walks:approvals")


@require_POST
def approve_suggested(request: SignedInRequest) -> HttpResponse:
    """Approve the requests that need a decision, each with the way out that the page suggested."""
    person = decider(request)
    now = timezone.now()
    keys = request.POST.getlist("way")[:PAGE]
    numbers = [whole_number(key.split(":", 1)[0]) for key in keys]
    found = Walk.objects.decidable_by(person).waiting().with_reply().filter(pk__in=[n for n in numbers if n])
    found = found.prefetch_related(requests_to_decide.STOPS)
    walks = list(found.select_related("walker__school", "walker__grade", "period").order_by("starts_at"))
    calendar = Calendar(person.school)
    colleagues = cover.colleagues(walks, calendar=calendar)
    availability = requests_to_decide.availability_for(
        walks, decider=person, now=now, calendar=calendar, colleagues=colleagues
    )
    requests = requests_to_decide.pending_requests(walks, availability=availability, now=now, colleagues=colleagues)
    shown_cover = suggested_ways.cover_in_keys(keys)
    items = suggested_ways.for_requests(requests, today=local_date(person.school, now), shown_cover=shown_cover)
    ways = [item.way for item in items if item.way and item.way.key in keys]
    earlier = {way.plan.walk.pk: decision_changes.EarlierPlan.of(way.plan.walk) for way in ways if way.plan.walk}
    reasons = {item.request.walk.pk: item.request.reason for item in items}
    done, refused = approve_suggested_ways(ways, reasons, calendar=calendar, by=person, now=now)
    if done:
        undo.say_approved(request, done, earlier=earlier)
    for words in refused:
        messages.info(request, words)
    if len(ways) < len(keys):
        messages.info(request, _("Some walks changed meanwhile and are not approved yet. They are below."))
    return redirect("walks:approvals")


def _shown_versions(request: SignedInRequest) -> dict[int, int]:
    """Return the versions of the walks that the page showed, by walk id; the form posts "<walk>:<version>"."""
    pairs = [text.split(":", 1) for text in request.POST.getlist("walk")[:PAGE] if ":" in text]
    numbers = [(whole_number(walk), whole_number(version)) for walk, version in pairs]
    return {walk: version for walk, version in numbers if walk is not None and version is not None}


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
