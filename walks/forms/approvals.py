"""The forms with which a Head of Grade decides on a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from school.calendar import Calendar
from school.forms.fields import offer_rows
from school.models import Period, Person, School

from ..availability.availability import Availability
from ..content import BLANK
from ..decisions import requests_to_decide
from ..models import Walk
from ..planning import clashes
from ..planning.cover import colleagues_to_offer, in_timetable, who_is_free
from ..planning.plan import MIN_STOPS, Plan, PlannedStop, PlanProblem, plan_of, problems
from ..workflow.suggestions import without_empty_rooms

WORDS_LENGTH = 1000
A_WEEK = dt.timedelta(days=7)


def _words_field(label: Any, *, required: bool) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    missing = {"required": _("Write a sentence about the change you would like.")}
    return forms.CharField(
        label=label,
        required=required,
        max_length=WORDS_LENGTH,
        widget=area,
        error_messages=missing,
        validators=[_refuse_blanks],
    )


def _refuse_blanks(words: str) -> None:
    """Refuse a suggested reply in which a blank is not filled in."""
    if BLANK in words:
        raise ValidationError(_("Fill in the blanks (%(blank)s) first, or take them out") % {"blank": BLANK})


def _in_a_semester(school: School, date: dt.date | None) -> dt.date | None:
    if date is not None and Calendar(school).semester_on(date) is None:
        raise ValidationError(_("That day is outside the semester. Choose another day"))
    return date


class CoverField(forms.ModelChoiceField):
    """A colleague who covers the walker's lesson. "Nobody yet" is a choice, so the label does not say "(optional)"."""

    is_plain_choice = True

    def label_from_instance(self, obj: Any) -> str:
        """Mark people who get no mail, and people without lessons: nobody knows whether they are free."""
        name = obj.name_and_teaching
        if not obj.email:
            name = gettext("%(name)s (no e-mail: tell them in person)") % {"name": name}
        if not in_timetable(obj):
            name = gettext("%(name)s (no classes in the timetable)") % {"name": name}
        return str(name)


class PeriodField(forms.ModelChoiceField):
    """A period. `marks` says what the walker does then, by the id of the period."""

    marks: Mapping[int, str] = MappingProxyType({})

    def label_from_instance(self, obj: Any) -> str:
        """Return "Period 3 (free)"."""
        mark = self.marks.get(obj.pk)
        return f"{obj} ({mark})" if mark else str(obj)


class DecisionForm(forms.Form):
    """Approve the walk without changes, with or without cover."""

    cover = CoverField(
        label=_("Who can cover?"), queryset=Person.objects.none(), required=False, empty_label=_("Nobody yet")
    )

    def __init__(self, *args: Any, walk: Walk, by: Person, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.walk = walk
        self.by = by
        self.now = now
        self.school = walk.walker.school
        self.calendar = Calendar(self.school)
        offer_rows(self, "cover", Person.objects.visible_to(by).teachers())

    @cached_property
    def availability(self) -> Availability:
        """The availability from a week before the walk's day, with the day that the form chooses instead."""
        date = self.cleaned_data.get("date") if self.is_bound else None
        chosen_days = [date] if date else []
        return self.availability_on(*chosen_days, self.walk.date - A_WEEK)

    def availability_on(self, *dates: dt.date) -> Availability:
        """Return the availability that includes today, the walk's day and these dates."""
        return requests_to_decide.availability_for(
            [self.walk], dates=dates, decider=self.by, now=self.now, calendar=self.calendar
        )

    def plan(self) -> Plan:
        """Return the plan to approve."""
        return self._stored_plan()

    def _stored_plan(self) -> Plan:
        """Return the plan of the walk with its own start, because the bells may have changed since."""
        return replace(plan_of(self.walk), starts_at=self.walk.starts_at)

    def clean(self) -> dict[str, Any]:
        """Require a person if the button "with cover" was pressed, and refuse a person who is not free then."""
        values = super().clean() or self.cleaned_data
        cover = values.get("cover")
        if cover is None and "with_cover" in self.data and not self.errors:
            self.add_error("cover", _("Choose who covers, or approve it as it is."))
        if cover is not None and not self.errors and not self._is_free(cover):
            words = _("%(name)s is not free at that time. Choose another colleague.") % {"name": cover.full_name}
            self.add_error("cover", words)
        return values

    def _is_free(self, person: Person) -> bool:
        return who_is_free(self.plan(), calendar=self.calendar).filter(pk=person.pk).exists()


class CoverForm(DecisionForm):
    """Choose another person to cover. `seen_cover` is the id of the cover that the page showed."""

    seen_cover = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, walk: Walk, by: Person, now: dt.datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"seen_cover": walk.cover_id})
        super().__init__(*args, walk=walk, by=by, now=now, **kwargs)
        field: Any = self.fields["cover"]
        field.required = True
        field.empty_label = _("Choose who covers")
        field.error_messages["required"] = _("Choose who covers")
        if not self.is_bound:
            field.queryset = colleagues_to_offer(self.plan(), calendar=self.calendar).exclude(
                pk__in=[walk.cover_id] if walk.cover_id else []
            )


class AdjustForm(DecisionForm):
    """Change time, rooms or minutes of the walk, and approve it in the same step."""

    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    period = PeriodField(label=_("Period"), queryset=Period.objects.none(), empty_label=None)
    words = _words_field(_("Message to the walker"), required=False)
    field_order = ["date", "period", "cover", "words"]

    def __init__(self, *args: Any, walk: Walk, by: Person, now: dt.datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"date": walk.date, "period": walk.period_id, "cover": walk.cover_id})
        super().__init__(*args, walk=walk, by=by, now=now, **kwargs)
        self.before = self._stored_plan()
        offer_rows(self, "period", Period.objects.visible_to(by))
        self.fields["words"].label = _("Message to %(name)s") % {"name": walk.walker.short_name}
        minutes = [(minutes, str(minutes)) for minutes in self.before.minute_choices]
        for stop in self.before.stops:
            label = _("Minutes in Room %(room)s") % {"room": stop.room.code}
            field = forms.TypedChoiceField(label=label, choices=minutes, coerce=int, required=False, empty_value=None)
            self.fields[f"minutes_{stop.room.pk}"] = field
            self.initial[f"minutes_{stop.room.pk}"] = stop.minutes

    def clean_date(self) -> dt.date | None:
        """Refuse a day outside all semesters."""
        return _in_a_semester(self.school, self.cleaned_data["date"])

    @property
    def kept(self) -> set[str]:
        """The ids of the rooms that stay on the walk, as text."""
        if isinstance(self.data, QueryDict) and self.is_bound:
            return set(self.data.getlist("stop"))
        return {str(stop.room.pk) for stop in self.before.stops}

    def rooms(self, findings: Iterable[requests_to_decide.RequestFinding]) -> Iterator[dict[str, Any]]:
        """Yield each requested room: its teacher at the chosen time, whether it stays, its minutes, and its clash."""
        clashes_by_room = {finding.room_id: finding.short for finding in findings}
        for stop in self._at_chosen_time(self.before).stops:
            yield {
                "stop": stop,
                "kept": str(stop.room.pk) in self.kept,
                "minutes": self[f"minutes_{stop.room.pk}"],
                "clash": clashes_by_room.get(stop.room.pk, ""),
            }

    def plan(self) -> Plan:
        """Return the changed plan. The hosts change only if the time changes."""
        values = self.cleaned_data if self.is_bound else {}
        stops = tuple(self._stop(stop, values) for stop in self.before.stops if str(stop.room.pk) in self.kept)
        return self._at_chosen_time(replace(self.before, stops=stops))

    def _at_chosen_time(self, plan: Plan) -> Plan:
        """Return the plan at the chosen time, with the hosts who teach in its rooms then."""
        values = self.cleaned_data if self.is_bound else {}
        date = values.get("date")
        period = values.get("period")
        if date is None or period is None or (date, period) == (plan.date, plan.period):
            return plan
        return plan.at(date, period, availability=self.availability)

    def _stop(self, stop: PlannedStop, values: dict[str, Any]) -> PlannedStop:
        return replace(stop, minutes=values.get(f"minutes_{stop.room.pk}") or stop.minutes)


class CancelForm(forms.Form):
    """Cancel an approved walk. Everybody who knows of it gets an e-mail with the reason."""

    words = _words_field(_("Why can’t the walk take place?"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].error_messages["required"] = _("Write a sentence about why the walk can’t take place.")


class AskForm(forms.Form):
    """Ask for a change. A suggested time is one that the walker can accept with one click."""

    words = _words_field(_("What would you like to change?"), required=True)
    suggested_date = forms.DateField(
        label=_("Another day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    suggested_period = PeriodField(
        label=_("Another period"), queryset=Period.objects.none(), required=False, empty_label=_("No suggestion")
    )

    def __init__(self, *args: Any, walk: Walk, by: Person, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"auto_id": "id_ask_%s"}))
        self.walk = walk
        self.now = now
        self.warnings: list[str] = []
        offer_rows(self, "suggested_period", Period.objects.visible_to(by))

    def clean(self) -> dict[str, Any]:
        """Complete and check the suggested time.

        A period without a day means the walk's own day. A day needs a period. A time that the walker could not choose
        is refused.
        """
        values = super().clean() or self.cleaned_data
        date = values.get("suggested_date")
        period = values.get("suggested_period")
        if date and not period and not self.errors:
            self.add_error("suggested_period", _("Choose a period for that day."))
        if period and not date:
            date = self.walk.date
            values["suggested_date"] = date
        if period and date and not self.errors:
            for problem in self._time_problems(date, period)[:1]:
                self.add_error(f"suggested_{problem.field}", problem.words)
            self.warnings = self._warnings(date, period)
        return values

    @property
    def warned_time(self) -> str:
        """The suggested time whose warnings the page shows. The form posts it with the next press of the button."""
        values = self.cleaned_data if self.is_bound else {}
        date = values.get("suggested_date")
        period = values.get("suggested_period")
        return f"{date}:{period.pk}" if self.warnings and period else ""

    @property
    def has_new_warnings(self) -> bool:
        """Whether there are warnings about the suggested time that the page has not shown yet."""
        return bool(self.warnings) and self.data.get("warned_time") != self.warned_time

    def _warnings(self, date: dt.date, period: Period) -> list[str]:
        """Return the clashes of the suggested time, and which rooms the walker could not keep."""
        calendar = Calendar(self.walk.walker.school)
        plan = plan_of(self.walk)
        availability = clashes.availability_for(plan, first=date, last=date, calendar=calendar)
        moved = plan.at(date, period, availability=availability)
        findings = requests_to_decide.findings_about_plan(moved, availability=availability, now=self.now)
        words = [finding.words for finding in findings]
        kept, dropped = without_empty_rooms(moved)
        name = self.walk.walker.short_name
        rooms = get_text_list([room.code for room in dropped], gettext("and"))
        if dropped and len(kept.stops) >= MIN_STOPS:
            words.append(_("%(name)s can accept it without %(rooms)s.") % {"name": name, "rooms": rooms})
        elif dropped:
            words.append(_("That leaves too few rooms, so %(name)s can’t accept that time.") % {"name": name})
        return [str(line) for line in words]

    def _time_problems(self, date: dt.date, period: Period) -> list[PlanProblem]:
        """Return why the walker could not choose that time."""
        calendar = Calendar(self.walk.walker.school)
        plan = replace(plan_of(self.walk), date=date, period=period)
        found = problems(plan, calendar=calendar, semester=calendar.semester_on(date), now=self.now)
        return [problem for problem in found if problem.field in ("date", "period")]
