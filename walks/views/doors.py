"""The pages of open doors: the chart of all doors, opening one's own, and saying that one comes."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.calendar import Calendar, local_date
from school.errors import RuleError
from school.http import SignedInRequest
from school.models import Person
from school.save_errors import report_if_not_saved
from school.text.dates import date_words

from ..doors import doors, visitors, visits
from ..doors.chart import DAYS_SHOWN, Chart, grid_of
from ..doors.lessons import LessonToOpen, every_time, lesson_by_hand, lessons_to_open
from ..forms.doors import STARTERS, DoorByHandForm, DoorForm, NewDoorForm
from ..models import OpenDoor, Walk

FIRST_LESSONS = 6  # that the page shows at once


@require_safe
def door_list(request: SignedInRequest) -> HttpResponse:
    """Show where the reader could go, their own doors with who comes, and all doors of five school days."""
    me = request.user
    now = timezone.now()
    calendar = Calendar(me.school)
    chart = Chart(me, calendar=calendar, now=now)
    today = local_date(me.school, now)
    asked = _date(request.GET.get("from", ""))
    first = asked if asked is not None and asked > today else today
    days = chart.by_day(first)
    own = chart.own
    context = {
        "could_go": chart.could_go,
        "own": [(shown.door, visitors.names_of_visitors(shown.door)) for shown in own],
        "days": [(day, calendar.day_words(day), shown) for day, shown in days],
        "rows": grid_of(days, calendar),
        "has_doors": bool(chart.shown),
        "today": today,
        "is_first": first == today,
        "next_from": _day_after(calendar, [day for day, _shown in days]),
        "may_open": me.is_teacher,
    }
    return TemplateResponse(request, "walks/doors/list.html", context)


def _date(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _day_after(calendar: Calendar, days: list[dt.date]) -> dt.date | None:
    """Return the first school day after a full page of days, if there is one."""
    if len(days) < DAYS_SHOWN:
        return None
    return next(islice(calendar.school_days(days[-1]), 1), None)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Open one of the teacher's own lessons."""
    me = request.user
    if not me.is_teacher:
        raise PermissionDenied
    now = timezone.now()
    calendar = Calendar(me.school)
    lessons = lessons_to_open(me, calendar=calendar, now=now)
    if not lessons and me.lessons.exists():
        return TemplateResponse(request, "walks/doors/no_lessons.html")
    if not lessons:
        return _open_by_hand(request, calendar, now)
    form = NewDoorForm(request.POST or None, by=me, lessons=lessons)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["lesson"]
        wanted = every_time(chosen, me, calendar=calendar) if form.cleaned_data["repeats"] else [chosen]
        if _opened(request, form, wanted, now):
            return redirect("walks:doors")
    later = len(lessons) > FIRST_LESSONS
    context = {
        "form": form,
        "lessons": lessons[:FIRST_LESSONS],
        "later_lessons": lessons[FIRST_LESSONS:] if later else [],
        "chosen": form["lesson"].value(),
        "starters": STARTERS,
    }
    return TemplateResponse(request, "walks/doors/new.html", context, status=422 if form.errors else 200)


def _open_by_hand(request: SignedInRequest, calendar: Calendar, now: dt.datetime) -> HttpResponse:
    """Open a door of a teacher who has no timetable."""
    periods = [(period.pk, str(period)) for period in calendar.periods]
    form = DoorByHandForm(request.POST or None, by=request.user, periods=periods)
    if request.method == "POST" and form.is_valid():
        date = form.cleaned_data["date"]
        period = calendar.period(int(form.cleaned_data["period"]))
        if period is None or calendar.semester_on(date) is None or not calendar.is_school_day(date):
            form.add_error("date", _("There is no school on that day"))
        else:
            room = form.rooms[form.cleaned_data["room"]]
            lesson = lesson_by_hand(request.user, date, period, room, calendar=calendar)
            if _opened(request, form, [lesson], now):
                return redirect("walks:doors")
    context = {"form": form, "by_hand": True, "starters": STARTERS}
    return TemplateResponse(request, "walks/doors/new.html", context, status=422 if form.errors else 200)


def _opened(request: SignedInRequest, form: DoorForm, lessons: list[LessonToOpen], now: dt.datetime) -> bool:
    data = form.cleaned_data
    try:
        with report_if_not_saved():
            opened = doors.open_doors(
                lessons,
                title=data["title"],
                practice=data["practice"],
                places=data["places"],
                is_tentative=data["is_tentative"],
                by=request.user,
                now=now,
            )
    except RuleError as error:
        form.add_error(None, str(error))
        return False
    if opened:
        words = _("Your door is open: %(day)s, %(period)s.")
        named = {"day": date_words(opened[0].date), "period": opened[0].period}
        messages.success(request, words % named)
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def door_page(request: SignedInRequest, door_id: int) -> HttpResponse:
    """Show one door. Its host changes it here, and reads who comes."""
    me = request.user
    now = timezone.now()
    door = _visible_door(request, door_id)
    is_host = doors.may_change(me, door)
    if request.method == "POST" and not is_host:
        raise PermissionDenied
    form = DoorForm(request.POST or None, by=me, door=door)
    if request.method == "POST" and form.is_valid():
        try:
            with report_if_not_saved():
                doors.change(door, **form.cleaned_data, by=me, now=now)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("walks:doors")
    context: dict[str, Any] = {
        "shown": Chart(me, calendar=Calendar(me.school), now=now).of(door),
        "door": door,
        "form": form if is_host else None,
        "is_host": is_host,
        "visitors": visitors.names_of_visitors(door) if is_host else [],
        "is_over": door.closed_at is not None or door.ends_at <= now,
        "starters": STARTERS,
    }
    return TemplateResponse(request, "walks/doors/door.html", context, status=422 if form.errors else 200)


@require_POST
def close(request: SignedInRequest, door_id: int) -> HttpResponse:
    """Close the door. The colleagues who planned to come get an e-mail."""
    door = _visible_door(request, door_id)
    if not doors.may_change(request.user, door):
        raise PermissionDenied
    try:
        doors.close(door, by=request.user, now=timezone.now())
    except RuleError as error:
        messages.info(request, str(error))
    else:
        messages.success(request, _("Your door is closed. Whoever planned to come gets an e-mail."))
    return redirect("walks:doors")


@require_POST
def come(request: SignedInRequest, door_id: int) -> HttpResponse:
    """Say that the reader comes."""
    door = _visible_door(request, door_id)
    now = timezone.now()
    try:
        walk = visits.come(door, by=request.user, now=now)
    except visits.NoPlaceError as error:
        messages.warning(request, str(error))
    else:
        undo = reverse("walks:door_leave", args=[door.pk])
        messages.success(request, _going_words(walk, request.user, now), extra_tags=f"undo:{undo}")
    return redirect("walks:doors")


def _going_words(walk: Walk, visitor: Person, now: dt.datetime) -> str:
    is_today = walk.date == local_date(visitor.school, now)
    room = walk.stops.select_related("room")[0].room
    starts = f"{walk.starts_at.astimezone(visitor.school.zone):%H:%M}"
    words = _("You’re going: Room %(room)s, today at %(time)s.") if is_today else ""
    words = words or _("You’re going: Room %(room)s, %(day)s at %(time)s.")
    return words % {"room": room.code, "day": date_words(walk.date), "time": starts}


@require_POST
def leave(request: SignedInRequest, door_id: int) -> HttpResponse:
    """Say that the reader cannot come after all."""
    door = _visible_door(request, door_id)
    walk = visitors.coming_to(door).filter(walker=request.user).select_related("walker__school").first()
    if walk is not None:
        visits.cannot_come(walk, by=request.user, now=timezone.now())
        messages.success(request, _("You’re not going. Nobody is told."))
    return redirect("walks:doors")


def _visible_door(request: SignedInRequest, door_id: int) -> OpenDoor:
    found = OpenDoor.objects.visible_to(request.user).select_related("host__grade", "room", "period", "practice")
    door: OpenDoor = get_object_or_404(found, pk=door_id)
    return door
