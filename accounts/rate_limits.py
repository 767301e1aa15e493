"""Limit each account to five wrong guesses in five minutes, over all sign-in forms and web workers together.

allauth counts under a lock in the shared cache. The forms and keys in this module make all forms share one count.
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
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections
from django.http import HttpRequest

LOCK_WAIT_SECONDS = 15  # allauth's lock itself expires after ten seconds
security = logging.getLogger("learningwalks.security")


def lengthen_lock_wait() -> None:
    """Wait longer for allauth's rate-limit lock, which all people behind one network address share.

    allauth gives up after one second and refuses the sign-in as one of too many. That can happen when a whole staff
    meeting signs in on a busy machine.
    """
    ratelimit.CACHE_LOCK_WAIT_TIMEOUT = LOCK_WAIT_SECONDS


def normalized_address(login: str) -> str:
    """Normalize an address as sign-in does, so that capitals or look-alike letters give no extra tries."""
    return unicodedata.normalize("NFKC", login).casefold().strip()


def is_network_limit_reached(request: HttpRequest, action: str) -> bool:
    """Return whether the limit per network address was reached. Many people may share one address."""
    rates = settings.ACCOUNT_RATE_LIMITS[action].split(",")
    per_network = {action: ",".join(rate for rate in rates if rate.endswith("/ip"))}
    return not ratelimit.consume(request, app="allauth.account", action=action, config=per_network, dry_run=True)


def run_after_response(job: Callable[[], object]) -> None:
    """Run the job shortly after the response, so that the response time does not reveal whether an account exists."""
    if settings.ACCOUNT_MAIL_AFTER is None:
        job()
        return
    run = contextvars.copy_context().run
    threading.Timer(settings.ACCOUNT_MAIL_AFTER, run, (_run_and_log_error, job)).start()


def _run_and_log_error(job: Callable[[], object]) -> None:
    try:
        job()
    except Exception as error:  # such as an unreachable mail server; the person can ask again
        security.error("a mail about an account was not sent: %s", type(error).__name__)
    finally:
        connections.close_all()


class DelayedResetForm(ResetPasswordForm):
    """Create the reset key and its mail after the response, for unknown addresses too."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        run_after_response(partial(super().save, request, **kwargs))
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
            network = is_network_limit_reached(context.request, "request_login_code")
            raise get_adapter().validation_error("too_many_from_here" if network else "too_many_codes") from error


class GuardedChangePasswordForm(ChangePasswordForm):
    """The form to change the password. A wrong current password counts as a guess."""

    def clean_oldpassword(self) -> str:
        """Check the password through `reauthenticate`, which counts attempts."""
        typed: str = self.cleaned_data.get("oldpassword", "")
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class GuardedCodeForm(ConfirmLoginCodeForm):
    """The form for the mailed code.

    allauth counts wrong codes in the session, where concurrent requests can all read the count before one writes it.
    This form counts in the shared cache instead. Each requested code has its own five tries, so that guesses in other
    sessions do not use them up.
    """

    def clean_code(self) -> str:
        """Count the try, compare the code, and take the try back if the code is right.

        Refuse a code that was mailed to an address which the account no longer has.
        """
        stage = context.request._login_stage
        key = f"login-code:{context.request.session.session_key}:{stage.state['at']}"
        usage: Any = ratelimit.consume(context.request, app="allauth.account", action="login_failed", key=key)
        if not usage:
            network = is_network_limit_reached(context.request, "login_failed")
            raise get_adapter().validation_error("too_many_from_here" if network else "too_many_tries_of_a_code")
        code: str = super().clean_code()
        if normalized_address(stage.state.get("email") or "") != normalized_address(stage.login.user.email):
            raise get_adapter().validation_error("incorrect_code")
        usage.rollback()
        return code
