"""What a person does in each period of a day, in a word or two to stand beside the period."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from school.models import Lesson, Period, Person

from ..availability.availability import Availability
from ..models import Walk


def marks_on(
    date: dt.date, person: Person, *, availability: Availability, now: dt.datetime, excluding: Walk | None = None
) -> dict[int, str]:
    """Return a remark on each period, by id: no school, passed, what the person teaches then, or free.

    `excluding` is the walk in question, which does not make its walker busy.
    """
    calendar = availability.calendar
    if calendar.semester_on(date) is None or not calendar.is_school_day(date):
        return {period.pk: _("no school") for period in calendar.periods}
    absent = {period.pk: _("not on this day") for period in calendar.periods}
    periods = calendar.periods_on(date)
    return absent | {period.pk: _mark(date, period, person, availability, now, excluding) for period in periods}


def _mark(
    date: dt.date,
    period: Period,
    person: Person,
    availability: Availability,
    now: dt.datetime,
    excluding: Walk | None,
) -> str:
    is_of_walk = excluding is not None and (date, period.pk) == (excluding.date, excluding.period_id)
    start = excluding.starts_at if excluding and is_of_walk else availability.calendar.times(date, period)[0]
    if start <= now:
        return _("passed")
    lesson = availability.taught_by(person, date, period)
    if lesson is not None:
        words = _("teaches %(title)s") if lesson.kind == Lesson.Kind.CLASS else _("has %(title)s")
        return words % {"title": lesson.title} if lesson.title else _("teaches")
    times = availability.longest_walk_times(date, period)
    if availability.is_walking(person, times, excluding=excluding):
        return _("on another walk")
    if availability.walk_covered_by(person, times):
        return _("covers a class")
    if not availability.is_at_school(person, date, period):
        return _("not at school")
    return _("free")
