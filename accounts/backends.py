"""Load the signed-in person in one query with their school, their grade and what the page header shows."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from school import demo
from school.models import Grade, Person
from walks.models import Stop

HEADS_A_GRADE = Exists(Grade.objects.filter(heads=OuterRef("pk")))
# The number of rooms for which the person owes thanks.
_owed = Stop.objects.filter(walk__walker=OuterRef("pk")).owed_thanks().order_by().values("walk__walker")
TO_THANK = Coalesce(Subquery(_owed.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)
PEOPLE = Person.objects.select_related("school", "grade").annotate(heads=HEADS_A_GRADE, owed=TO_THANK)


class PersonBackend(AuthenticationBackend):
    def user_can_authenticate(self, user: Person) -> bool:
        """Refuse people who left, and demo accounts in a real school."""
        return bool(super().user_can_authenticate(user)) and demo.may_sign_in(user)

    def get_user(self, user_id: int) -> Person | None:
        """Return the person of a session, or None if they have left the school."""
        person = PEOPLE.filter(pk=user_id).first()
        if person is None or not self.user_can_authenticate(person):
            return None
        person.heads_a_grade = person.heads
        person.to_thank = person.owed
        found: Person = person
        return found
