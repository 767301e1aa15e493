""" "Log a walk I did": record a walk that nobody planned."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.http import SignedInRequest
from school.save_errors import report_if_not_saved
from walks.models import Walk
from walks.permissions import recipient_names, who_decides
from walks.planning.practices import to_choose_from
from walks.workflow import afterwards

from ..forms.unplanned import UnplannedForm


@require_http_methods(["GET", "HEAD", "POST"])
def log_unplanned(request: SignedInRequest) -> HttpResponse:
    """Record a walk: its time, its rooms and its focus. "Show the rooms" only checks the time."""
    calendar = Calendar(request.user.school)
    form = UnplannedForm(
        request.POST if request.method == "POST" else None,
        walker=request.user,
        practices=to_choose_from(request.user, None),
        calendar=calendar,
        now=timezone.now(),
    )
    if not form.is_bound:
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    if request.POST.get("then") == "look":
        form.add_problems(afterwards.time_problems(form.unplanned_walk(), calendar=calendar, now=timezone.now()))
        return _page(request, form, status=422 if form.errors else 200)
    walk = _record_walk(request, form, calendar)
    if walk is None:
        return _page(request, form, status=422)
    messages.success(request, _("Logged. We’ve e-mailed %(names)s about it.") % {"names": _names_of_deciders(request)})
    return redirect("observations:go_done", walk.pk)


def _record_walk(request: SignedInRequest, form: UnplannedForm, calendar: Calendar) -> Walk | None:
    now = timezone.now()
    token = form.cleaned_data["token"]
    already_recorded = afterwards.logged_with(token, walker=request.user)
    if already_recorded is not None:
        return already_recorded
    unplanned = form.unplanned_walk()
    if form.rooms.is_one_missing:
        form.add_error("lesson", _("One of your rooms has no class at that time. Choose from those shown."))
    form.add_problems(afterwards.problems(unplanned, calendar=calendar, now=now))
    if form.errors:
        return None
    try:
        with report_if_not_saved():
            return afterwards.log_unplanned(unplanned, calendar=calendar, by=request.user, now=now, token=token)
    except NotAllowedError:
        raise
    except RuleError as error:
        form.add_error(None, str(error))
        return None


def _names_of_deciders(request: SignedInRequest) -> str:
    """Return who gets an e-mail about the walk, for example "Lucía and Oliver"."""
    return recipient_names(who_decides(Walk(walker=request.user)))


def _page(request: SignedInRequest, form: UnplannedForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "names": _names_of_deciders(request)}
    return TemplateResponse(request, "observations/live/unplanned.html", context, status=status)
