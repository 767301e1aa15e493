"""Home: the most urgent step, the next walk, coming visits, and the newest praise."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from school.calendar import Calendar, local_date, week_of
from school.http import SignedInRequest
from school.models import Lesson, Person
from school.semester_gaps import gap_on, semester_to_add, without_timetable
from walks import status
from walks.content import norms_of
from walks.models import Walk
from walks.planning import cover_needed
from walks.planning.good_times import next_good_times

from ..models import Praise
from ..next_steps import NextStep, also_asking, announced_visits, coming_up, most_urgent, walks_of

NORMS_SHOWN = 5


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The start page. Administrators who do not teach start from the report.

    While the school has no timetable, they start from the checklist on the settings page.
    """
    person = request.user
    if person.is_administrator and not person.is_teacher and not person.is_head:
        return redirect("walks:report" if Lesson.objects.visible_to(person).exists() else "school:settings")
    now = timezone.now()
    today = local_date(person.school, now)
    calendar = Calendar(person.school)
    semester = calendar.semester_on(today) or calendar.next_semester(today)
    gap = gap_on(calendar, today)
    walks = walks_of(person, semester)
    why_cover = cover_needed.reasons(walks, calendar=calendar, now=now)
    first = most_urgent(walks, now=now, cover_needed=why_cover)
    norms = norms_of(person.school)
    good_times = next_good_times(person, now=now, calendar=calendar) if semester and not walks else []
    context = {
        "now": now,
        "today": today,
        "greeting": _greeting(person, now, newcomer=not walks and gap is None),
        "semester": semester,
        "week": week_of(semester, today) if semester else None,
        "gap": gap,
        "to_add": semester_to_add(person, calendar, today),
        "next": first,
        "walking": first is not None and first.key == "walking",
        "norm": norms[today.toordinal() % len(norms)],
        "norms": norms[:NORMS_SHOWN],
        "visits": announced_visits(person, now=now),
        "latest_praise": Praise.objects.visible_to(person).received_by(person).select_related("author").first(),
        **_second_walk(walks, now, first, why_cover),
        "good_times": good_times,
        "no_timetable": "" if walks or good_times else without_timetable(person.school, semester),
    }
    return TemplateResponse(request, "observations/home.html", context)


def _greeting(person: Person, now: dt.datetime, *, newcomer: bool) -> str:
    hour = now.astimezone(person.school.zone).hour
    if newcomer:
        words = _("Welcome, %(name)s")
    elif hour < 12:
        words = _("Good morning, %(name)s")
    elif hour < 18:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": person.given_name}


def _second_walk(
    walks: list[Walk], now: dt.datetime, first: NextStep | None, why_cover: dict[int, str]
) -> dict[str, Any]:
    first_walk = first.walk if first else None
    walk = coming_up(walks, now=now, but=first_walk)
    also = also_asking(walks, now=now, but=[first_walk, walk])
    if walk is None:
        return {"also": also, "upcoming": None}
    why = why_cover.get(walk.pk, "")
    return {
        "also": also,
        "upcoming": walk,
        "upcoming_status": status.with_cover_needed(status.of(walk, now), why),
        "upcoming_cover_needed": why,
    }
