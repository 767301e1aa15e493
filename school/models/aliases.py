"""What the names in imported files mean: each decision is kept, so that the next import does not ask again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .managers import SchoolQuerySet
from .people import Person
from .places import Room
from .policy import School
from .timetable import Period


class Alias(models.Model):
    """A name in the files of one source, such as the teacher "OSA" in Untis, and the row that it means."""

    KINDS = [("person", _("person")), ("room", _("room")), ("period", _("period"))]

    school = models.ForeignKey(School, models.CASCADE, related_name="aliases")
    source = models.CharField(_("source"), max_length=30)  # the program or format of the file
    kind = models.CharField(_("kind"), max_length=6, choices=KINDS)
    key = models.CharField(_("name in the file"), max_length=120)
    person = models.ForeignKey(Person, models.CASCADE, related_name="aliases", null=True, blank=True)
    room = models.ForeignKey(Room, models.CASCADE, related_name="aliases", null=True, blank=True)
    period = models.ForeignKey(Period, models.CASCADE, related_name="aliases", null=True, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ["source", "kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["school", "source", "kind", "key"], name="alias_once"),
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False, room=None, period=None)
                | Q(kind="room", person=None, room__isnull=False, period=None)
                | Q(kind="period", person=None, room=None, period__isnull=False),
                name="alias_means_one_row_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.key}"
