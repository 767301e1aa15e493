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
from walks.content import norms_of, short_norms_of
from walks.decisions import requests_to_decide
from walks.doors.chart import doors_that_fit
from walks.models import Walk
from walks.planning.good_times import next_good_times
from walks.planning.obstacles import find_obstacles
from walks.workflow.history import latest_question

from ..models import Praise
from ..next_step_words import NextStep
from ..next_steps import (
    Obstacles,
    announced_visits,
    coming_up,
    is_now,
    most_urgent,
    next_walks_of_grades,
    other_steps,
    walks_of,
    with_deciders,
)

REQUESTS_CHECKED = 20
REQUESTS_SHOWN = 4


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show the start page. Administrators who do not teach are redirected to the report.

    While the school has no timetable, they are redirected to the checklist on the settings page. Before the school
    opens, all administrators are, and everybody else reads that it opens soon.
    """
    person = request.user
    if not person.school.is_open:
        if person.is_administrator:
            return redirect("school:settings")
        return TemplateResponse(request, "observations/not_open.html")
    if person.is_administrator and not person.is_teacher and not person.is_head:
        return redirect("walks:report" if Lesson.objects.visible_to(person).exists() else "school:settings")
    now = timezone.now()
    calendar = Calendar(person.school)
    context = _context(person, calendar, now) | _for_deciders(request, calendar, now)
    return TemplateResponse(request, "observations/home.html", context)


def _for_deciders(request: SignedInRequest, calendar: Calendar, now: dt.datetime) -> dict[str, Any]:
    """Return the requests that wait for the person and, for a Head of Grade, the next approved walks."""
    person = request.user
    if not person.is_head and not person.is_administrator:
        return {}
    waiting = Walk.objects.decidable_by(person).waiting().with_latest_reply()
    requests = list(waiting.select_related("walker__school", "walker__grade", "period").order_by("starts_at"))
    request.waiting = len(requests)  # so that the badge needs no query of its own
    context: dict[str, Any] = {}
    if requests:
        listed = requests_to_decide.list_requests(
            requests[:REQUESTS_CHECKED], decider=person, now=now, calendar=calendar, offers_cover=False
        )
        context |= {"unclear_requests": listed.unclear[:REQUESTS_SHOWN], "clear_requests": listed.clear}
    if person.is_head:
        context["next_walks"] = next_walks_of_grades(person, now=now)
        context["days_off"] = calendar.days_off
    return context


def _context(person: Person, calendar: Calendar, now: dt.datetime) -> dict[str, Any]:
    today = local_date(person.school, now)
    semester = calendar.semester_on(today) or calendar.next_semester(today)
    gap = gap_on(calendar, today)
    walks = walks_of(person, semester)
    obstacles = find_obstacles(walks, calendar=calendar, now=now)
    first = with_deciders(most_urgent(walks, now=now, obstacles=obstacles))
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
        "question": latest_question(first.walk) if first and first.key == "changes_asked" else None,
        "walk_is_now": is_now(first, now),
        "norms_of_the_day": _norms_of_the_day(norms, today),
        "norms": short_norms_of(person.school),
        "announced_visits": announced_visits(person, now=now, calendar=calendar),
        "doors": doors_that_fit(person, calendar=calendar, now=now),
        "latest_praise": Praise.objects.visible_to(person).received_by(person).select_related("author").first(),
        **_further_walks(walks, now, first, obstacles),
        "good_times": good_times,
        "no_timetable": "" if walks or good_times else without_timetable(person.school, semester),
    }


def _norms_of_the_day(norms: list[str], today: dt.date) -> str:
    """Return two norms that follow each other, other ones every day."""
    pairs = range(0, len(norms), 2)
    first = pairs[today.toordinal() % len(pairs)]
    return " ".join(norms[first : first + 2])


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
    return words % {"name": person.short_name}


def _further_walks(walks: list[Walk], now: dt.datetime, first: NextStep | None, obstacles: Obstacles) -> dict[str, Any]:
    """Return the context for the walk that comes up, and for the other things that the walker has to do."""
    first_walk = first.walk if first else None
    walk = coming_up(walks, now=now, shown_first=first_walk, obstacles=obstacles)
    others = other_steps(walks, now=now, shown=[first_walk, walk], obstacles=obstacles)
    if walk is None:
        return {"other_steps": others, "upcoming": None}
    obstacle = obstacles.get(walk.pk)
    upcoming = {
        "walk": walk,
        "title": status.title_of(walk),
        "status": status.with_obstacle(status.of(walk, now), obstacle),
        "obstacle": obstacle,
    }
    return {"other_steps": others, "upcoming": upcoming}
