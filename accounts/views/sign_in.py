"""allauth's sign-in page, extended by the list of demo accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import LoginView, RequestLoginCodeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import first_school
from school.demo import PASSWORD


class SignInView(LoginView):
    """Sign in with e-mail and password, with a mailed code or (in the demo) with one click."""

    demo_people: Callable[[], list[Any]] = list  # set in urls.py; empty outside the demo

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send the first visitor of an empty installation to its setup."""
        if first_school.is_needed():
            return redirect("setup")
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign in, or e-mail a code to the address that was typed (the button `by`). Without one, ask for it."""
        if request.POST.get("by") == "code":
            if not request.POST.get("login", "").strip():
                page = reverse("account_request_login_code")
                return redirect(passthrough_next_redirect_url(request, page, self.redirect_field_name))
            typed = request.POST.copy()
            typed["email"] = typed.get("login", "")
            request.POST = typed  # type: ignore[assignment]
            return cast(HttpResponse, RequestLoginCodeView.as_view()(request))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_form(self, form_class: Any = None) -> Any:
        """Say which field is missing instead of "This field is required" twice."""
        form = super().get_form(form_class)
        form.fields["login"].error_messages["required"] = _("Write your e-mail address")
        form.fields["password"].error_messages["required"] = _("Write your password")
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"demo_people": self.demo_people(), "demo_password": PASSWORD}
