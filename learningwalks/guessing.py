"""Five wrong guesses in five minutes for each account, whatever the door, the worker, or the moment.

allauth counts under a lock in the shared cache; these forms and keys let every door use that one count.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, ConfirmLoginCodeForm
from allauth.core import context, ratelimit


def account_key(login: str) -> str:
    """One name for one account: capitals and look-alike letters, which sign-in takes too, make no other of it."""
    return unicodedata.normalize("NFKC", login).casefold().strip()


class GuardedChangePasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The present password is a guess like any other."""

    def clean_oldpassword(self) -> str:
        """Compare it the way "prove it's you" does, which counts."""
        typed: str = self.cleaned_data.get("oldpassword", "")
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class GuardedCodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """The mailed code. allauth counts in the session, which many requests at once all read before one writes."""

    def clean_code(self) -> str:
        """Count first, then compare; a right code is not counted."""
        stage = context.request._login_stage
        key = f"login-code:{account_key(stage.state.get('email') or '')}"
        usage: Any = ratelimit.consume(context.request, action="login_failed", key=key)
        if not usage:
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        usage.rollback()
        return code
