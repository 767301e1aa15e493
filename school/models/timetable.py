"""When classes are: semesters, days of the timetable, days off, periods, lessons, and rooms that are closed."""

from __future__ import annotations

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..text.dates import date_words
from ..text.semester_words import is_season
from .managers import LessonQuerySet, SchoolQuerySet
from .people import Person
from .places import Campus, Room
from .policy import School


class Semester(models.Model):
    """A semester, with its first and last day. Semesters of a school do not overlap (school.policy refuses that)."""

    school = models.ForeignKey(School, models.CASCADE, related_name="semesters")
    name = models.CharField(_("name"), max_length=60)
    word = models.CharField(_("word in sentences"), max_length=30, default="semester")  # "your autumn walk"
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="semester_ends_after_start"),
            models.UniqueConstraint(fields=["school", "starts_on"], name="semester_start_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_season(self) -> bool:
        """Whether its word is a season."""
        return is_season(self.word)

    @property
    def title(self) -> str:
        """Return for example "Autumn semester", or the name if its word is no season."""
        if not self.has_season:
            return self.name
        return gettext("%(season)s semester") % {"season": capfirst(self.word)}


class DayOff(models.Model):
    """A date without school, such as a holiday or a training day."""

    school = models.ForeignKey(School, models.CASCADE, related_name="days_off")
    date = models.DateField(_("date"))
    label = models.CharField(_("why"), max_length=60, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["school", "date"], name="day_off_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.label}".strip()

    @property
    def why(self) -> str:
        return self.label


class DayType(models.Model):
    """A day of the timetable, such as Monday, Monday B or Day 4. Lessons refer to it, not to a date.

    It is either a day of the week (`weekday` is 0 for Monday, to 6), in each week or in one of two `week`s that take
    turns; or it has a `number` in a cycle of days that follow each other on school days.
    """

    school = models.ForeignKey(School, models.CASCADE, related_name="day_types")
    name = models.CharField(_("name"), max_length=20)
    weekday = models.PositiveSmallIntegerField(_("weekday"), null=True, blank=True, validators=[MaxValueValidator(6)])
    week = models.PositiveSmallIntegerField(
        _("week"), default=1, validators=[MinValueValidator(1), MaxValueValidator(2)]
    )
    number = models.PositiveSmallIntegerField(
        _("number"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    bells = models.ForeignKey("school.BellSchedule", models.SET_NULL, null=True, blank=True, related_name="day_types")

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("days of the timetable")
        ordering = ["number", "week", "weekday"]
        constraints = [
            models.UniqueConstraint(fields=["school", "week", "weekday"], name="day_type_weekday_once"),
            models.UniqueConstraint(fields=["school", "number"], name="day_type_number_once"),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True) | Q(weekday__lte=6), name="day_type_weekday_range"
            ),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True, number__isnull=False) | Q(weekday__isnull=False, number__isnull=True),
                name="day_type_weekday_or_number",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(models.Model):
    """A period of the bell schedule, in the school's local time."""

    school = models.ForeignKey(School, models.CASCADE, related_name="periods")
    name = models.CharField(_("name"), max_length=30)
    position = models.PositiveSmallIntegerField(default=1)
    campus = models.ForeignKey(  # empty if the period takes place on each campus
        Campus, models.SET_NULL, null=True, blank=True, verbose_name=_("campus"), related_name="periods"
    )
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"))

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="period_ends_after_start"),
            models.UniqueConstraint(fields=["school", "position"], name="period_position_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short(self) -> str:
        """Return the short form for tables and mails: P3."""
        return f"P{self.position}"


class Lesson(models.Model):
    """One line of the timetable: what a teacher does in a period of a day type, in a semester.

    Every line keeps its teacher busy; only a class in a room can be visited. Two teachers in one room have a line each,
    as has a teacher for each of two rooms. Without `valid_from` or `valid_until`, the semester sets the limit.
    """

    class Kind(models.TextChoices):
        CLASS = "class", _("Class")
        DUTY = "duty", _("Duty")
        MEETING = "meeting", _("Meeting")

    semester = models.ForeignKey(Semester, models.CASCADE, related_name="lessons")
    day_type = models.ForeignKey(DayType, models.CASCADE, related_name="lessons")
    period = models.ForeignKey(Period, models.CASCADE, related_name="lessons")
    # Teacher and room have no index of their own, because lesson_by_teacher and lesson_by_room begin with them.
    teacher = models.ForeignKey(Person, models.CASCADE, related_name="lessons", db_index=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="lessons", db_index=False, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CLASS)
    title = models.CharField(_("class"), max_length=60)
    valid_from = models.DateField(_("first day"), null=True, blank=True)
    valid_until = models.DateField(_("last day"), null=True, blank=True)

    objects = LessonQuerySet.as_manager()
    school_path = "semester__school"

    class Meta:
        constraints = [
            # NULL equals nothing in a unique index, so missing values count as 0 and as the year 1.
            models.UniqueConstraint(
                "semester",
                "day_type",
                "period",
                "teacher",
                Coalesce("room", 0),
                Coalesce("valid_from", dt.date.min),
                name="lesson_once",
            ),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="lesson_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["teacher", "semester"], name="lesson_by_teacher"),
            models.Index(fields=["room", "semester"], name="lesson_by_room"),
        ]

    def __str__(self) -> str:
        return self.title

    def is_valid_on(self, date: dt.date) -> bool:
        """Whether the line counts on that date of its semester."""
        return (self.valid_from or date) <= date <= (self.valid_until or date)

    @property
    def days_words(self) -> str:
        """Return for example "from 5 October until 4 December"; empty for a lesson of the whole semester."""
        days = []
        if self.valid_from:
            days.append(gettext("from %(day)s") % {"day": date_words(self.valid_from, "j F")})
        if self.valid_until:
            days.append(gettext("until %(day)s") % {"day": date_words(self.valid_until, "j F")})
        return " ".join(days)

    @property
    def with_room(self) -> str:
        """Return for example "7A Maths, Room 204"."""
        if self.room is None:
            return self.title
        return gettext("%(title)s, Room %(room)s") % {"title": self.title, "room": self.room.code}

    @property
    def visited_room(self) -> Room:
        """The room of a class that can be visited."""
        assert self.room is not None
        return self.room

    @property
    def can_be_visited(self) -> bool:
        """Whether this is a class in a room."""
        return self.kind == self.Kind.CLASS and self.room_id is not None


class RoomClosure(models.Model):
    """A room that is closed to visitors on a date, in one period or all day, for example for a test."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="closures")
    date = models.DateField(_("date"))
    period = models.ForeignKey(Period, models.CASCADE, null=True, blank=True)
    reason = models.CharField(_("why"), max_length=60, default="Test")

    objects = SchoolQuerySet.as_manager()
    school_path = "room__school"

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["room", "date", "period"], name="closure_of_period_once"),
            models.UniqueConstraint(
                fields=["room", "date"], condition=Q(period__isnull=True), name="closure_of_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.date}: {self.reason}"

    @property
    def why(self) -> str:
        return self.reason
