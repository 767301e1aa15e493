"""Where classes are: campuses, buildings, hallways and rooms."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..text import plates
from ..text.natural_order import natural_key
from .managers import SchoolQuerySet
from .policy import School

UNPLACED = 10_000  # after all places that an administrator has moved up or down; the name or code decides


def position_field() -> models.PositiveSmallIntegerField[int, int]:
    """Return the field for the place of a row among the rows of the same building, hallway, …"""
    return models.PositiveSmallIntegerField(_("place in the list"), default=UNPLACED, editable=False)


class NaturalOrderField(models.CharField):  # type: ignore[type-arg]
    """A sort key made from the room's code whenever the room is saved."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        model_instance.code_order = natural_key(model_instance.code)[: self.max_length]
        return model_instance.code_order


class PlateField(models.CharField):  # type: ignore[type-arg]
    """The plate of a room, made from its code if it is empty when the room is saved."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        model_instance.plate = model_instance.plate or plates.plate_of(model_instance.code)
        return model_instance.plate


class Campus(models.Model):
    """A site of the school. A school with one campus never sees the word."""

    school = models.ForeignKey(School, models.CASCADE, related_name="campuses")
    name = models.CharField(_("name"), max_length=80)
    position = position_field()

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("campuses")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="campus_name_once")]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    school = models.ForeignKey(School, models.CASCADE, related_name="buildings")
    campus = models.ForeignKey(Campus, models.CASCADE, related_name="buildings")
    name = models.CharField(_("name"), max_length=80)
    position = position_field()

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["campus", "position", "name"]
        constraints = [models.UniqueConstraint(fields=["campus", "name"], name="building_name_once_on_campus")]

    def __str__(self) -> str:
        return self.name


class Hallway(models.Model):
    """Rooms next to each other in one building.

    A building's own hallway has the rooms for which nobody named a hallway. Its name is empty, and `title` is the
    building's.
    """

    building = models.ForeignKey(Building, models.CASCADE, related_name="hallways")
    name = models.CharField(_("name"), max_length=80)
    position = position_field()

    objects = SchoolQuerySet.as_manager()
    school_path = "building__school"

    class Meta:
        ordering = ["building", "position", "name"]
        constraints = [models.UniqueConstraint(fields=["building", "name"], name="hallway_name_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name of the hallway or, for a building's own one, of the building."""
        return self.name or self.building.name

    @property
    def full_name(self) -> str:
        """The name with the building, because many buildings have a "Ground floor"."""
        return f"{self.name} ({self.building.name})" if self.name else self.building.name


class Room(models.Model):
    """A room. Sentences and lists say its `code`; the small sign that stands for it on a page shows its `plate`."""

    school = models.ForeignKey(School, models.CASCADE, related_name="rooms")
    hallway = models.ForeignKey(Hallway, models.PROTECT, related_name="rooms")
    code = models.CharField(_("room"), max_length=40)
    plate = PlateField(_("plate"), max_length=plates.LENGTH, blank=True)
    position = position_field()
    code_order = NaturalOrderField(max_length=80, editable=False)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["code_order", "code"]
        constraints = [models.UniqueConstraint(fields=["school", "code"], name="room_code_once")]

    def __str__(self) -> str:
        return self.code
