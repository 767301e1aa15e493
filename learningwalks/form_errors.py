"""Our wording of Django's form errors, for fields without messages of their own.

The messages are set on Django's classes, so that the forms of allauth and of the admin use them too.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import validators
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


def use_our_wording() -> None:
    """Replace the messages of Django's classes. AppConfig.ready calls this once."""
    for field, words in FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **words}
    for validator, sentence in VALIDATORS.items():
        validator.message = sentence


FIELDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {"required": _("Fill this in")},
    forms.IntegerField: {"invalid": _("Write a whole number")},
    forms.DateField: {"invalid": _("Write a date, for example 2026-11-12")},
    forms.TimeField: {"invalid": _("Write a time, for example 10:15")},
    forms.ChoiceField: {"invalid_choice": _("Choose one from the list")},
    forms.MultipleChoiceField: {"invalid_choice": _("Choose from the list")},
    forms.ModelChoiceField: {"invalid_choice": _("Choose one from the list")},
    forms.ModelMultipleChoiceField: {"invalid_choice": _("Choose from the list")},
}
VALIDATORS: dict[type[Any], Promise] = {
    validators.MinValueValidator: _("Write %(limit_value)s or more"),
    validators.MaxValueValidator: _("Write %(limit_value)s or less"),
    validators.MinLengthValidator: ngettext_lazy(
        "Write at least one character",
        "Write at least %(limit_value)d characters (these are %(show_value)d)",
        "limit_value",
    ),
    validators.MaxLengthValidator: ngettext_lazy(
        "Only one character fits here",
        "Use up to %(limit_value)d characters (you have %(show_value)d)",
        "limit_value",
    ),
    validators.EmailValidator: _("Write an e-mail address, for example amara@school.example"),
}
