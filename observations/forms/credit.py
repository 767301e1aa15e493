"""The form of the letter that says that an idea was tried."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .praise import MAX_LENGTH, TOO_LONG


class CreditForm(forms.Form):
    """No field is required, because the rule says what is missing, with the name of the host."""

    text = forms.CharField(
        label=_("Your words"),
        help_text=_("What you tried, and what it did for your students."),
        max_length=MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"max_length": TOO_LONG},
    )
