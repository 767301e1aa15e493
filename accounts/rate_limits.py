"""Five wrong guesses in five minutes for each account, whichever form and worker, at any moment.

allauth counts under a lock in the shared cache; these forms and keys let every form use that one count.
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

PATIENCE = 15  # seconds; longer than the ten after which a turn that nobody ended is over
security = logging.getLogger("learningwalks.security")


def be_patient() -> None:
    """Everybody behind one address waits for one count. allauth waits a second for its turn and then sends people
    away, which a staff meeting on a busy machine takes for a refusal."""
    turns.CACHE_LOCK_WAIT_TIMEOUT = PATIENCE


def account_key(login: str) -> str:
    """One name for one account: capitals and look-alike letters, which sign-in takes too, make no other of it."""
    return unicodedata.normalize("NFKC", login).casefold().strip()


def too_many_from_here(request: HttpRequest, action: str) -> bool:
    """Whether the limit that refused a try is that of the network address, which many people may share."""
    rates = settings.ACCOUNT_RATE_LIMITS[action].split(",")
    of_address = {action: ",".join(rate for rate in rates if rate.endswith("/ip"))}
    return not turns.consume(request, app="allauth.account", action=action, config=of_address, dry_run=True)


def after_the_answer(doing: Callable[[], object]) -> None:
    """Do it a moment after the request: how long an answer takes must not tell whether somebody gets a mail."""
    if settings.ACCOUNT_MAIL_AFTER is None:
        doing()
        return
    threading.Timer(settings.ACCOUNT_MAIL_AFTER, contextvars.copy_context().run, (_quietly, doing)).start()


def _quietly(doing: Callable[[], object]) -> None:
    try:
        doing()
    except Exception as error:  # a mail server that is away; the person asks once more
        security.error("a mail about an account was not sent: %s", type(error).__name__)
    finally:
        connections.close_all()


class LaterResetForm(ResetPasswordForm):  # type: ignore[misc]
    """The key and its mail are made after the answer, for a name that nobody has as well."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Answer at once."""
        after_the_answer(partial(super().save, request, **kwargs))
        return str(self.cleaned_data["email"])


class RequestCodeForm(RequestLoginCodeForm):  # type: ignore[misc]
    """Ask for a code by e-mail. Each limit has its own words; they are the same for an address that nobody has."""

    def clean_email(self) -> str:
        """Count, as allauth does."""
        try:
            return str(super().clean_email())
        except ValidationError as error:
            if error.code != "too_many_login_attempts":
                raise
            here = too_many_from_here(context.request, "request_login_code")
            raise get_adapter().validation_error("too_many_from_here" if here else "too_many_codes") from error


class GuardedChangePasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The present password is a guess like any other."""

    def clean_oldpassword(self) -> str:
        """Compare it the way "prove it's you" does, which counts."""
        typed: str = self.cleaned_data.get("oldpassword", "")
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class GuardedCodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """The mailed code. allauth counts in the session, which many requests at once all read before one writes.

    Each code that was asked for has five tries of its own, so that nobody else's guesses block it.
    """

    def clean_code(self) -> str:
        """Count first, then compare; a right code is not counted. A code for an address given up opens nothing."""
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
