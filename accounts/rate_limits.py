"""Five wrong guesses in five minutes per account, counted together over all sign-in forms and web workers.

allauth counts under a lock in the shared cache; the forms and keys here make every form use the same count.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, ConfirmLoginCodeForm, RequestLoginCodeForm, ResetPasswordForm
from allauth.core import context
from allauth.core.internal import ratelimit as turns
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections
from django.http import HttpRequest

PATIENCE = 15  # seconds; allauth's lock itself expires after ten
security = logging.getLogger("learningwalks.security")


def be_patient() -> None:
    """Wait longer for allauth's rate-limit lock, which all people behind one network address share.

    allauth gives up after one second and refuses the sign-in; during a staff meeting on a busy machine that looks like
    a rejection.
    """
    turns.CACHE_LOCK_WAIT_TIMEOUT = PATIENCE


def account_key(login: str) -> str:
    """Normalize an address like sign-in does, so that capitals or look-alike letters give no extra tries."""
    return unicodedata.normalize("NFKC", login).casefold().strip()


def too_many_from_here(request: HttpRequest, action: str) -> bool:
    """Return whether the limit per network address (which many people may share) refused the attempt."""
    rates = settings.ACCOUNT_RATE_LIMITS[action].split(",")
    of_address = {action: ",".join(rate for rate in rates if rate.endswith("/ip"))}
    return not turns.consume(request, app="allauth.account", action=action, config=of_address, dry_run=True)


def after_the_answer(doing: Callable[[], object]) -> None:
    """Run `doing` shortly after the response, so that its timing does not reveal whether an account exists."""
    if settings.ACCOUNT_MAIL_AFTER is None:
        doing()
        return
    threading.Timer(settings.ACCOUNT_MAIL_AFTER, contextvars.copy_context().run, (_quietly, doing)).start()


def _quietly(doing: Callable[[], object]) -> None:
    try:
        doing()
    except Exception as error:  # such as an unreachable mail server; the person can ask again
        security.error("a mail about an account was not sent: %s", type(error).__name__)
    finally:
        connections.close_all()


class LaterResetForm(ResetPasswordForm):
    """Create the reset key and its mail after the response, for unknown addresses too."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        after_the_answer(partial(super().save, request, **kwargs))
        return str(self.cleaned_data["email"])


class RequestCodeForm(RequestLoginCodeForm):
    """Ask for a code by e-mail. Each limit has its own message, the same for known and unknown addresses."""

    def clean_email(self) -> str:
        """Let allauth count, then choose the message for the limit that was hit."""
        try:
            return str(super().clean_email())
        except ValidationError as error:
            if error.code != "too_many_login_attempts":
                raise
            here = too_many_from_here(context.request, "request_login_code")
            raise get_adapter().validation_error("too_many_from_here" if here else "too_many_codes") from error


class GuardedChangePasswordForm(ChangePasswordForm):
    """Changing the password: a wrong current password counts as a guess."""

    def clean_oldpassword(self) -> str:
        """Check the password through `reauthenticate`, which counts attempts."""
        typed: str = self.cleaned_data.get("oldpassword", "")
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class GuardedCodeForm(ConfirmLoginCodeForm):
    """The form for the mailed code.

    allauth counts wrong codes in the session, so concurrent requests can all read the count before one writes it. Here
    each requested code has its own five tries in the shared cache, so that guesses in other sessions do not use them
    up.
    """

    def clean_code(self) -> str:
        """Count first, then compare; take the count back for a right code.

        Refuse a code that was mailed to an address which the account no longer has.
        """
        stage = context.request._login_stage
        key = f"login-code:{context.request.session.session_key}:{stage.state['at']}"
        usage: Any = turns.consume(context.request, app="allauth.account", action="login_failed", key=key)
        if not usage:
            here = too_many_from_here(context.request, "login_failed")
            raise get_adapter().validation_error("too_many_from_here" if here else "too_many_tries_of_a_code")
        code: str = super().clean_code()
        if account_key(stage.state.get("email") or "") != account_key(stage.login.user.email):
            raise get_adapter().validation_error("incorrect_code")
        usage.rollback()
        return code
