"""The pages of the second step: set it up, turn it off, show recovery codes. They are stricter than allauth's own.

The code that sets up the second step cannot be used again. Turning it off takes a code typed on that page. Recovery
codes are shown only within five minutes of a typed code, so a password alone or an unlocked screen is not enough.
"""

from __future__ import annotations

import time
from functools import wraps
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic.edit import FormView

from school import demo
from school.http import View
from school.models import Person


class SetUpForm(ActivateTOTPForm):
    """The form for the first code of the app."""

    def clean_code(self) -> str:
        """Mark the code as used. Otherwise a person who saw it could sign in with it within the same 30 seconds."""
        code: str = super().clean_code()
        TOTP(Authenticator(user=self.user))._mark_code_used(code)
        return code


def is_required_of(person: Person) -> bool:
    """Whether the person may continue only with a second step. In a demo, a real school in the database requires it."""
    has_rights = person.is_administrator or person.is_staff
    return has_rights and (settings.ADMINISTRATOR_MFA or (settings.DEMO and not demo.is_open(person)))


class SetUpView(ActivateTOTPView):
    form_class = SetUpForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell the template whether the rest of the product is closed until the second step is on."""
        context_data: dict[str, Any] = super().get_context_data(**kwargs)
        person = self.request.user
        return context_data | {"is_required": isinstance(person, Person) and is_required_of(person)}

    def form_valid(self, form: SetUpForm) -> HttpResponse:
        """Record the typed code as a recent proof of identity, which the page of recovery codes asks for next."""
        response: HttpResponse = super().form_valid(form)
        app = Authenticator.objects.get(user=form.user, type=Authenticator.Type.TOTP)
        post_authentication(context.request, app, reauthenticated=True)
        return response


class TurnOffForm(ReauthenticateForm, DeactivateTOTPForm):
    """Accepts a code of the app or a recovery code."""


class TurnOffView(DeactivateTOTPView):
    """Turn the second step off. Always asks for a code, however recently the person typed one."""

    form_class = TurnOffForm

    def _dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Skip allauth's page that asks for a code first, because this page asks for one itself."""
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Omit allauth's empty `data`, which would show errors before the form is sent."""
        return FormView.get_form_kwargs(self) | {"authenticator": self.authenticator, "user": self.request.user}

    def form_valid(self, form: TurnOffForm) -> HttpResponse:
        """Record the proof, then turn the second step off."""
        form.save()
        response: HttpResponse = super().form_valid(form)
        return response


def _typed_a_code_recently(request: HttpRequest) -> bool:
    since = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" and record["at"] > since for record in records)


def _require_code(view: View) -> View:
    """Ask people with a second step for a code before they see the page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_mfa_enabled(request.user) and not _typed_a_code_recently(request):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return guarded


set_up = SetUpView.as_view()
turn_off = TurnOffView.as_view()
show_recovery_codes = _require_code(recovery_codes.view_recovery_codes)
download_recovery_codes = _require_code(recovery_codes.download_recovery_codes)
new_recovery_codes = _require_code(recovery_codes.generate_recovery_codes)
