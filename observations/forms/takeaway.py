"""The forms of a takeaway: one line, a school day for the reminder, and the outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.forms.fields import Choice, offer_choices
from school.text.dates import date_words

from ..models import Takeaway
from ..words.takeaway import suggested_days


class TakeawayForm(forms.Form):
    text = forms.CharField(
        label=_("What will you try in your own room?"),
        help_text=_("One line is enough. A small thing that you can do next week."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write one line about what you will try"),
            "max_length": _("That is longer than one line: up to %(limit_value)s characters fit."),
        },
    )
    remind_on = forms.TypedChoiceField(
        label=_("Remind me on"),
        required=False,
        coerce=dt.date.fromisoformat,
        empty_value=None,
        error_messages={"invalid_choice": _("Choose one of the school days in the list")},
    )

    def __init__(self, *args: Any, days: Iterable[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = list(days)
        offer_choices(self, "remind_on", [*self._choices_of(self.days), ("", _("No reminder"))])

    def _choices_of(self, days: Iterable[dt.date]) -> list[Choice]:
        return [(day.isoformat(), date_words(day, "D j M")) for day in days]

    @property
    def chosen_day(self) -> str:
        """The chosen day in ISO format, or an empty string."""
        return str(self["remind_on"].value() or "")

    @property
    def first_choices(self) -> list[Choice]:
        """The suggested days, and no reminder."""
        return [*self._choices_of(suggested_days(self.days)), ("", _("No reminder"))]

    @property
    def other_choices(self) -> list[Choice]:
        """The other days."""
        suggested = suggested_days(self.days)
        return self._choices_of(day for day in self.days if day not in suggested)

    @property
    def is_another_day_chosen(self) -> bool:
        return self.chosen_day in dict(self.other_choices)

    @classmethod
    def of(cls, takeaway: Takeaway | None, days: Iterable[dt.date]) -> TakeawayForm:
        """Return the form with the stored text and day. A new takeaway has no reminder."""
        if takeaway is None:
            return cls(days=days)
        return cls(days=days, initial={"text": takeaway.text, "remind_on": str(takeaway.remind_on or "")})


class OutcomeForm(forms.Form):
    """The outcome of the idea. An empty outcome removes the answer."""

    outcome = forms.ChoiceField(choices=Takeaway.Outcome.choices, required=False)
