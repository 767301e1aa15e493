"""How a signed-in person is fetched: one query with school and grade."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from school.models import Person


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's e-mail sign-in, with the session's person fetched in one query."""

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session; None when they left the school."""
        person = Person.objects.select_related("school", "grade").filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None
