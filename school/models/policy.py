"""The school and its policy."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .versions import VersionField

TIME_TO_UNDO_OPENING = dt.timedelta(minutes=5)  # so long the invitations wait


def default_time_zone() -> str:
    """Return the time zone of a new school: the TIME_ZONE environment variable."""
    return str(settings.SCHOOL_TIME_ZONE)


def evening() -> dt.time:
    """Return the default start of the quiet hours."""
    return dt.time(18)


def morning() -> dt.time:
    """Return the default end of the quiet hours."""
    return dt.time(7)


class Visits(models.TextChoices):
    """Whose lessons colleagues may visit."""

    ANYBODY = "anybody", _("Everyone’s lessons")
    UNLESS_OPTED_OUT = "unless_opted_out", _("Everyone’s, unless they opt out")


class NoteReaders(models.TextChoices):
    """Who reads a note about a room after the walk, and how long it is kept."""

    PRIVATE = "private", _("Private: only the walker reads them")
    HOST = "host", _("Open to that room’s host after the walk")
    VANISH = "vanish", _("They vanish when the host is thanked")


def small_number(name: Any, default: int, *, least: int = 0, most: int) -> models.PositiveSmallIntegerField[int, int]:
    """Return a field for a whole number of the policy, from `least` to `most`."""
    return models.PositiveSmallIntegerField(
        name,
        default=default,
        db_default=default,
        validators=[MinValueValidator(least), MaxValueValidator(most)],
    )


def switch(name: Any, *, default: bool) -> models.BooleanField[bool, bool]:
    """Return a field for a yes or no of the policy."""
    return models.BooleanField(name, default=default, db_default=default)


class School(models.Model):
    """A school and its policy. Everybody may read the policy on the norms page."""

    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=60, default=default_time_zone)
    visitor_limit = models.PositiveSmallIntegerField(
        _("visitors in one room at a time"), default=2, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    minutes_between_buildings = models.PositiveSmallIntegerField(
        _("minutes from one building to another"),
        default=4,
        db_default=4,
        validators=[MinValueValidator(1), MaxValueValidator(15)],
    )
    announce_by_default = models.BooleanField(
        _("tell colleagues about a visit unless the walker says otherwise"), default=True
    )
    family_name_first = models.BooleanField(_("family names are said first"), default=False, db_default=False)
    photos_on = models.BooleanField(_("photos allowed"), default=True)
    required_walks = models.PositiveSmallIntegerField(  # 0: walks are voluntary
        _("walks per semester"), default=1, validators=[MinValueValidator(0), MaxValueValidator(6)]
    )
    walk_minutes_max = small_number(_("minutes of a walk"), 30, least=20, most=90)
    room_minutes_max = small_number(_("minutes in one room"), 5, least=1, most=20)
    who_may_be_visited = models.CharField(
        _("who may be visited"),
        max_length=20,
        choices=Visits,
        default=Visits.UNLESS_OPTED_OUT,
        db_default=Visits.UNLESS_OPTED_OUT,
    )
    always_announce = switch(_("every visit is announced"), default=False)
    announce_days_ahead = small_number(_("school days between announcement and visit"), 1, most=10)
    focus_in_heads_up = switch(_("the announcement says what the walk looks for"), default=False)
    fortnight_visit_limit = models.PositiveSmallIntegerField(  # None: as many as come
        _("visits to a teacher in two weeks"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    notes_about_a_room = models.CharField(
        _("notes about a room"),
        max_length=10,
        choices=NoteReaders,
        default=NoteReaders.PRIVATE,
        db_default=NoteReaders.PRIVATE,
    )
    student_prompts = switch(_("questions to ask students"), default=True)
    drop_ins_for_a_walk = small_number(_("drop-ins that make a walk"), 3, most=6)
    sharing_on = switch(_("sharing outside the school"), default=True)
    quiet_from = models.TimeField(_("no reminders from"), default=evening)
    quiet_until = models.TimeField(_("no reminders until"), default=morning)
    hashtags = models.CharField(_("hashtags"), max_length=200, blank=True, default="#LearningWalks")
    norms = models.TextField(_("our norms, one per line"), blank=True)
    photo_days = models.PositiveSmallIntegerField(_("days photos are kept after a walk"), default=30)
    note_days = models.PositiveSmallIntegerField(_("days notes are kept after a walk"), default=365)
    draft_days = models.PositiveSmallIntegerField(_("days praise that was never sent is kept"), default=30)
    plan_days = models.PositiveSmallIntegerField(_("days plans and their conversation are kept"), default=365)
    report_days = models.PositiveSmallIntegerField(_("days the report of a semester is kept after it"), default=1095)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)  # no invitation or reminder leaves before
    directory_version = VersionField(default=0, db_default=0, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def is_open(self) -> bool:
        """Whether an administrator has opened Learning Walks for everybody (docs/adr/0017)."""
        return self.opened_at is not None

    @property
    def invitations_leave_at(self) -> dt.datetime | None:
        """When the invitations of the opening leave. Until then the opening can be undone."""
        return self.opened_at + TIME_TO_UNDO_OPENING if self.opened_at else None


class PolicyChange(models.Model):
    """One setting that an administrator changed: when, which, and what it was before. Administrators read it."""

    school = models.ForeignKey(School, models.CASCADE, related_name="policy_changes")
    by = models.ForeignKey("Person", models.SET_NULL, related_name="policy_changes", null=True)
    at = models.DateTimeField(auto_now_add=True)
    setting = models.CharField(max_length=60)  # the name of the School's field
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["school", "-at"], name="policy_change_by_time")]

    def __str__(self) -> str:
        return f"PolicyChange {self.pk}"

    @property
    def setting_in_words(self) -> str:
        """Return the setting, such as "Photos allowed"."""
        name = str(getattr(_policy_field(self.setting), "verbose_name", self.setting))
        return name[:1].upper() + name[1:]

    @property
    def old_in_words(self) -> str:
        """Return the value before the change."""
        return _value_in_words(self.setting, self.old)

    @property
    def new_in_words(self) -> str:
        """Return the value after the change."""
        return _value_in_words(self.setting, self.new)


def stored_value(school: School, setting: str) -> str:
    """Return the value of a setting as `PolicyChange` stores it."""
    value = getattr(school, setting)
    return "" if value is None else str(value)


def _policy_field(setting: str) -> models.Field[Any, Any] | None:
    """Return the field, or None if later versions have no such setting."""
    return {field.name: field for field in School._meta.concrete_fields}.get(setting)


def _value_in_words(setting: str, stored: str) -> str:
    """Return a stored value as pages show it: "Yes", "18:00", "Everyone’s lessons"."""
    field = _policy_field(setting)
    if not stored or field is None:
        return stored or "–"
    if isinstance(field, models.BooleanField):
        return gettext("Yes") if stored == "True" else gettext("No")
    if isinstance(field, models.TimeField):
        return stored[:5]
    return str(dict(field.flatchoices).get(stored, stored))
