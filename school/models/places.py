"""Where classes are: buildings, hallways and rooms."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .managers import SchoolQuerySet
from .policy import School


class Building(models.Model):
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

    @property
    def full_name(self) -> str:
        """Return the name with the building, because many buildings have a "Ground floor"."""
        return f"{self.name} ({self.building.name})"


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
