"""allauth's sign-in page, extended by the list of demo accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.views import LoginView
from django.utils.translation import gettext as _

from accounts import first_school
from school.demo import PASSWORD


class SignInView(LoginView):
    """Sign in with e-mail and password, with a mailed code or (in the demo) with one click."""

    demo_people: Callable[[], list[Any]] = list  # set in urls.py; empty outside the demo

    def get_form(self, form_class: Any = None) -> Any:
        """Say which field is missing instead of "This field is required" twice."""
        form = super().get_form(form_class)
        form.fields["login"].error_messages["required"] = _("Write your e-mail")
        form.fields["password"].error_messages["required"] = _("Write your password")
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        more = {"demo_people": self.demo_people(), "demo_password": PASSWORD, "no_school": first_school.is_needed()}
        return context | more
