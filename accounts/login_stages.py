"""Two stages of signing in around the second step: an account that changed in between ends the sign-in.

allauth keeps a sign-in that waits for its second step in the session, for a quarter of an hour, and asks nothing about
the account again. Whoever gave the old password before it was changed would still get in with the second step.
"""

from __future__ import annotations

from typing import Any

from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from school.models import Person

STATE = "account_as_it_was"
StageResult = tuple[HttpResponse | None, bool]


def _as_it_is(person: Person) -> list[Any]:
    """What a sign-in was given for: the password, the address, and the roles."""
    roles = [person.is_active, person.is_administrator, person.is_staff, person.is_superuser]
    return [person.get_session_auth_hash(), person.email, *roles]


class RememberAccountStage(LoginStage):  # type: ignore[misc]
    """Before the second step: note the account as it was when the password or the mailed code was right."""

    key = "remember_account"

    def handle(self) -> StageResult:
        """Go on at once."""
        self.login.state[STATE] = _as_it_is(self.login.user)
        return None, True


class SameAccountStage(LoginStage):  # type: ignore[misc]
    """After the second step: the account must still be as it was."""

    key = "same_account"

    def handle(self) -> StageResult:
        """Go on, or begin again at the sign-in page."""
        now = Person.objects.filter(pk=self.login.user.pk).first()
        if now is not None and _as_it_is(now) == self.login.state.get(STATE):
            return None, True
        messages.info(self.request, _("Your account changed in the meantime. Sign in again."))
        return redirect("sign-in"), False
