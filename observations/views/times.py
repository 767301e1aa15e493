"""Correct when a finished walk began and ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from school.errors import NotAllowedError, RuleError
from school.http import SignedInRequest
from walks.workflow import ending

from ..forms.times import TimesForm
from .room_page import own_walk


@require_http_methods(["GET", "HEAD", "POST"])
def times(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Correct start and end of a walk that is finished."""
    walk = own_walk(request, walk_id)
    if not ending.may_correct_times(request.user, walk):
        return redirect("walks:detail", walk.pk)
    form = TimesForm(request.POST if request.method == "POST" else None, walk=walk)
    if request.method == "POST" and form.is_valid():
        start, end = form.times
        try:
            ending.correct_times(walk, started_at=start, finished_at=end, by=request.user, now=timezone.now())
        except NotAllowedError:
            raise
        except RuleError as error:
            form.add_error("end", str(error))
        else:
            messages.success(request, _("Saved. The times are corrected."))
            return redirect("walks:detail", walk.pk)
    status = 422 if form.is_bound else 200
    context = {"walk": walk, "form": form}
    return TemplateResponse(request, "observations/live/times.html", context, status=status)
