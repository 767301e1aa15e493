"""The directory: who teaches what, when and where, and the policy the school set."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .managers import PersonManager, SchoolQuerySet


def default_time_zone() -> str:
    """The zone a new school starts with: the TIME_ZONE environment variable."""
    return str(settings.SCHOOL_TIME_ZONE)


class School(models.Model):
    """A school and its policy. Everybody may read the policy on the norms page."""

    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=60, default=default_time_zone)
    visitor_limit = models.PositiveSmallIntegerField(
        _("visitors in one room at a time"), default=2, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    announce_by_default = models.BooleanField(
        _("tell colleagues about a visit unless the walker says otherwise"), default=True
    )
    photos_on = models.BooleanField(_("photos allowed"), default=True)
    required_walks = models.PositiveSmallIntegerField(
        _("walks per semester"), default=1, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    quiet_from = models.TimeField(_("no reminders from"), default=dt.time(18, 0))
    quiet_until = models.TimeField(_("no reminders until"), default=dt.time(7, 0))
    hashtags = models.CharField(_("hashtags"), max_length=200, blank=True, default="#LearningWalks")
    norms = models.TextField(_("our norms, one a line"), blank=True)
    photo_days = models.PositiveSmallIntegerField(_("days photos are kept after a walk"), default=30)
    note_days = models.PositiveSmallIntegerField(_("days notes are kept after a walk"), default=365)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.time_zone)


class Building(models.Model):
    """A building of the school."""

    school = models.ForeignKey(School, models.CASCADE, related_name="buildings")
    name = models.CharField(_("name"), max_length=80)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="building_name_once")]

    def __str__(self) -> str:
        return self.name


class Hallway(models.Model):
    """A hallway: rooms next to each other in one building."""

    building = models.ForeignKey(Building, models.CASCADE, related_name="hallways")
    name = models.CharField(_("name"), max_length=80)

    objects = SchoolQuerySet.as_manager()
    school_path = "building__school"

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["building", "name"], name="hallway_name_once")]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A room, known by the code on its door (up to 6 characters)."""

    school = models.ForeignKey(School, models.CASCADE, related_name="rooms")
    hallway = models.ForeignKey(Hallway, models.PROTECT, related_name="rooms")
    code = models.CharField(_("room"), max_length=6)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["school", "code"], name="room_code_once")]

    def __str__(self) -> str:
        return self.code


class Grade(models.Model):
    """A grade group with its Heads of Grade."""

    school = models.ForeignKey(School, models.CASCADE, related_name="grades")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    heads: models.ManyToManyField[Person, models.Model] = models.ManyToManyField(
        "Person", verbose_name=_("Heads of Grade"), related_name="headed_grades", blank=True
    )

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="grade_name_once")]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A vertical team or department: one subject through the grades."""

    school = models.ForeignKey(School, models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=60)
    members: models.ManyToManyField[Person, models.Model] = models.ManyToManyField(
        "Person", verbose_name=_("members"), related_name="teams", blank=True
    )

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody of the school. Roles add up: a teacher may be a Head of Grade and an administrator."""

    THEMES = [("auto", _("Match device")), ("light", _("Light")), ("dark", _("Dark"))]

    school = models.ForeignKey(School, models.PROTECT, related_name="people")
    email = models.EmailField(_("e-mail"), unique=True)
    given_name = models.CharField(_("given name"), max_length=60)
    family_name = models.CharField(_("family name"), max_length=60)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    grade = models.ForeignKey(Grade, models.SET_NULL, related_name="people", null=True, blank=True)
    is_teacher = models.BooleanField(_("teaches, and owes a walk each semester"), default=True)
    is_administrator = models.BooleanField(_("administrator"), default=False)
    is_staff = models.BooleanField(_("may open Django's admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    theme = models.CharField(_("theme"), max_length=5, choices=THEMES, default="auto")
    invited_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["given_name", "family_name"]
    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["family_name", "given_name"]
        indexes = [models.Index(fields=["school", "family_name", "given_name"], name="person_by_name")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Given and family name, as spoken."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def sort_name(self) -> str:
        """Family name first, as a list is sorted."""
        return f"{self.family_name}, {self.given_name}"

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        return f"{self.given_name[:1]}{self.family_name[:1]}".upper()

    @property
    def avatar(self) -> int:
        """One of five calm colour pairs, the same for a person every time."""
        return (self.pk or 0) % 5 + 1

    @property
    def teaching(self) -> str:
        """What is written under the name: "Grade 7 Science"; a subject that the grade names is not said twice."""
        grade = str(self.grade or "")
        return grade if self.subject in grade.split() else f"{grade} {self.subject}".strip()

    @cached_property
    def headed_grade_ids(self) -> frozenset[int]:
        """The grades this person is Head of (one query a request)."""
        return frozenset(Grade.objects.filter(heads=self).values_list("pk", flat=True))

    @property
    def is_head(self) -> bool:
        """Whether this person is a Head of any grade."""
        return bool(self.headed_grade_ids)


class Semester(models.Model):
    """A semester, both days included. Semesters of a school do not overlap (see the rule in terms)."""

    school = models.ForeignKey(School, models.CASCADE, related_name="semesters")
    name = models.CharField(_("name"), max_length=60)
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
    def word(self) -> str:
        """The name without the year, as in "your autumn walk": first word, lower case."""
        return self.name.split(" ")[0].lower()


class DayOff(models.Model):
    """A date without school: a holiday, a training day."""

    school = models.ForeignKey(School, models.CASCADE, related_name="days_off")
    date = models.DateField(_("date"))
    label = models.CharField(_("why"), max_length=60, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["school", "date"], name="day_off_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.label}".strip()


class DayType(models.Model):
    """A day of the timetable: Monday … Friday (weekday 0–6 as in Python)."""

    school = models.ForeignKey(School, models.CASCADE, related_name="day_types")
    name = models.CharField(_("name"), max_length=20)
    weekday = models.PositiveSmallIntegerField(_("weekday"), validators=[MaxValueValidator(6)])

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["school", "weekday"], name="day_type_weekday_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="day_type_weekday_range"),
        ]

    def __str__(self) -> str:
        return self.name


class Period(models.Model):
    """A period of the bell schedule, in the school's local time."""

    school = models.ForeignKey(School, models.CASCADE, related_name="periods")
    name = models.CharField(_("name"), max_length=30)
    position = models.PositiveSmallIntegerField(default=1)
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
        """The short form for grids and mails: P3."""
        return f"P{self.position}"


class Lesson(models.Model):
    """One line of the timetable: a teacher in a room, in a period of a day type, in a semester."""

    semester = models.ForeignKey(Semester, models.CASCADE, related_name="lessons")
    day_type = models.ForeignKey(DayType, models.CASCADE, related_name="lessons")
    period = models.ForeignKey(Period, models.CASCADE, related_name="lessons")
    teacher = models.ForeignKey(Person, models.CASCADE, related_name="lessons")
    room = models.ForeignKey(Room, models.CASCADE, related_name="lessons")
    title = models.CharField(_("class"), max_length=60)

    objects = SchoolQuerySet.as_manager()
    school_path = "semester__school"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["semester", "day_type", "period", "teacher"], name="teacher_teaches_once"),
            models.UniqueConstraint(fields=["semester", "day_type", "period", "room"], name="room_used_once"),
        ]

    def __str__(self) -> str:
        return self.title


class RoomClosure(models.Model):
    """A room that takes no visitors on a date (in one period, or all day): a test, an assembly."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="closures")
    date = models.DateField(_("date"))
    period = models.ForeignKey(Period, models.CASCADE, null=True, blank=True)
    reason = models.CharField(_("why"), max_length=60, default="Test")

    objects = SchoolQuerySet.as_manager()
    school_path = "room__school"

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.room} {self.date}: {self.reason}"
