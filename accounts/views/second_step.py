"""Setting up the second step, turning it off, and its recovery codes: what allauth's pages leave open is closed here.

The code that sets it up is used up by that. Turning it off takes a code typed right there, and the recovery codes are
shown only within five minutes of a code: the password alone, or a page left open, is not enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable
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
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic.edit import FormView

View = Callable[..., HttpResponse]


class SetUpForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of the app."""

    def clean_code(self) -> str:
        """Use the code up, so that nobody who saw it signs in with it in the same half minute."""
        code: str = super().clean_code()
        TOTP(Authenticator(user=self.user))._mark_code_used(code)
        return code


class SetUpView(ActivateTOTPView):  # type: ignore[misc]
    """Set the second step up."""

    form_class = SetUpForm

    def form_valid(self, form: SetUpForm) -> HttpResponse:
        """The code just typed counts as a proof: the recovery codes are shown next."""
        response: HttpResponse = super().form_valid(form)
        app = Authenticator.objects.get(user=form.user, type=Authenticator.Type.TOTP)
        post_authentication(context.request, app, reauthenticated=True)
        return response


class TurnOffForm(ReauthenticateForm, DeactivateTOTPForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""


class TurnOffView(DeactivateTOTPView):  # type: ignore[misc]
    """Turn the second step off with a code typed here, however recently the person proved who they are."""

    form_class = TurnOffForm

    def _dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without allauth's question before the page: the form asks."""
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form is empty until it is sent."""
        return FormView.get_form_kwargs(self) | {"authenticator": self.authenticator, "user": self.request.user}

    def form_valid(self, form: TurnOffForm) -> HttpResponse:
        """Note the proof, then turn it off."""
        form.save()
        response: HttpResponse = super().form_valid(form)
        return response


def _proven_lately(request: HttpRequest) -> bool:
    """Whether a code was typed in this session within the last five minutes."""
    since = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return any(record["method"] == "mfa" and record["at"] > since for record in records)


def _asks_for_a_code(view: View) -> View:
    """Ask whoever has a second step for a code of it first."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_mfa_enabled(request.user) and not _proven_lately(request):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return asked


set_up = SetUpView.as_view()
turn_off = TurnOffView.as_view()
show_recovery_codes = _asks_for_a_code(recovery_codes.view_recovery_codes)
download_recovery_codes = _asks_for_a_code(recovery_codes.download_recovery_codes)
new_recovery_codes = _asks_for_a_code(recovery_codes.generate_recovery_codes)
