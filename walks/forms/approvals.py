"""The forms of a Head of Grade: cover, another time, fewer rooms, a message to the walker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from school.calendar import Calendar
from school.forms.fields import choose_from
from school.models import Period, Person, School

from ..availability.availability import Availability
from ..content import BLANK
from ..models import Walk
from ..planning import clashes, requests_to_decide
from ..planning.cover import in_timetable, offered, who_is_free
from ..planning.plan import MAX_STOP_MINUTES, MIN_STOPS, Plan, PlannedStop, PlanProblem, plan_of, problems
from ..workflow.suggestions import without_empty_rooms

WORDS_LENGTH = 1000
MINUTES = [(n, str(n)) for n in range(1, MAX_STOP_MINUTES + 1)]


def _words(label: Any, *, required: bool) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    missing = {"required": _("Write a sentence about the change you would like.")}
    return forms.CharField(
        label=label,
        required=required,
        max_length=WORDS_LENGTH,
        widget=area,
        error_messages=missing,
        validators=[_filled_in],
    )


def _filled_in(words: str) -> None:
    """Refuse a suggested reply whose blanks were not filled in."""
    if BLANK in words:
        raise ValidationError(_("Fill in the blanks (%(blank)s) first, or take them out") % {"blank": BLANK})


def _school_day(school: School, date: dt.date | None) -> dt.date | None:
    if date is not None and Calendar(school).semester_on(date) is None:
        raise ValidationError(_("Choose a day within a semester"))
    return date


class CoverField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A colleague who covers the walker's lesson."""

    def label_from_instance(self, obj: Any) -> str:
        """Mark people who teach nothing: they may be anywhere."""
        words = "%(name)s" if in_timetable(obj) else _("%(name)s (no classes in the timetable)")
        return str(words % {"name": obj.name_and_teaching})


class DecisionForm(forms.Form):
    """Approve the walk as it is, perhaps with cover."""

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
        choose_from(self, "cover", Person.objects.visible_to(by).teachers())

    @cached_property
    def availability(self) -> Availability:
        """The school around the walk's day and the day that was chosen instead."""
        chosen = [date for date in (self.cleaned_data.get("date"),) if date] if self.is_bound else []
        return requests_to_decide.availability_for(
            [self.walk], dates=chosen, to=self.by, now=self.now, calendar=self.calendar
        )

    def plan(self) -> Plan:
        """The plan to approve."""
        return plan_of(self.walk)

    def clean(self) -> dict[str, Any]:
        """Require explicit cover, by a person without a lesson or walk at that time."""
        values = super().clean() or self.cleaned_data
        cover = values.get("cover")
        if cover is None and "with_cover" in self.data and not self.errors:
            self.add_error("cover", _("Choose who covers, or approve it as it is."))
        if cover is not None and not self.errors and not self._is_free(cover):
            words = _("%(name)s is not free then. Choose somebody else.") % {"name": cover.full_name}
            self.add_error("cover", words)
        return values

    def _is_free(self, person: Person) -> bool:
        return who_is_free(self.plan(), calendar=self.calendar).filter(pk=person.pk).exists()


class CoverForm(DecisionForm):
    """Choose another person to cover."""

    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, walk: Walk, by: Person, now: dt.datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"instead_of": walk.cover_id})
        super().__init__(*args, walk=walk, by=by, now=now, **kwargs)
        field: Any = self.fields["cover"]
        field.required = True
        field.empty_label = _("Choose who covers")
        field.error_messages["required"] = _("Choose who covers")
        if not self.is_bound:
            field.queryset = offered(self.plan(), calendar=self.calendar)


class AdjustForm(DecisionForm):
    """Change time, rooms or minutes, and approve in the same step."""

    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    period = forms.ModelChoiceField(label=_("Period"), queryset=Period.objects.none(), empty_label=None)
    words = _words(_("A word to the walker"), required=False)
    field_order = ["date", "period", "cover", "words"]

    def __init__(self, *args: Any, walk: Walk, by: Person, now: dt.datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"date": walk.date, "period": walk.period_id})
        super().__init__(*args, walk=walk, by=by, now=now, **kwargs)
        self.before = plan_of(walk)
        choose_from(self, "period", Period.objects.visible_to(by))
        self.fields["words"].label = _("A word to %(name)s") % {"name": walk.walker.given_name}
        for stop in self.before.stops:
            label = _("Minutes in Room %(room)s") % {"room": stop.room.code}
            field = forms.TypedChoiceField(label=label, choices=MINUTES, coerce=int, required=False, empty_value=None)
            self.fields[f"minutes_{stop.room.pk}"] = field
            self.initial[f"minutes_{stop.room.pk}"] = stop.minutes

    def clean_date(self) -> dt.date | None:
        """A day on which the school runs."""
        return _school_day(self.school, self.cleaned_data["date"])

    @property
    def kept(self) -> set[str]:
        """The ids of the rooms that stay."""
        if isinstance(self.data, QueryDict) and self.is_bound:
            return set(self.data.getlist("stop"))
        return {str(stop.room.pk) for stop in self.before.stops}

    def rooms(self) -> Iterator[dict[str, Any]]:
        """Return each requested room with its teacher at the chosen time, whether it stays, and its minutes."""
        for stop in self._moved(self.before).stops:
            minutes = self[f"minutes_{stop.room.pk}"]
            yield {"stop": stop, "kept": str(stop.room.pk) in self.kept, "minutes": minutes}

    def plan(self) -> Plan:
        """The changed plan. If the time is unchanged, so are the hosts."""
        values = self.cleaned_data if self.is_bound else {}
        stops = tuple(self._stop(stop, values) for stop in self.before.stops if str(stop.room.pk) in self.kept)
        return self._moved(replace(self.before, stops=stops))

    def _moved(self, plan: Plan) -> Plan:
        """The plan at the chosen time, with whoever teaches in its rooms then."""
        values = self.cleaned_data if self.is_bound else {}
        date = values.get("date")
        period = values.get("period")
        if date is None or period is None or (date, period) == (plan.date, plan.period):
            return plan
        return plan.at(date, period, availability=self.availability)

    def _stop(self, stop: PlannedStop, values: dict[str, Any]) -> PlannedStop:
        return replace(stop, minutes=values.get(f"minutes_{stop.room.pk}") or stop.minutes)


class AskForm(forms.Form):
    """Ask for a change, and perhaps suggest a time that the walker can accept with one click."""

    words = _words(_("What would you like to change?"), required=True)
    suggested_date = forms.DateField(
        label=_("Another day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    suggested_period = forms.ModelChoiceField(
        label=_("Another period"), queryset=Period.objects.none(), required=False, empty_label=_("No suggestion")
    )

    def __init__(self, *args: Any, walk: Walk, by: Person, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"auto_id": "id_ask_%s"}))
        self.walk = walk
        self.now = now
        self.warnings: list[str] = []
        choose_from(self, "suggested_period", Period.objects.visible_to(by))

    def clean(self) -> dict[str, Any]:
        """A period without a day means the same day, a day needs a period, and the walker must be able to plan it."""
        values = super().clean() or self.cleaned_data
        date = values.get("suggested_date")
        period = values.get("suggested_period")
        if date and not period and not self.errors:
            self.add_error("suggested_period", _("Choose a period for that day."))
        if period and not date:
            date = values["suggested_date"] = self.walk.date
        if period and date and not self.errors:
            for problem in self._wrong_with(date, period)[:1]:
                self.add_error(f"suggested_{problem.field}", problem.words)
            self.warnings = self._warnings(date, period)
        return values

    @property
    def warned(self) -> str:
        """The time that the page has warned of, for the next press."""
        values = self.cleaned_data if self.is_bound else {}
        date = values.get("suggested_date")
        period = values.get("suggested_period")
        return f"{date}:{period.pk}" if self.warnings and period else ""

    @property
    def has_news(self) -> bool:
        """Whether there are warnings about the suggested time that the page has not shown yet."""
        return bool(self.warnings) and self.data.get("warned") != self.warned

    def _warnings(self, date: dt.date, period: Period) -> list[str]:
        """What the suggested time collides with, and what that means for the walker."""
        calendar = Calendar(self.walk.walker.school)
        plan = plan_of(self.walk)
        availability = clashes.about(plan, first=date, last=date, calendar=calendar)
        moved = plan.at(date, period, availability=availability)
        words = [
            finding.words for finding in requests_to_decide.look_at_plan(moved, availability=availability, now=self.now)
        ]
        kept, dropped = without_empty_rooms(moved)
        name = self.walk.walker.given_name
        rooms = get_text_list([room.code for room in dropped], gettext("and"))
        if dropped and len(kept.stops) >= MIN_STOPS:
            words.append(_("%(name)s can accept it without %(rooms)s.") % {"name": name, "rooms": rooms})
        elif dropped:
            words.append(_("That leaves too few rooms, so %(name)s can’t accept this time.") % {"name": name})
        return [str(line) for line in words]

    def _wrong_with(self, date: dt.date, period: Period) -> list[PlanProblem]:
        """Return why the walker could not accept that time."""
        calendar = Calendar(self.walk.walker.school)
        plan = replace(plan_of(self.walk), date=date, period=period)
        found = problems(plan, calendar=calendar, semester=calendar.semester_on(date), now=self.now)
        return [problem for problem in found if problem.field in ("date", "period")]
