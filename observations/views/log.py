"""Record an approved walk afterwards, from a laptop ("I did this walk")."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.http import SignedInRequest
from walks.models import State, Walk
from walks.workflow import afterwards, transitions

from ..forms.log import LogForm
from .room_page import own_walk


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Choose the visited rooms and correct the time. "Show the rooms" only checks the time."""
    walk = own_walk(request, walk_id)
    if walk.state in (State.WALKED, State.COMPLETE):
        return redirect("observations:go_done", walk.pk)
    if not transitions.may(request.user, "log", walk):
        return redirect("observations:go", walk.pk)
    calendar = Calendar(request.user.school)
    if request.method != "POST":
        return _page(request, walk, LogForm(walk=walk, calendar=calendar))
    form = LogForm(request.POST, walk=walk, calendar=calendar)
    if form.is_valid() and request.POST.get("then") == "look":
        return _page(request, walk, form, status=200 if _is_time_possible(walk, form) else 422)
    if form.is_valid() and _record_walk(request, walk, form):
        return redirect("observations:go_done", walk.pk)
    return _page(request, walk, form, status=422)


def _is_time_possible(walk: Walk, form: LogForm) -> bool:
    """Check the typed time, and add an error to the form if the walk cannot have taken place then."""
    finished_at = form.started_at + dt.timedelta(minutes=form.cleaned_data["minutes"])
    try:
        afterwards.refuse_time(walk, started_at=form.started_at, finished_at=finished_at, now=timezone.now())
    except RuleError as error:
        form.add_error("date", str(error))
        return False
    return True


def _record_walk(request: SignedInRequest, walk: Walk, form: LogForm) -> bool:
    data = form.cleaned_data
    try:
        afterwards.log_planned(
            walk,
            visited=data["visited"],
            added=form.other_rooms.chosen,
            started_at=form.started_at,
            minutes=data["minutes"],
            by=request.user,
            now=timezone.now(),
        )
    except NotAllowedError:
        raise
    except RuleError as error:
        form.add_error("date", str(error))
        return False
    return True


def _page(request: SignedInRequest, walk: Walk, form: LogForm, *, status: int = 200) -> HttpResponse:
    chosen = {str(value) for value in form["visited"].value() or []}
    return TemplateResponse(
        request, "observations/live/log.html", {"walk": walk, "form": form, "chosen": chosen}, status=status
    )
