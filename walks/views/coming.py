"""The upcoming walks of a Head's grades; take a decision back, or cancel an approved walk."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.calendar import Calendar, local_date
from school.errors import RuleError
from school.http import SignedInRequest
from school.save_errors import report_if_not_saved
from school.text.typed import number_in_words, whole_number

from ..decisions import requests_to_decide, visitor_grid
from ..decisions.requests_to_decide import STOPS
from ..forms.approvals import CancelForm
from ..models import Walk
from ..permissions import heads_grade_of
from ..planning.obstacles import find_obstacles
from ..workflow import decision_changes, history
from . import undo
from .approvals import decider, request_for
from .decide import may_change_approved

PAGE = 40
A_WEEK = dt.timedelta(days=7)


@require_safe
def coming(request: SignedInRequest) -> HttpResponse:
    """Approved walks that have not begun, by week and day.

    An administrator sees the walks that only administrators could decide, without their rooms.
    """
    person = decider(request)
    now = timezone.now()
    today = local_date(person.school, now)
    upcoming = Walk.objects.addressed_to(person).upcoming(now).select_related("walker__grade", "period", "cover")
    page = Paginator(upcoming.prefetch_related(STOPS).order_by("starts_at", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    calendar = Calendar(person.school)
    obstacles = find_obstacles(page, calendar=calendar, now=now)
    lines: list[dict[str, Any]] = [
        {
            "walk": walk,
            "obstacle": obstacles.get(walk.pk),
            "may_open": heads_grade_of(person, walk),
        }
        for walk in page
    ]
    own_grades = [line["walk"] for line in lines if line["may_open"]]
    context = {
        "page": page,
        "today": today,
        "weeks": _weeks(lines, today),
        "visitor_grid": _visitor_grid(request, own_grades, calendar, now),
    }
    return TemplateResponse(request, "walks/coming.html", context)


def _visitor_grid(
    request: SignedInRequest, walks: list[Walk], calendar: Calendar, now: dt.datetime
) -> visitor_grid.VisitorGrid | None:
    """Return the visitors to the rooms of one walk, this walk included: the one in the address, else the first."""
    in_address = [walk for walk in walks if str(walk.pk) == request.GET.get("walk")]
    chosen = next(iter(in_address or walks), None)
    if chosen is None:
        return None
    plan = replace(requests_to_decide.plan_from(chosen, chosen.stops.all()), walk=None)
    availability = requests_to_decide.availability_for([chosen], decider=request.user, now=now, calendar=calendar)
    grid = visitor_grid.visitors_to_rooms_of(plan, availability=availability)
    return replace(grid, walk=chosen)


def _weeks(lines: list[dict[str, Any]], today: dt.date) -> list[dict[str, Any]]:
    """Group the lines, one for each walk, by week and day."""
    weeks = []
    for monday, of_week in groupby(lines, key=lambda line: _monday(line["walk"].date)):
        days = [(day, list(of_day)) for day, of_day in groupby(of_week, key=lambda line: line["walk"].date)]
        weeks.append({"monday": monday, "weeks_from_now": (monday - _monday(today)).days // 7, "days": days})
    return weeks


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


@require_POST
def undo_approvals(request: SignedInRequest) -> HttpResponse:
    """Take back the approvals in the address, except of walks that have changed since."""
    person = decider(request)
    now = timezone.now()
    shown = undo.shown_walks(request)
    walks = Walk.objects.addressed_to(person).filter(pk__in=shown, decided_by=person)
    undone = 0
    for walk in walks.select_related("walker__school", "walker__grade", "period"):
        earlier = undo.earlier_plan(request, walk)
        try:
            decision_changes.undo_approval(walk, version=shown[walk.pk], earlier=earlier, by=person, now=now)
            undone += 1
        except RuleError as error:
            messages.info(request, f"{walk.walker.full_name}: {error}")
    if undone:
        words = ngettext("Undone. The walk needs your approval.", "Undone. %(n)s walks need your approval.", undone)
        messages.success(request, words % {"n": number_in_words(undone)})
    elif not messages.get_messages(request):
        messages.info(request, _("There is nothing to undo."))
    return redirect("walks:approvals")


@require_POST
def take_back_question(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """No longer ask the walker for a change; the address has the id of the question that the page showed."""
    person = decider(request)
    walk = request_for(request, walk_id)
    question = whole_number(request.GET.get("question", ""))
    try:
        decision_changes.take_back_question(walk, question=question, by=person, now=timezone.now())
    except RuleError as error:
        messages.info(request, str(error))
    else:
        messages.success(request, _("Undone. The walk needs your approval again."))
    return redirect("walks:approvals")


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_approved(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Cancel an approved walk. Everybody who knows of it gets an e-mail with the reason."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    if not may_change_approved(person, walk, now):
        messages.info(request, _("You can only cancel approved walks that haven’t started."))
        return redirect("walks:approvals")
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with report_if_not_saved():
                decision_changes.cancel_approved(walk, words=form.cleaned_data["words"], by=person, now=now)
        except RuleError as error:
            form.add_error("words", str(error))
        else:
            words = _("Cancelled. %(name)s and everyone involved get an e-mail.")
            messages.success(request, words % {"name": walk.walker.short_name})
            return redirect("walks:coming")
    email_sentence = history.people_to_tell_of_cancelling_approved(walk, by=person)
    context = {"walk": walk, "form": form, "email_sentence": email_sentence}
    return TemplateResponse(request, "walks/cancel_approved.html", context, status=422 if form.errors else 200)
