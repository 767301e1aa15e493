"""Open doors, and the signs at doors."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from school.models import Period, Person, Room
from school.models.managers import SchoolQuerySet

from ..querysets import DoorQuerySet
from .practices import Practice


class DoorSign(models.Model):
    """The sign at the door of a room. Its QR code leads to a page that says who teaches there now. It names nobody."""

    room = models.OneToOneField(Room, models.CASCADE, related_name="door_sign")
    token = models.CharField(max_length=22, unique=True)

    objects = SchoolQuerySet.as_manager()
    school_path = "room__school"

    def __str__(self) -> str:
        return f"Sign {self.pk}"


class OpenDoor(models.Model):
    """A teacher's invitation to visit one of their lessons. All staff may read it; only its host reads who comes.

    `lesson_title` is empty if the host has no timetable and chose day, period and room by hand.
    """

    host = models.ForeignKey(Person, models.CASCADE, related_name="doors")
    date = models.DateField(_("day"))
    period = models.ForeignKey(Period, models.CASCADE, related_name="doors")
    room = models.ForeignKey(Room, models.CASCADE, related_name="doors")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lesson_title = models.CharField(max_length=60, blank=True)
    title = models.CharField(_("what’s worth seeing"), max_length=80)
    practice = models.ForeignKey(Practice, models.SET_NULL, related_name="doors", null=True, blank=True)
    places = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(9)])
    is_tentative = models.BooleanField(_("not sure yet"), default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = DoorQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="door_ends_after_start"),
            models.CheckConstraint(condition=Q(places__gte=1), name="door_has_places"),
            models.UniqueConstraint(
                fields=["room", "date", "period"], condition=Q(closed_at__isnull=True), name="door_open_once"
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], name="door_by_end")]

    def __str__(self) -> str:
        return f"Open door {self.pk} on {self.date}"
