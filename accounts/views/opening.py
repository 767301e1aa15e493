"""The page on which an administrator opens Learning Walks for the school."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import opening
from school import setup_checklist
from school.calendar import local_date
from school.errors import RuleError
from school.http import SignedInRequest
from school.views.access import administrators_only


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def open_school(request: SignedInRequest) -> HttpResponse:
    """Say what the opening does, and open the school. Afterwards the page offers Undo while that is possible."""
    now = timezone.now()
    school = request.user.school
    if request.method == "POST":
        opening.open_school(by=request.user, now=now)
        return redirect("accounts:opening")
    context = {
        "school": school,
        "opening": opening.opening_of(request.user, now=now),
        "missing": setup_checklist.missing_steps(school, today=local_date(school, now)),
    }
    return TemplateResponse(request, "accounts/opening.html", context)


@require_POST
@administrators_only
def undo_opening(request: SignedInRequest) -> HttpResponse:
    try:
        opening.undo(by=request.user, now=timezone.now())
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Learning Walks is closed again. No invitation was sent."))
    return redirect("accounts:opening")
