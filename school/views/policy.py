"""The settings page: the school's policy, and the way to its lists."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .. import policy, setup_checklist
from ..calendar import local_date
from ..forms.settings import PolicyForm
from ..http import SignedInRequest
from ..models import School
from .access import administrators_only
from .lists import KINDS


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def settings(request: SignedInRequest) -> HttpResponse:
    """Show and change the policy. Everybody reads it on the norms page."""
    # The form writes typed values into its instance, so it gets a copy of the school.
    school = School(**{field.attname: getattr(request.user.school, field.attname) for field in School._meta.fields})
    form = PolicyForm(request.POST or None, instance=school)
    if request.method == "POST" and form.is_valid():
        policy.change(request.user.school, form.cleaned_data, by=request.user)
        messages.success(request, _("Saved. Everybody can read it under Our norms."))
        return redirect("school:settings")
    missing = setup_checklist.missing_steps(request.user.school, today=local_date(request.user.school, timezone.now()))
    context = {"form": form, "kinds": KINDS, "missing": missing}
    return TemplateResponse(request, "school/settings.html", context, status=422 if form.errors else 200)
