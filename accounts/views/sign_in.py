"""The sign-in page: allauth's, with the people of the demo beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.views import LoginView
from django.utils.translation import gettext as _

from accounts import first_school
from school.demo import PASSWORD


class SignInView(LoginView):  # type: ignore[misc]
    """E-mail and password, a code by e-mail, or (in the demo) one click."""

    demo_people: Callable[[], list[Any]] = list  # urls.py gives the demo's; nobody is offered otherwise

    def get_form(self, form_class: Any = None) -> Any:
        """Say which of the two is missing, not twice "This field is required"."""
        form = super().get_form(form_class)
        form.fields["login"].error_messages["required"] = _("Write your e-mail")
        form.fields["password"].error_messages["required"] = _("Write your password")
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's people (none outside the demo), and whether the first school is still to be opened."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        more = {"demo_people": self.demo_people(), "demo_password": PASSWORD, "no_school": first_school.needed()}
        return context | more
