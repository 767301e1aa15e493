"""How days and bells differ from the usual: the cycle of days, other bell schedules, and special dates."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .managers import SchoolQuerySet
from .policy import School
from .timetable import DayType, Period

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)


def monday_to_friday() -> list[int]:
    """Return the default days of the week with school, from 0 for Monday."""
    return list(MONDAY_TO_FRIDAY)


class DayCycle(models.Model):
    """What a school's cycle of days needs besides its day types. A school without a row has the defaults."""

    school = models.OneToOneField(School, models.CASCADE, related_name="day_cycle")
    # Only for numbered days: without them, the day types name the days of the week.
    weekdays = models.JSONField(_("days of the week with school"), default=monday_to_friday)
    days_off_count = models.BooleanField(_("a day off uses up a day of the cycle"), default=False)

    objects = SchoolQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.school)


class BellSchedule(models.Model):
    """Other times for some days, such as a short Friday. Periods without a time in it do not take place."""

    school = models.ForeignKey(School, models.CASCADE, related_name="bell_schedules")
    name = models.CharField(_("name"), max_length=40)
    weekdays = models.JSONField(_("days of the week"), default=list, blank=True)  # from 0 for Monday

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("bell schedules")
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="bell_schedule_name_once")]

    def __str__(self) -> str:
        return self.name


class BellTime(models.Model):
    """When a period starts and ends in a bell schedule."""

    schedule = models.ForeignKey(BellSchedule, models.CASCADE, related_name="+")
    period = models.ForeignKey(Period, models.CASCADE, related_name="other_times")
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"))

    objects = SchoolQuerySet.as_manager()
    school_path = "schedule__school"

    class Meta:
        verbose_name_plural = _("bell schedules")  # of a period: "needed by bell schedules"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="bell_time_ends_after_start"),
            models.UniqueConstraint(fields=["schedule", "period"], name="bell_time_once"),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.starts_at:%H:%M}"


class SpecialDate(models.Model):
    """A date with another day of the timetable or other bells than the cycle gives it."""

    school = models.ForeignKey(School, models.CASCADE, related_name="special_dates")
    date = models.DateField(_("date"))
    day_type = models.ForeignKey(DayType, models.CASCADE, null=True, blank=True, related_name="special_dates")
    starts_cycle = models.BooleanField(_("the cycle goes on from here"), default=False)
    bells = models.ForeignKey(BellSchedule, models.CASCADE, null=True, blank=True, related_name="special_dates")

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["date"]
        verbose_name_plural = _("special dates")
        constraints = [
            models.UniqueConstraint(fields=["school", "date"], name="special_date_once"),
            models.CheckConstraint(
                condition=Q(day_type__isnull=False) | Q(bells__isnull=False), name="special_date_is_special"
            ),
            models.CheckConstraint(
                condition=Q(starts_cycle=False) | Q(day_type__isnull=False), name="cycle_starts_with_a_day"
            ),
        ]

    def __str__(self) -> str:
        return str(self.date)
