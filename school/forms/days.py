"""Forms for days off and closed rooms, for one day or for each day of a range."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..date_ranges import DatedRow
from ..models import DayOff, RoomClosure
from .settings import RowForm, date_input

LONGEST = dt.timedelta(days=92)  # three months: the summer holidays


class DaysForm(RowForm):
    """Add or change one day or a range of days. `rows` are the stored rows of the range that is changed."""

    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=date_input(),
        help_text=gettext_lazy("Leave this empty for a single day."),
    )

    def __init__(self, *args: Any, rows: Sequence[DatedRow] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        if len(rows) > 1:
            self.initial["until"] = rows[-1].date

    def _get_validation_exclusions(self) -> set[str]:
        """Skip Django's check that the date is unique: a row of the edited range may already have it."""
        others: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return others | {"date"}

    @property
    def last(self) -> dt.date:
        """Return the last day of the range: the first day, if no last day was typed."""
        last: dt.date = self.cleaned_data["until"] or self.cleaned_data["date"]
        return last

    @property
    def dates(self) -> list[dt.date]:
        """Return all days of the range."""
        first: dt.date = self.cleaned_data["date"]
        return [first + dt.timedelta(days=n) for n in range((self.last - first).days + 1)]

    def clean(self) -> dict[str, Any]:
        """Refuse a last day before the first, a range that is too long, and days that all have a row already."""
        data: dict[str, Any] = forms.ModelForm.clean(self) or self.cleaned_data
        if self.errors:
            return data
        if self.last < data["date"]:
            self.add_error("until", _("Choose a last day after the first day"))
        elif self.last - data["date"] > self._longest:
            self.add_error("until", _("That’s more than three months. Choose an earlier last day"))
        elif self._is_taken(data):
            self.add_error("date", str(self.taken_words))
        return data

    @property
    def _longest(self) -> dt.timedelta:
        """Return the longest range allowed. Two ranges that together became longer may keep that length."""
        return max(LONGEST, self.rows[-1].date - self.rows[0].date) if self.rows else LONGEST

    def _is_taken(self, data: dict[str, Any]) -> bool:
        """Whether each of the days has a row already, apart from those of the edited range."""
        same = {name: data[name] for name in self.unique if name != "date"}
        rows = self._meta.model.objects.visible_to(self.by).filter(**same, date__range=(data["date"], self.last))
        taken = rows.exclude(pk__in=[row.pk for row in self.rows]).count()
        return bool(taken == (self.last - data["date"]).days + 1)


class DayOffForm(DaysForm):
    unique = ("date",)
    taken_words = gettext_lazy("These are already days off")
    field_order = ["date", "until", "label"]

    class Meta:
        model = DayOff
        fields = ["date", "label"]
        widgets = {"date": date_input()}
        labels = {"date": gettext_lazy("First day"), "label": gettext_lazy("Why")}


class ClosureForm(DaysForm):
    """A room that is closed to visitors: "Test today"."""

    unique = ("room", "date", "period")
    taken_words = gettext_lazy("This room is already closed at that time")
    field_order = ["room", "date", "until", "period", "reason"]

    class Meta:
        model = RoomClosure
        fields = ["room", "date", "period", "reason"]
        widgets = {"date": date_input()}
        labels = {"date": gettext_lazy("First day"), "reason": gettext_lazy("Why")}

    def clean_date(self) -> dt.date:
        """Refuse a day in the past, unless it is unchanged."""
        date: dt.date = self.cleaned_data["date"]
        if date < self.today and "date" in self.changed_data:
            raise ValidationError(_("This day has passed. Choose today or a later one"))
        return date
