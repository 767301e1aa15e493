"""The query of the semester report: for each teacher the walks of the semester, counted by state."""

from __future__ import annotations

import datetime as dt

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from school.models import Person, Semester

from ..models import State
from . import nudges
from .drop_ins import made_of_drop_ins
from .report_statuses import COMPLETE, EXCUSED, NOT_PLANNED, PLANNED, UNDER_WAY


def with_status(people: QuerySet[Person], required: int, semester: Semester, today: dt.date) -> QuerySet[Person]:
    """Annotate the people with the columns of the report. A plan whose day has passed does not count."""
    planned_walk = Q(walk__is_drop_in=False)  # unlike a visit through an open door
    complete = planned_walk & Q(walk__state=State.COMPLETE)
    under_way = planned_walk & Q(walk__state=State.WALKED)
    planned = planned_walk & Q(walk__state__in=nudges.PLANNED, walk__date__gte=today)
    drop_in = Q(walk__state=State.COMPLETE, walk__is_drop_in=True)
    annotated: QuerySet[Person] = people.annotate(
        walk=FilteredRelation("walks", condition=Q(walks__semester=semester)),
        excusal=FilteredRelation("excusals", condition=Q(excusals__semester=semester)),
        drop_ins=Count("walk", filter=drop_in),
        takeaways=Count("walk", filter=drop_in & Q(walk__takeaway_at__isnull=False)),
        made_of_drop_ins=made_of_drop_ins(semester.school),
        complete_walks=Count("walk", filter=complete) + F("made_of_drop_ins"),
        walks_under_way=Count("walk", filter=under_way),
        planned_walks=Count("walk", filter=planned),
        first_complete_on=Coalesce(Min("walk__date", filter=complete), Max("walk__date", filter=drop_in)),
        first_under_way_on=Min("walk__date", filter=under_way),
        first_planned_on=Min("walk__date", filter=planned),
        reason=Coalesce(Max("excusal__reason"), Value(""), output_field=CharField()),
        status=Case(
            When(complete_walks__gte=required, then=Value(COMPLETE)),
            When(~Q(reason=""), then=Value(EXCUSED)),
            When(walks_under_way__gt=0, then=Value(UNDER_WAY)),
            When(planned_walks__gt=0, then=Value(PLANNED)),
            default=Value(NOT_PLANNED),
            output_field=CharField(),
        ),
        extra=Case(
            When(complete_walks__gt=required, then=F("complete_walks") - required),
            default=0,
            output_field=IntegerField(),
        )
        + F("drop_ins")
        - F("made_of_drop_ins") * semester.school.drop_ins_for_a_walk,
    )
    return annotated
