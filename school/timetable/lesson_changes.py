"""Change single lessons of a teacher from a date on. Earlier days keep the lessons that they had."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from copy import copy
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ..calendar import Calendar
from ..errors import RuleError
from ..locks import lock_school
from ..models import DayType, Lesson, Period, Person, Room
from ..permissions import require_administrator
from ..text.dates import date_words
from . import lessons

ONE_DAY = dt.timedelta(days=1)


class LessonExistsError(RuleError):
    """The teacher has a lesson in that room at that time already."""


class LessonGoneError(RuleError):
    """The lesson was removed meanwhile, for example with the first tap of two."""


class WrongDayError(RuleError):
    """The change cannot begin on that day."""


@dataclass(frozen=True)
class LessonDetails:
    """What an administrator chooses about a lesson."""

    day_type: DayType
    period: Period
    room: Room | None
    kind: str
    title: str


def lessons_from(teacher: Person, date: dt.date) -> list[Lesson]:
    """Return the teacher's lessons that take place on this date or later, in the order of the timetable."""
    still_valid = Q(valid_until=None) | Q(valid_until__gte=date)
    found = Lesson.objects.filter(still_valid, teacher=teacher, semester__ends_on__gte=date)
    related = found.select_related("semester", "day_type", "period", "room")
    return list(related.order_by("semester__starts_on", "day_type", "period__position", "pk"))


@transaction.atomic
def add_lesson(teacher: Person, details: LessonDetails, *, from_date: dt.date, by: Person) -> Lesson:
    """Give the teacher one more lesson from this date to the end of its semester."""
    _lock(teacher, by)
    semester = Calendar(teacher.school).semester_on(from_date)
    if semester is None:
        raise WrongDayError(_("That day is outside the semester. Choose another day"))
    lesson = Lesson(semester=semester, teacher=teacher, valid_from=_if_after(from_date, semester.starts_on))
    _save(lesson, details)
    return lesson


@transaction.atomic
def change_lesson(lesson: Lesson, details: LessonDetails, *, from_date: dt.date, by: Person) -> None:
    """Change or move a lesson from this date on."""
    _lock(lesson.teacher, by)
    last = lesson.valid_until
    if _end(lesson, from_date):
        lesson = Lesson(semester=lesson.semester, teacher=lesson.teacher, valid_from=from_date, valid_until=last)
    _save(lesson, details)


@transaction.atomic
def remove_lesson(lesson: Lesson, *, from_date: dt.date, by: Person) -> None:
    """Remove a lesson from this date on. A second call for a lesson that is gone does nothing."""
    _lock(lesson.teacher, by)
    with suppress(LessonGoneError):
        if not _end(lesson, from_date):
            lessons.remove(Lesson.objects.filter(pk=lesson.pk))


@transaction.atomic
def hand_over(teacher: Person, *, to: Person, from_date: dt.date, by: Person) -> int:
    """Give all lessons that the teacher has from this date on to a colleague. Return their number.

    While the colleague has the same lesson already, because they teach it together, it only ends for the teacher. Raise
    LessonExistsError if the colleague has another lesson in its place.
    """
    _lock(teacher, by)
    if to == teacher or not to.is_active or not to.is_teacher or to.school_id != teacher.school_id:
        raise RuleError(_("Choose a colleague who teaches here"))
    handed_over = lessons_from(teacher, from_date)
    if not handed_over:
        raise WrongDayError(_("%(name)s has no lessons from that day on") % {"name": teacher.full_name})
    for lesson in handed_over:
        first = max(from_date, first_day(lesson))
        taken_over = _copy(lesson)
        taken_over.teacher = to
        taken_over.valid_from = _if_after(first, lesson.semester.starts_on)
        if not _end(lesson, first):
            lessons.remove(Lesson.objects.filter(pk=lesson.pk))
        _save_where_missing(taken_over)
    return len(handed_over)


def first_day(lesson: Lesson) -> dt.date:
    """Return the first day on which the lesson counts."""
    return lesson.valid_from or lesson.semester.starts_on


def last_day(lesson: Lesson) -> dt.date:
    """Return the last day on which the lesson counts."""
    return lesson.valid_until or lesson.semester.ends_on


def _lock(teacher: Person, by: Person) -> None:
    """Check the permission, and let other changes of the timetable wait."""
    words = _("Only administrators can change the timetable.")
    require_administrator(by, school_id=teacher.school_id, words=words)
    lock_school(teacher.school_id)


def _end(lesson: Lesson, from_date: dt.date) -> bool:
    """Let the lesson end before this date. Return False, and change nothing, if no earlier day is left."""
    try:
        lesson.refresh_from_db(fields=["valid_from", "valid_until"])
    except Lesson.DoesNotExist as error:
        raise LessonGoneError(_("This lesson was removed meanwhile. Go back to the timetable")) from error
    if from_date > last_day(lesson):
        day = date_words(last_day(lesson), "j F")
        raise WrongDayError(_("This lesson ends on %(day)s. Choose a day up to then") % {"day": day})
    if from_date <= first_day(lesson):
        return False
    lesson.valid_until = from_date - ONE_DAY
    lesson.save(update_fields=["valid_until"])
    return True


def _if_after(date: dt.date, first: dt.date) -> dt.date | None:
    return date if date > first else None


def _save(lesson: Lesson, details: LessonDetails) -> None:
    lesson.day_type = details.day_type
    lesson.period = details.period
    lesson.room = details.room
    lesson.kind = details.kind
    lesson.title = details.title
    if _others_in_its_place(lesson):
        words = _("%(name)s has a lesson in the same place at that time already")
        raise LessonExistsError(words % {"name": lesson.teacher.full_name})
    lesson.save()


def _save_where_missing(lesson: Lesson) -> None:
    """Save the lesson for those of its days on which the teacher does not have it yet."""
    first, last = first_day(lesson), last_day(lesson)
    for other in _others_in_its_place(lesson):
        if (other.title, other.kind) != (lesson.title, lesson.kind):
            words = _("%(name)s already has %(lesson)s on %(day)s, %(period)s. Change or remove that lesson first")
            when = {"day": lesson.day_type, "period": lesson.period}
            raise LessonExistsError(words % {"name": lesson.teacher.full_name, "lesson": other.with_room, **when})
        if first < first_day(other):
            before = _copy(lesson)
            before.valid_until = first_day(other) - ONE_DAY
            before.save()
        lesson.valid_from = first = max(first, last_day(other) + ONE_DAY)
    if first <= last:
        lesson.save()


def _copy(lesson: Lesson) -> Lesson:
    """Return an unsaved copy of the lesson."""
    copied = copy(lesson)
    copied.pk = None
    copied._state.adding = True
    return copied


def _others_in_its_place(lesson: Lesson) -> list[Lesson]:
    """Return the teacher's other lessons in that room, or without a room, at that time, from the first one on."""
    place = {"day_type": lesson.day_type, "period": lesson.period, "room": lesson.room}
    same_place = Lesson.objects.filter(semester=lesson.semester, teacher=lesson.teacher, **place).exclude(pk=lesson.pk)
    first, last = first_day(lesson), last_day(lesson)
    others = same_place.select_related("semester", "room")
    at_that_time = [other for other in others if first_day(other) <= last and last_day(other) >= first]
    return sorted(at_that_time, key=first_day)
