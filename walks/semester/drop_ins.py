"""Visits through open doors are extra. If the school wants it, some of them with a takeaway count as one walk."""

from __future__ import annotations

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from school.models import School, Semester

from ..models import State, Walk

NEVER = 1 << 30  # more drop-ins than anybody makes


def _enough(school: School) -> int:
    return school.drop_ins_for_a_walk or NEVER


def made_of_drop_ins(school: School) -> Combinable:
    """Return 1 for a person whose drop-ins count as a walk, else 0. Annotate `drop_ins` and `takeaways` before."""
    is_enough = Q(drop_ins__gte=_enough(school), takeaways__gt=0)
    return Case(When(is_enough, then=Value(1)), default=Value(0), output_field=IntegerField())


def walkers_with_enough_drop_ins(semester: Semester) -> QuerySet[Walk, int]:
    """Return the ids of people whose complete drop-ins of the semester count as a walk."""
    complete = Walk.objects.filter(semester=semester, is_drop_in=True, state=State.COMPLETE)
    counted = complete.order_by().values("walker").annotate(visits=Count("pk"), takeaways=Count("takeaway_at"))
    enough = counted.filter(visits__gte=_enough(semester.school), takeaways__gte=1)
    return enough.values_list("walker", flat=True)
