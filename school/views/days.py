"""The page about school days: how they follow each other, and what the next three weeks look like."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .. import day_settings
from ..calendar import Calendar, local_date
from ..forms.cycle import CycleForm
from ..http import SignedInRequest
from ..models import DayCycle
from .access import administrators_only

WEEKS_SHOWN = 3
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class ShownDay:
    """One date of the preview."""

    date: dt.date
    day: str  # of the timetable; empty without school
    note: str  # the bells, or why there is no school
    is_special: bool


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def days(request: SignedInRequest) -> HttpResponse:
    """Show and change the cycle of days."""
    school = request.user.school
    calendar = Calendar(school)
    setting = DayCycle.objects.visible_to(request.user).first() or DayCycle()
    form = CycleForm(request.POST or None, calendar=calendar, setting=setting)
    asks_about_lessons = False
    if request.method == "POST" and form.is_valid():
        delete_lessons = form.cleaned_data["delete_lessons"]
        try:
            day_settings.set_cycle(
                school, form.wanted, names=form.names, delete_lessons=delete_lessons, by=request.user
            )
        except day_settings.LessonsInTheWayError as error:
            form.add_error("delete_lessons", str(error))
            asks_about_lessons = True
        else:
            messages.success(request, _("Saved. Check the next three weeks below."))
            return redirect("school:days")
    context = {
        "form": form,
        "asks_about_lessons": asks_about_lessons,
        "weeks": shown_weeks(calendar, local_date(school, timezone.now())),
    }
    return TemplateResponse(request, "school/days.html", context, status=422 if form.errors else 200)


def shown_weeks(calendar: Calendar, today: dt.date) -> list[list[ShownDay]]:
    """Return three weeks, from this week on; before a semester, from its first week on. Days of weekends are left out.

    A date without school stays if other weeks have school on this day of the week.
    """
    first = calendar.first_day_to_plan(today)
    first -= dt.timedelta(days=(first.weekday() - calendar.cycle.first_weekday) % DAYS_OF_A_WEEK)
    dates = [first + dt.timedelta(days=n) for n in range(WEEKS_SHOWN * DAYS_OF_A_WEEK)]
    weekdays = calendar.cycle.weekdays | {date.weekday() for date in dates if calendar.is_school_day(date)}
    found = [_shown_day(calendar, date) for date in dates if date.weekday() in weekdays]
    length = len(weekdays)
    return [found[start : start + length] for start in range(0, len(found), length or 1)]


def _shown_day(calendar: Calendar, date: dt.date) -> ShownDay:
    if calendar.semester_on(date) is None:
        return ShownDay(date, "", _("no semester"), is_special=False)
    day = calendar.day_type(date)
    if day is None:
        return ShownDay(date, "", calendar.days_off.get(date) or _("no school"), is_special=False)
    return ShownDay(date, day.name, calendar.bells_name(date), is_special=date in calendar.cycle.special_dates)
