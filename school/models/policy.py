"""The school and its policy."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
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
    required_walks = models.PositiveSmallIntegerField(
        _("walks per semester"), default=1, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
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
