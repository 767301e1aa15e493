"""Form fields that several forms share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import Promise

from ..models import Hallway, Person

Choice = tuple[str | int, str | Promise | list[tuple[str, str]]]  # a value with its words, or a group of them


class SeveralField(forms.ModelMultipleChoiceField):
    """A choice of several rows. Django's own field fails on numbers that are too large for SQLite."""

    def clean(self, value: Any) -> Any:
        """Refuse numbers that no row can have."""
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


class HallwayField(forms.ModelChoiceField):
    """A choice of a hallway. Each hallway is shown with its building, in the order of the school’s places."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Hallway.objects.none(), **kwargs)

    def offer_to(self, person: Person) -> None:
        self.queryset = Hallway.objects.visible_to(person).select_related("building")

    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.full_name
        return name


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
