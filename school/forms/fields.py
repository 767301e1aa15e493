"""Form fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ..models import Hallway


class SeveralField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows to choose from. Django's own field ends in an error page on numbers that SQLite cannot hold."""

    def clean(self, value: Any) -> Any:
        """A number that no database row can have is not in the list."""
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


class HallwayField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A hallway, named with its building and listed by it."""

    def __init__(self, **kwargs: Any) -> None:
        hallways = Hallway.objects.select_related("building").order_by("building__name", "name")
        super().__init__(hallways, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Both names."""
        name: str = obj.full_name
        return name
