"""Forms for the cycle of days, for bell schedules, and for special dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..calendar import Calendar
from ..day_settings import MOST_DAYS, NUMBERED, ONE_WEEK, TWO_WEEKS, CycleSettings, kind_of
from ..models import BellSchedule, BellTime, DayCycle, DayType, Period, SpecialDate
from ..text.typed import comparable, refuse_hidden_characters_in_one_line_fields
from .fields import SeveralField
from .settings import RowForm, date_input, name_fields_in_errors, time_input


def weekdays_field(label: Any, **kwargs: Any) -> forms.TypedMultipleChoiceField:
    """Return a field for some days of the week, from 0 for Monday."""
    choices = list(WEEKDAYS.items())
    return forms.TypedMultipleChoiceField(
        label=label, choices=choices, coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs
    )


class CycleForm(forms.Form):
    """How the days follow each other, and their names (fields `name_<id>`)."""

    KINDS = [
        (ONE_WEEK, gettext_lazy("The same every week")),
        (TWO_WEEKS, gettext_lazy("Two weeks take turns: A and B")),
        (NUMBERED, gettext_lazy("Numbered days: Day 1, Day 2, …")),
    ]
    kind = forms.ChoiceField(
        label=gettext_lazy("Which lessons come when?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "If you choose another way, Monday’s lessons move to Day 1, week B starts with the lessons of week A, and "
            "all days get new names."
        ),
    )
    weekdays = weekdays_field(gettext_lazy("Days of the week with school"))
    days = forms.IntegerField(label=gettext_lazy("Number of days"), min_value=1, max_value=MOST_DAYS)
    days_off_count = forms.BooleanField(
        label=gettext_lazy("A day off uses up its day"),
        required=False,
        help_text=gettext_lazy(
            "If Day 3 is on a holiday, the next school day is Day 4. With two weeks: a week off counts, too."
        ),
    )
    delete_lessons = forms.BooleanField(label=gettext_lazy("Delete these lessons"), required=False)

    def __init__(self, *args: Any, calendar: Calendar, setting: DayCycle, **kwargs: Any) -> None:
        self.calendar = calendar
        initial = {
            "kind": kind_of(calendar.cycle),
            "weekdays": sorted(calendar.cycle.weekdays),
            "days": len(calendar.day_types) if calendar.cycle.is_numbered else 6,
            "days_off_count": setting.days_off_count,
        }
        super().__init__(*args, **kwargs | {"initial": initial})
        for day in calendar.day_types:
            self.fields[_name_field(day.pk)] = forms.CharField(label=day.name, max_length=20, initial=day.name)
        name_fields_in_errors(self)
        refuse_hidden_characters_in_one_line_fields(self)

    @property
    def name_fields(self) -> list[forms.BoundField]:
        """The fields for the names of the days."""
        return [self[_name_field(day.pk)] for day in self.calendar.day_types]

    @property
    def has_name_errors(self) -> bool:
        return any(field.errors for field in self.name_fields)

    @property
    def names(self) -> dict[int, str]:
        """The typed names, by id of the day."""
        return {day.pk: self.cleaned_data[_name_field(day.pk)] for day in self.calendar.day_types}

    @property
    def wanted(self) -> CycleSettings:
        """The settings that were chosen."""
        chosen = self.cleaned_data
        return CycleSettings(chosen["kind"], chosen["weekdays"], chosen["days"], chosen["days_off_count"])

    def clean(self) -> dict[str, Any]:
        """Refuse two days with the same name."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seen: set[str] = set()
        for field in self.name_fields:
            name = comparable(data.get(field.name, ""))
            if name and name in seen:
                self.add_error(field.name, _("Another day has this name already"))
            seen.add(name)
        return data


def _name_field(pk: int) -> str:
    return f"name_{pk}"


class SpecialDateForm(RowForm):
    """A date with another day of the timetable, or other bells."""

    unique = ("date",)
    taken_words = gettext_lazy("This date is already in the list")

    class Meta:
        model = SpecialDate
        fields = ["date", "day_type", "starts_cycle", "bells"]
        widgets = {"date": date_input()}
        labels = {
            "date": gettext_lazy("Date"),
            "day_type": gettext_lazy("Day of the timetable"),
            "starts_cycle": gettext_lazy("The cycle goes on from here"),
            "bells": gettext_lazy("Bells"),
        }
        help_texts = {
            "day_type": gettext_lazy("Lessons are as on this day."),
            "starts_cycle": gettext_lazy(
                "The dates after it follow from this day. Without this, only this date changes."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calendar = Calendar(self.by.school)
        if not self.calendar.cycle.can_start_anew:
            del self.fields["starts_cycle"]

    def clean_date(self) -> dt.date:
        """Refuse a day off."""
        date: dt.date = self.cleaned_data["date"]
        if date in self.calendar.days_off:
            raise ValidationError(_("This is a day off. Remove it from the days off first"))
        return date

    def clean(self) -> dict[str, Any]:
        """Refuse a date that is not special, and a new start without its day."""
        data = super().clean()
        if data.get("starts_cycle") and not data.get("day_type"):
            self.add_error("day_type", _("Choose the day with which the cycle goes on"))
        elif not self.errors and not data.get("day_type") and not data.get("bells"):
            self.add_error("day_type", _("Choose a day of the timetable, or bells"))
        return data


class BellScheduleForm(RowForm):
    """A bell schedule: its days, and the times of each period (fields `from_<id>` and `to_<id>`)."""

    weekdays = weekdays_field(
        gettext_lazy("On these days of the week"),
        required=False,
        help_text=gettext_lazy("For single dates, use Special dates."),
    )

    class Meta:
        model = BellSchedule
        fields = ["name", "weekdays"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calendar = Calendar(self.by.school)
        self.periods = calendar.periods
        if calendar.cycle.can_start_anew:
            days = DayType.objects.visible_to(self.by)
            self.fields["day_types"] = SeveralField(
                days, label=_("On these days of the timetable"), required=False, widget=forms.CheckboxSelectMultiple
            )
            if self.instance.pk:
                self.initial["day_types"] = [day.pk for day in calendar.day_types if day.bells_id == self.instance.pk]
        own = {period.pk: (period.starts_at, period.ends_at) for period in self.periods}
        if self.instance.pk:
            rows = BellTime.objects.visible_to(self.by).filter(schedule=self.instance)
            own = {row.period_id: (row.starts_at, row.ends_at) for row in rows}
        for period in self.periods:
            start, end = own.get(period.pk, (None, None))
            words = {"period": period.name}
            self.fields[f"from_{period.pk}"] = _time_field(_("%(period)s from") % words, start)
            self.fields[f"to_{period.pk}"] = _time_field(_("%(period)s to") % words, end)

    @property
    def period_fields(self) -> list[tuple[Period, forms.BoundField, forms.BoundField]]:
        """Each period with its fields."""
        return [(period, self[f"from_{period.pk}"], self[f"to_{period.pk}"]) for period in self.periods]

    @property
    def times(self) -> dict[Period, tuple[dt.time, dt.time]]:
        """The typed times of the periods that take place."""
        data = self.cleaned_data
        typed = {period: (data[f"from_{period.pk}"], data[f"to_{period.pk}"]) for period in self.periods}
        return {period: (start, end) for period, (start, end) in typed.items() if start}

    def clean(self) -> dict[str, Any]:
        """Refuse half a time, an end before the start, and a weekday that another schedule has."""
        data = super().clean()
        for period, start, end in self.period_fields:
            if not {start.name, end.name} <= data.keys():
                continue
            first, last = data[start.name], data[end.name]
            if (first is None) != (last is None):
                words = _("%(period)s: fill in both times, or neither")
                self.add_error(start.name if first is None else end.name, words % {"period": period})
            elif first and first >= last:
                self.add_error(end.name, _("%(period)s: choose an end after the start") % {"period": period})
        for other in BellSchedule.objects.visible_to(self.by).exclude(pk=self.instance.pk):
            for weekday in sorted({*other.weekdays} & {*data.get("weekdays", ())}):
                taken = {"day": WEEKDAYS[weekday], "name": other.name}
                self.add_error("weekdays", _("%(day)s already has the bells of “%(name)s”") % taken)
        return data


def _time_field(label: str, initial: dt.time | None) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, initial=initial, widget=time_input())
