"""The form of the planning page: focus, day, period, rooms in order with minutes, announced or surprise."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from school.places import rooms_of
from school.text.typed import one_line, whole_number, whole_numbers

from ..models import Practice
from ..planning.plan import Plan, PlanProblem
from ..planning.planner import Planner
from ..planning.route_changes import keep_even_minutes

EARLIEST = dt.date(2000, 1, 1)
LATEST = dt.date(2100, 12, 31)
FIELD_OF = {"stops": "stop"}  # `PlanProblem.field` → the form's field, where their names differ


class PlanForm(forms.Form):
    """Reads a plan in any state: no field is required. `planning.plan.problems` says what prevents sending."""

    focus = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        label=_("What are you looking for?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the list, or write your own")},
    )
    own_focus = forms.CharField(
        required=False,
        max_length=120,
        label=_("In my own words"),
        error_messages={"max_length": _("Keep it to 120 characters")},
    )
    date = forms.DateField(required=False, label=_("Day"), error_messages={"invalid": _("Choose a day")})
    period = forms.IntegerField(required=False, label=_("Period"), error_messages={"invalid": _("Choose a period")})
    stop = forms.Field(required=False, label=_("Rooms"))
    announced = forms.TypedChoiceField(
        required=False,
        choices=[("yes", _("Yes, send a friendly e-mail")), ("no", _("No, keep it a surprise"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        error_messages={"invalid_choice": _("Choose whether to tell the colleagues beforehand")},
    )
    q = forms.CharField(required=False, label=_("Find a name"))
    route = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, practices: Sequence[Practice] = ()) -> None:
        super().__init__(data)
        self.practices = practices
        chosen: Any = self.fields["focus"]
        chosen.choices = [(practice.pk, practice.name) for practice in practices]

    def clean_date(self) -> dt.date | None:
        """Refuse an impossible year with a message, because dates too far away overflow later."""
        date: dt.date | None = self.cleaned_data["date"]
        if date is not None and not EARLIEST <= date <= LATEST:
            raise forms.ValidationError(_("That day is outside the semester. Choose another day"))
        return date

    def value(self, name: str) -> Any:
        """Return a field's value, or None if it is invalid."""
        return self.cleaned_data.get(name)

    @property
    def room_ids(self) -> list[int]:
        """The ids of the ticked rooms, and of those that the walk had when the page was drawn."""
        return [*self._ids("stop"), *self._ids("order")]

    def plan(self, base: Plan, planner: Planner) -> Plan:
        """Return the plan in the form. What the form does not mention comes from `base`, except focus and rooms."""
        date = self.value("date") if "date" in self.data else base.date
        period = planner.calendar.period(self.value("period")) if "period" in self.data else base.period
        focus = set(self.value("focus") or [])
        announced = self.value("announced")
        return replace(
            base,
            date=date,
            period=period,
            practices=tuple(practice for practice in self.practices if practice.pk in focus),
            own_focus=one_line(self.value("own_focus") or "") if "own_focus" in self.data else base.own_focus,
            announced=planner.walker.school.always_announce or (base.announced if announced is None else announced),
            stops=self._stops(base, planner, date, period),
        )

    def _stops(self, base: Plan, planner: Planner, date: Any, period: Any) -> Any:
        """Return the ticked rooms in the order that they had on the page, with new rooms at the end.

        If they were in walking order, the new rooms are sorted in as well.
        """
        ticked = self._ids("stop")
        order = self._ids("order")
        if not (ticked or order):
            return ()
        most = base.minute_choices[-1]
        before = planner.stops([(pk, self._minutes(pk, most)) for pk in order], date, period)
        wanted = [pk for pk in order if pk in ticked] + [pk for pk in ticked if pk not in order]
        after = planner.stops([(pk, self._minutes(pk, most)) for pk in wanted], date, period)
        if not order:
            return after
        walking_order = list(rooms_of(planner.walker.school))
        if order == sorted(order, key=lambda pk: walking_order.index(pk) if pk in walking_order else -1):
            after = tuple(sorted(after, key=lambda stop: walking_order.index(stop.room.pk)))
        return keep_even_minutes(before, after, school=planner.walker.school) if len(before) != len(after) else after

    def _ids(self, name: str) -> list[int]:
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return list(dict.fromkeys(whole_numbers(values)))

    def _minutes(self, pk: int, most: int) -> int | None:
        typed = whole_number(str(self.data.get(f"minutes_{pk}", "")))
        return None if typed is None else min(max(typed, 1), most)

    def add_problems(self, problems: Iterable[PlanProblem]) -> None:
        """Add the problems as errors of their fields, at most one for each field."""
        for problem in problems:
            name = FIELD_OF.get(problem.field, problem.field)
            if name not in self.errors:
                self.add_error(name, problem.words)


def address_of(plan: Plan, *, route: str, token: uuid.UUID) -> str:
    """Return the query string that draws this plan again after Back or a reload.

    It has every choice except own words: these are private, and addresses end up in logs. `plan.js` keeps them.
    """
    pairs = [
        ("kept", "1"),
        ("token", str(token)),
        ("route", route),
        ("date", plan.date.isoformat() if plan.date else ""),
        ("period", str(plan.period.pk) if plan.period else ""),
        ("announced", "yes" if plan.announced else "no"),
        *(("focus", str(practice.pk)) for practice in plan.practices),
    ]
    for stop in plan.stops:
        pairs += [("stop", str(stop.room.pk)), (f"minutes_{stop.room.pk}", str(stop.minutes))]
    return urlencode(pairs)
