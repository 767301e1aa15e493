"""Load the signed-in person in one query with their school, their grade and what the page header shows."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.db.models import BigAutoField, Count, DateTimeField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from observations.models import Praise
from observations.querysets import news_limit, undo_limit
from school import demo
from school.models import Grade, Person
from walks.models import Stop

from .prepared import Placeholder, PreparedQuery


def _count(found: QuerySet[Any], by: str) -> Coalesce:
    """Return an SQL expression that counts the rows of each person in `found`. `by` is the column with the person."""
    counted = found.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


HEADED_GRADES = Grade.heads.through.objects.filter(person=OuterRef("pk"))
SENT_BEFORE = Placeholder("sent_before", DateTimeField())
NEWS_SINCE = Placeholder("news_since", DateTimeField())
PEOPLE_WITH_COUNTS = (
    Person.objects.select_related("school", "grade")
    .annotate(
        heads=_count(HEADED_GRADES, "person"),
        headed_grade=Subquery(HEADED_GRADES.values("grade__name")[:1]),
        praise_to_send=_count(Stop.objects.filter(walk__walker=OuterRef("pk")).owed_thanks(), "walk__walker"),
        new_praise=_count(Praise.objects.new_to(OuterRef("pk"), sent_before=SENT_BEFORE, since=NEWS_SINCE), "host"),
        new_thanks=_count(Praise.objects.with_new_thanks_to(OuterRef("pk"), since=NEWS_SINCE), "author"),
    )
    .filter(pk=Placeholder("pk", BigAutoField()))
)
SIGNED_IN_PERSON = PreparedQuery(PEOPLE_WITH_COUNTS)
SIGNED_IN_PERSON_OF_DEMO = PreparedQuery(PEOPLE_WITH_COUNTS.annotate(is_beside_real_school=demo.REAL_SCHOOL))


class PersonBackend(AuthenticationBackend):
    def user_can_authenticate(self, user: Person) -> bool:
        """Refuse people who left, and demo accounts in a real school."""
        return bool(super().user_can_authenticate(user)) and demo.may_sign_in(user)

    def get_user(self, user_id: int) -> Person | None:
        """Return the person of a session, or None if they have left the school."""
        query = SIGNED_IN_PERSON_OF_DEMO if settings.DEMO else SIGNED_IN_PERSON
        found = query.run(pk=user_id, sent_before=undo_limit(), news_since=news_limit())
        if not found or not self.user_can_authenticate(found[0]):
            return None
        person: Any = found[0]  # with the counts of PEOPLE_WITH_COUNTS
        person.heads_a_grade = person.heads > 0
        person.only_headed_grade = person.headed_grade if person.heads == 1 else ""
        signed_in: Person = person
        return signed_in
