"""Form fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ..models import Hallway, Person


class SeveralField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows to choose from. Django's own field crashes on numbers that SQLite cannot hold."""

    def clean(self, value: Any) -> Any:
        """Refuse numbers that no row can have."""
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


class HallwayField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A hallway, named with its building and listed by it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Hallway.objects.none(), **kwargs)

    def offer_to(self, person: Person) -> None:
        hallways = Hallway.objects.visible_to(person).select_related("building")
        self.queryset = hallways.order_by("building__name", "name")

    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.full_name
        return name
