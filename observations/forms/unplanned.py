"""A walk that nobody planned: when it was, the rooms, and what the walker looked for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from school.calendar import Calendar, at_local, local_date
from school.models import Person
from school.text.typed import one_line, whole_numbers
from walks.models import Practice
from walks.planning.plan import PlanProblem
from walks.workflow.afterwards import UnplannedWalk, classes_during

from .log import YEAR, minutes_field
from .room_choices import RoomChoices

USUAL_MINUTES = 24
DAYS_BACK = 7  # a walk can be logged for so many days after it


def last_start(calendar: Calendar, moment: dt.datetime) -> dt.datetime:
    """Return when the last period before this moment began. If none began within a week, return the moment."""
    today = local_date(calendar.school, moment)
    days = [today - dt.timedelta(days=ago) for ago in range(DAYS_BACK)]
    starts = [calendar.times(day, period)[0] for day in days for period in calendar.periods_on(day)]
    return max((start for start in starts if start <= moment), default=moment)


class UnplannedForm(forms.Form):
    """A walk at the time of the last period that could be over, until the walker types another time."""

    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    lesson = forms.Field(required=False, label=_("Rooms you were in"))
    focus = forms.Field(required=False, label=_("What did you look for?"))
    own_focus = forms.CharField(
        required=False,
        max_length=120,
        label=_("In my own words"),
        error_messages={"max_length": _("Keep it to 120 characters")},
    )
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, walker: Person, practices: Iterable[Practice], calendar: Calendar, now: dt.datetime
    ) -> None:
        began = last_start(calendar, now - dt.timedelta(minutes=USUAL_MINUTES)).astimezone(walker.school.zone)
        initial = {"date": began.date(), "time": began.time(), "minutes": USUAL_MINUTES, "token": uuid.uuid4()}
        super().__init__(data, initial=initial)
        self.fields["minutes"] = minutes_field(walker.school)
        self.walker = walker
        self.practices = list(practices)
        self.calendar = calendar
        self.today = local_date(walker.school, now)
        self.rooms = RoomChoices([], [])
        if data is None:
            end = began + dt.timedelta(minutes=USUAL_MINUTES)
            self.rooms = RoomChoices(classes_during(walker, began, end, calendar=calendar), [])

    def clean_date(self) -> dt.date:
        """Refuse days more than a year away, which are typing errors."""
        date: dt.date = self.cleaned_data["date"]
        if abs(date - self.today) > YEAR:
            raise ValidationError(_("Choose a day in this semester"))
        return date

    def clean(self) -> dict[str, Any]:
        """If the typed time is valid, offer the rooms with a class at that time."""
        data = self.cleaned_data
        if {"date", "time", "minutes"} <= data.keys():
            classes = classes_during(self.walker, *self._times(), calendar=self.calendar)
            self.rooms = RoomChoices(classes, self._ticked("lesson"))
        return data

    def _times(self) -> tuple[dt.datetime, dt.datetime]:
        data = self.cleaned_data
        start = at_local(self.walker.school, data["date"], data["time"])
        return start, start + dt.timedelta(minutes=data["minutes"])

    @property
    def chosen_practices(self) -> list[Practice]:
        ticked = set(whole_numbers(self._ticked("focus")))
        return [practice for practice in self.practices if practice.pk in ticked]

    def _ticked(self, name: str) -> list[str]:
        return self.data.getlist(name) if hasattr(self.data, "getlist") else []

    def unplanned_walk(self) -> UnplannedWalk:
        start, end = self._times()
        return UnplannedWalk(
            walker=self.walker,
            started_at=start,
            finished_at=end,
            lessons=tuple(self.rooms.chosen),
            practices=tuple(self.chosen_practices),
            own_focus=one_line(self.cleaned_data["own_focus"]),
        )

    def add_problems(self, problems: Iterable[PlanProblem]) -> None:
        """Show each problem at its field, unless the field shows an error already."""
        for problem in problems:
            if problem.field not in self.errors:
                self.add_error(problem.field, problem.words)
