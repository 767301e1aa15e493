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
from ..next_step_words import NextStep
from ..next_steps import announced_visits, coming_up, most_urgent, other_steps, walks_of

NORMS_SHOWN = 5


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show the start page. Administrators who do not teach are redirected to the report.

    While the school has no timetable, they are redirected to the checklist on the settings page.
    """
    person = request.user
    if person.is_administrator and not person.is_teacher and not person.is_head:
        return redirect("walks:report" if Lesson.objects.visible_to(person).exists() else "school:settings")
    return TemplateResponse(request, "observations/home.html", _context(person, timezone.now()))


def _context(person: Person, now: dt.datetime) -> dict[str, Any]:
    today = local_date(person.school, now)
    calendar = Calendar(person.school)
    semester = calendar.semester_on(today) or calendar.next_semester(today)
    gap = gap_on(calendar, today)
    walks = walks_of(person, semester)
    cover_reasons = cover_needed.reasons(walks, calendar=calendar, now=now)
    first = most_urgent(walks, now=now, cover_needed=cover_reasons)
    norms = norms_of(person.school)
    good_times = next_good_times(person, now=now, calendar=calendar) if semester and not walks else []
    return {
        "now": now,
        "today": today,
        "greeting": _greeting(person, now, newcomer=not walks and gap is None),
        "semester": semester,
        "week": week_of(semester, today) if semester else None,
        "gap": gap,
        "to_add": semester_to_add(person, calendar, today),
        "next_step": first,
        "is_walking": first is not None and first.key == "walking",
        "norm_of_the_day": norms[today.toordinal() % len(norms)],
        "norms": norms[:NORMS_SHOWN],
        "announced_visits": announced_visits(person, now=now),
        "latest_praise": Praise.objects.visible_to(person).received_by(person).select_related("author").first(),
        **_further_walks(walks, now, first, cover_reasons),
        "good_times": good_times,
        "no_timetable": "" if walks or good_times else without_timetable(person.school, semester),
    }


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


def _further_walks(
    walks: list[Walk], now: dt.datetime, first: NextStep | None, cover_reasons: dict[int, str]
) -> dict[str, Any]:
    """Return the context for the walk that comes up, and for the other things that the walker has to do."""
    first_walk = first.walk if first else None
    walk = coming_up(walks, now=now, shown_first=first_walk)
    others = other_steps(walks, now=now, shown=[first_walk, walk])
    if walk is None:
        return {"other_steps": others, "upcoming": None}
    reason = cover_reasons.get(walk.pk, "")
    upcoming = {
        "walk": walk,
        "status": status.with_cover_needed(status.of(walk, now), reason),
        "cover_needed": reason,
    }
    return {"other_steps": others, "upcoming": upcoming}
