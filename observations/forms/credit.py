"""The form of the letter that says that an idea was tried."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.models import Person

from .praise import MAX_LENGTH, TOO_LONG


class CreditForm(forms.Form):
    text = forms.CharField(
        label=_("Your words"),
        help_text=_("What you tried, and what it did for your students."),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, *args: Any, host: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].error_messages["required"] = _("Write a sentence to %(name)s") % {"name": host.short_name}
