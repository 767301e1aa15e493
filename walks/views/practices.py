"""The pages on which administrators edit the catalogue of practices. Everyone else gets 404."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.errors import RuleError
from school.http import SignedInRequest
from school.views.access import administrators_only

from ..forms.practices import PracticeForm
from ..models import Practice
from ..planning import practices


@require_safe
@administrators_only
def catalogue(request: SignedInRequest) -> HttpResponse:
    """All practices, by group."""
    found = Practice.objects.visible_to(request.user).order_by("group", "position", "name")
    return TemplateResponse(request, "walks/focus/catalogue.html", {"practices": found})


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def new(request: SignedInRequest) -> HttpResponse:
    """Add a practice to the school's catalogue."""
    return _practice_page(request, PracticeForm(request.POST or None, by=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def edit(request: SignedInRequest, practice_id: int) -> HttpResponse:
    """Change a practice. Walks that already chose it show the change, too."""
    practice = _practice(request, practice_id)
    return _practice_page(request, PracticeForm(request.POST or None, instance=practice, by=request.user))


@require_POST
@administrators_only
def hide(request: SignedInRequest, practice_id: int) -> HttpResponse:
    """Hide a practice, or show it again."""
    practice = _practice(request, practice_id)
    hidden = request.POST.get("hidden") == "1"
    practices.hide(practice, hidden=hidden, by=request.user)
    words = _("“%(name)s” is hidden.") if hidden else _("“%(name)s” is offered again.")
    messages.success(request, words % {"name": practice.name})
    return redirect("walks:catalogue")


def _practice(request: SignedInRequest, practice_id: int) -> Practice:
    found: Practice = get_object_or_404(Practice.objects.visible_to(request.user), pk=practice_id)
    return found


def _practice_page(request: SignedInRequest, form: PracticeForm) -> HttpResponse:
    is_new = form.instance.pk is None
    if request.method == "POST" and form.is_valid():
        try:
            practices.save(form.instance, by=request.user)
        except RuleError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("walks:catalogue")
    context = {"form": form, "is_new": is_new}
    return TemplateResponse(request, "walks/focus/practice.html", context, status=422 if form.errors else 200)
