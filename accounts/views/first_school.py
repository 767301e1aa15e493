"""The setup page for the first school."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import first_school
from accounts.forms import SetupForm


@login_not_required
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Create the school and sign its first administrator in. Return 404 once there is a school."""
    if not first_school.is_needed():
        raise Http404
    first_school.write_code_file()
    form = SetupForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            person = first_school.create_school(form.first_school())
        except first_school.SchoolExistsError as error:
            messages.info(request, str(error))
            return redirect("sign-in")
        login(request, person, backend="accounts.backends.PersonBackend")
        record_authentication(request, person, "password", email=person.email, reauthenticated=True)
        UserSession.objects.create_from_request(request)
        messages.success(request, _("Your school is set up."))
        return redirect("school:settings")
    return TemplateResponse(request, "pages/setup.html", {"form": form}, status=422 if form.errors else 200)
