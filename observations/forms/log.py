"""The form of "I did this walk": rooms, time and length, filled in from the plan."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from school.calendar import Calendar, at_local
from school.forms.fields import offer_choices
from school.models import School
from walks.models import Walk
from walks.workflow.afterwards import classes_during

from .room_choices import RoomChoices

YEAR = dt.timedelta(days=366)


def minutes_field(school: School) -> forms.IntegerField:
    """Return the field for the length of a walk. A walk may take longer than it should; much more is a typing error."""
    return forms.IntegerField(
        label=_("Minutes in all"),
        min_value=1,
        max_value=school.walk_minutes_max + 30,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class LogForm(forms.Form):
    """Day, time, length and rooms, filled in from the plan. The walker changes what was different."""

    visited = forms.TypedMultipleChoiceField(
        label=_("Rooms you were in"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    lesson = forms.Field(required=False, label=_("Other rooms"))
    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, data: Any = None, *, walk: Walk, calendar: Calendar) -> None:
        zone = walk.walker.school.zone
        plan = {"date": walk.date, "time": walk.starts_at.astimezone(zone).time(), "minutes": walk.minutes}
        self.stops = walk.room_stops
        plan["visited"] = [stop.pk for stop in self.stops if stop.skipped_at is None]
        super().__init__(data, initial=plan)
        self.fields["minutes"] = minutes_field(walk.walker.school)
        self.walk = walk
        choices = [(stop.pk, f"{stop.room.code}, {stop.host_names}") for stop in self.stops]
        offer_choices(self, "visited", choices)
        self.calendar = calendar
        self.other_rooms = self._rooms_at(walk.starts_at, walk.minutes)

    def clean_date(self) -> dt.date:
        """Refuse days more than a year from the plan, which are typing errors."""
        date: dt.date = self.cleaned_data["date"]
        if abs(date - self.walk.date) > YEAR:
            raise ValidationError(_("Choose a day near the one you planned."))
        return date

    def clean(self) -> dict[str, Any]:
        """If the typed time is valid, offer the other rooms with a class at that time."""
        data = self.cleaned_data
        if {"date", "time", "minutes"} <= data.keys():
            self.other_rooms = self._rooms_at(self.started_at, data["minutes"])
        if self.other_rooms.is_one_missing:
            self.add_error("lesson", _("One of your rooms has no class at that time. Choose from those shown."))
        elif not data.get("visited") and not self.other_rooms.chosen and "visited" not in self.errors:
            self.add_error("visited", _("Choose at least one room you visited."))
        return data

    def _rooms_at(self, start: dt.datetime, minutes: int) -> RoomChoices:
        end = start + dt.timedelta(minutes=minutes)
        classes = classes_during(self.walk.walker, start, end, calendar=self.calendar)
        ticked = self.data.getlist("lesson") if hasattr(self.data, "getlist") else []
        return RoomChoices(classes, ticked, without=[stop.room_id for stop in self.stops])

    @property
    def started_at(self) -> dt.datetime:
        """When the walk began, in UTC."""
        data = self.cleaned_data
        return at_local(self.walk.walker.school, data["date"], data["time"])
