"""Load the signed-in person in one query with their school, their grade and what the page header shows."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from observations.models import Praise
from school import demo
from school.models import Grade, Person
from walks.models import Stop


def _count(found: QuerySet[Any], by: str) -> Coalesce:
    """Return an SQL expression that counts the rows of each person in `found`. `by` is the column with the person."""
    counted = found.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


PRAISE_TO_SEND = _count(Stop.objects.filter(walk__walker=OuterRef("pk")).owed_thanks(), "walk__walker")
HEADED_GRADES = Grade.heads.through.objects.filter(person=OuterRef("pk"))
PEOPLE_WITH_COUNTS = Person.objects.select_related("school", "grade").annotate(
    heads=_count(HEADED_GRADES, "person"),
    headed_grade=Subquery(HEADED_GRADES.values("grade__name")[:1]),
    owed=PRAISE_TO_SEND,
)


def _unseen_counts() -> dict[str, Coalesce]:
    """Return the counts of new praise and new thanks. They depend on the time, so they are made for each request."""
    received = _count(Praise.objects.new_to(OuterRef("pk")), "host")
    answered = _count(Praise.objects.with_new_thanks_to(OuterRef("pk")), "author")
    return {"received": received, "answered": answered}


class PersonBackend(AuthenticationBackend):
    def user_can_authenticate(self, user: Person) -> bool:
        """Refuse people who left, and demo accounts in a real school."""
        return bool(super().user_can_authenticate(user)) and demo.may_sign_in(user)

    def get_user(self, user_id: int) -> Person | None:
        """Return the person of a session, or None if they have left the school."""
        people = PEOPLE_WITH_COUNTS.annotate(**_unseen_counts())
        if settings.DEMO:
            people = people.annotate(is_beside_real_school=demo.REAL_SCHOOL)
        person = people.filter(pk=user_id).first()
        if person is None or not self.user_can_authenticate(person):
            return None
        person.heads_a_grade = person.heads > 0
        person.only_headed_grade = person.headed_grade if person.heads == 1 else ""
        person.praise_to_send = person.owed
        person.new_praise = person.received
        person.new_thanks = person.answered
        found: Person = person
        return found
