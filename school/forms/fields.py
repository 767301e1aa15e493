"""Form fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class SeveralField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows to choose from. Django's own field ends in an error page on numbers that SQLite cannot hold."""

    def clean(self, value: Any) -> Any:
        """A number that no database row can have is not in the list."""
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error
