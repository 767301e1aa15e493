"""Two login stages, before and after the second step. A sign-in ends if the account changed in between.

While a sign-in waits for its second step, allauth keeps it in the session for 15 minutes and does not check the account
again. Without these stages, a person who typed the old password just before it was changed could still sign in.
"""

from __future__ import annotations

from typing import Any

from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from school.models import Person

STATE = "account_as_it_was"  # key under which allauth's state of the sign-in holds it
StageResult = tuple[HttpResponse | None, bool]


def _account_state(person: Person) -> list[Any]:
    """Return what the sign-in depends on: password hash, address and roles."""
    roles = [person.is_active, person.is_administrator, person.is_staff, person.is_superuser]
    return [person.get_session_auth_hash(), person.email, *roles]


class RememberAccountStage(LoginStage):
    """Before the second step: store the account's state in the session."""

    key = "remember_account"

    def handle(self) -> StageResult:
        self.login.state[STATE] = _account_state(self.login.user)
        return None, True


class SameAccountStage(LoginStage):
    """After the second step: compare the account with the stored state."""

    key = "same_account"

    def handle(self) -> StageResult:
        """Continue if nothing changed; otherwise start over at the sign-in page."""
        person = Person.objects.filter(pk=self.login.user.pk).first()
        if person is not None and _account_state(person) == self.login.state.get(STATE):
            return None, True
        messages.info(self.request, _("Your account changed in the meantime. Sign in again."))
        return redirect("sign-in"), False
