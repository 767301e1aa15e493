"""Form fields that several forms share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Building, Hallway, Person

Choice = tuple[str | int, str | Promise | list[tuple[str, str]]]  # a value with its words, or a group of them


class SeveralField(forms.ModelMultipleChoiceField):
    """A choice of several rows. Django's own field fails on numbers that are too large for SQLite."""

    def clean(self, value: Any) -> Any:
        """Refuse numbers that no row can have."""
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


class HallwayField(forms.Field):
    """A choice of a hallway, or of a building for rooms without a hallway.

    It gives a Hallway, which may be the building's own one and not stored yet: see `places.stored`.
    """

    widget = forms.Select
    default_error_messages = {"invalid_choice": gettext_lazy("Choose one of these hallways or buildings")}

    def __init__(self, *, empty_label: str | Promise, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.empty_label = empty_label
        self.hallways: dict[str, Hallway] = {}

    def offer_to(self, person: Person) -> None:
        """Offer the hallways of each building, then the building itself. If there are several campuses, group them."""
        self.hallways = {}
        by_campus: dict[str, list[Choice]] = {}
        for building in Building.objects.visible_to(person).select_related("campus").prefetch_related("hallways"):
            hallways = {hallway.name: hallway for hallway in building.hallways.all()}
            own = hallways.pop("", Hallway(building=building, name=""))
            label = _("%(building)s, no hallway") % {"building": building} if hallways else building.name
            own_key = f"building-{building.pk}"
            choices = by_campus.setdefault(building.campus.name, [])
            choices += [(hallway.pk, hallway.full_name) for hallway in hallways.values()]
            choices.append((own.pk or own_key, label))
            self.hallways |= {str(hallway.pk): hallway for hallway in (*hallways.values(), own)}
            self.hallways[own_key] = own  # also when another person has just stored it
        groups: list[Any] = list(by_campus.items())
        offered = groups if len(groups) > 1 else list(chain(*by_campus.values()))
        assert isinstance(self.widget, forms.Select)
        self.widget.choices = [("", self.empty_label), *offered]

    def to_python(self, value: Any) -> Hallway | None:
        """Return the chosen hallway, or None if nothing was chosen."""
        if value in self.empty_values:
            return None
        if value not in self.hallways:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return self.hallways[value]


class BuildingField(forms.ModelChoiceField):
    """A choice of a building. If the school has several campuses, each building is shown with its campus."""

    names_campus = False

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.campus})" if self.names_campus else str(obj)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Set the rows that a field of the form offers."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def offer_choices(form: forms.BaseForm, name: str, choices: Sequence[Choice]) -> None:
    """Set the values, with their words, that a field of the form offers."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def offer_hallways(form: forms.BaseForm, name: str, *, by: Person) -> None:
    """Make a field of the form offer the hallways of the person's school."""
    field = form.fields[name]
    assert isinstance(field, HallwayField)
    field.offer_to(by)
