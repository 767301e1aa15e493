"""The hours of part-time teachers, where the timetable does not tell them."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .managers import SchoolQuerySet
from .people import Person
from .timetable import DayType


class HoursAtSchool(models.Model):
    """From when to when a person is at school on a day of the timetable. Without times they are away that day."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="hours_at_school")
    day_type = models.ForeignKey(DayType, models.CASCADE, related_name="hours_at_school")
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("to"), null=True, blank=True)

    objects = SchoolQuerySet.as_manager()
    school_path = "person__school"

    class Meta:
        verbose_name_plural = _("hours at school")
        constraints = [
            models.UniqueConstraint(fields=["person", "day_type"], name="hours_at_school_once"),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")), name="hours_end_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day_type}: {self.times[0]:%H:%M}–{self.times[1]:%H:%M}" if self.times else f"{self.day_type}: –"

    @property
    def times(self) -> tuple[dt.time, dt.time] | None:
        """From when to when; None: away that day."""
        return (self.starts_at, self.ends_at) if self.starts_at and self.ends_at else None
