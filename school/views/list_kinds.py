"""Which lists of the school there are, and what the table of each shows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import places
from ..forms import cycle, days
from ..forms import settings as forms
from ..http import SignedInRequest
from ..models import Campus, Period, School, SpecialDate

DAY = "D j M Y"  # how the tables write a date
Cells = Callable[[Any], list[object]]


@dataclass(frozen=True)
class ListKind:
    """One list: its words, its form, and what its table shows."""

    slug: str  # part of the URL
    icon: str
    title: str | Promise
    description: str | Promise  # a sentence below the title
    add_label: str | Promise  # text of the button: "Add a room"
    form: type[forms.RowForm]
    headings: tuple[str | Promise, ...]  # of the table
    cells: Cells  # returns the cells of a row
    order: tuple[str, ...]
    related: tuple[str, ...] = ()  # for select_related
    fields_template: str = "school/_row_fields.html"
    has_ranges: bool = False  # consecutive days are one line, and `cells` takes a DateRange
    group: Callable[[Any], str] | None = None  # heading above rows that belong together
    campus_of: Callable[[Any], Campus] | None = None  # named in the headings if the school has several
    after_removal: str | Promise = ""  # what the page says beside Remove, if not that nothing else uses the row

    def rows(self, request: SignedInRequest) -> QuerySet[Any]:
        """Return the rows of the person's school, in order."""
        found: QuerySet[Any] = self.form._meta.model.objects.visible_to(request.user)
        if self.related:  # without names, select_related would follow every foreign key
            found = found.select_related(*self.related)
        return found.order_by(*self.order)


def _from_to(first: str, last: str) -> str:
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _period_name(row: Period) -> str:
    return f"{row.name}, {row.campus}" if row.campus else row.name


def _special_day(row: SpecialDate) -> str:
    name = row.day_type.name if row.day_type else ""
    return _("%(day)s, and on from there") % {"day": name} if row.starts_cycle else name


KINDS = [
    ListKind(
        slug="semesters",
        icon="calendar3",
        title=gettext_lazy("Semesters"),
        description=gettext_lazy("Each walk belongs to a semester, and so does its report. Semesters can’t overlap."),
        add_label=gettext_lazy("Add a semester"),
        form=forms.SemesterForm,
        headings=(gettext_lazy("Semester"), gettext_lazy("First and last day")),
        cells=lambda row: [row.name, _from_to(date_format(row.starts_on, DAY), date_format(row.ends_on, DAY))],
        order=("-starts_on",),
    ),
    ListKind(
        slug="periods",
        icon="bell",
        title=gettext_lazy("Periods and bells"),
        description=gettext_lazy(
            "A walk fits into one period. If you change a period, walks that are already planned keep their time."
        ),
        add_label=gettext_lazy("Add a period"),
        form=forms.PeriodForm,
        headings=(gettext_lazy("Period"), gettext_lazy("Time")),
        cells=lambda row: [_period_name(row), _from_to(f"{row.starts_at:%H:%M}", f"{row.ends_at:%H:%M}")],
        order=("position",),
        related=("campus",),
    ),
    ListKind(
        slug="bells",
        icon="clock",
        title=gettext_lazy("Other bell schedules"),
        description=gettext_lazy("Days with other times or fewer periods, such as a short Friday or an assembly."),
        add_label=gettext_lazy("Add a bell schedule"),
        form=cycle.BellScheduleForm,
        fields_template="school/_bell_fields.html",
        headings=(gettext_lazy("Name"), gettext_lazy("Every week on")),
        cells=lambda row: [row.name, ", ".join(str(WEEKDAYS[weekday]) for weekday in row.weekdays)],
        order=("name",),
    ),
    ListKind(
        slug="special-dates",
        icon="calendar-event",
        title=gettext_lazy("Special dates"),
        description=gettext_lazy(
            "Dates with another day of the timetable, or other bells. Walks that are already planned keep their time."
        ),
        add_label=gettext_lazy("Add a special date"),
        form=cycle.SpecialDateForm,
        headings=(gettext_lazy("Date"), gettext_lazy("Day of the timetable"), gettext_lazy("Bells")),
        cells=lambda row: [row.date, _special_day(row), row.bells],
        order=("-date",),
        related=("day_type", "bells"),
        after_removal=gettext_lazy("The day is as usual again."),
    ),
    ListKind(
        slug="days-off",
        icon="sun",
        title=gettext_lazy("Days off"),
        description=gettext_lazy("Holidays and training days: no walks, no reminders."),
        add_label=gettext_lazy("Add days off"),
        form=days.DayOffForm,
        headings=(gettext_lazy("Days"), gettext_lazy("Why")),
        cells=lambda line: [line.words, line.row.label],
        order=("date",),
        has_ranges=True,
        after_removal=gettext_lazy(
            "If you remove this, there is school on these days again, and people can plan walks."
        ),
    ),
    ListKind(
        slug="rooms",
        icon="door-closed",
        title=gettext_lazy("Rooms"),
        description=gettext_lazy("Where classes are, in the order in which you pass them."),
        add_label=gettext_lazy("Add a room"),
        form=forms.RoomForm,
        headings=(gettext_lazy("Room"), gettext_lazy("Plate")),
        cells=lambda row: [row.code, row.plate if row.plate != row.code else ""],
        order=("hallway", "position", "code_order"),
        related=("hallway__building__campus",),
        group=lambda row: row.hallway.full_name,
        campus_of=lambda row: row.hallway.building.campus,
    ),
    ListKind(
        slug="hallways",
        icon="signpost-2",
        title=gettext_lazy("Hallways"),
        description=gettext_lazy("Rooms next to each other. A walk often goes along one hallway."),
        add_label=gettext_lazy("Add a hallway"),
        form=forms.HallwayForm,
        headings=(gettext_lazy("Hallway"),),
        cells=lambda row: [row.name or _("Rooms without a hallway")],
        order=("building", "position", "name"),
        related=("building__campus",),
        group=lambda row: row.building.name,
        campus_of=lambda row: row.building.campus,
    ),
    ListKind(
        slug="buildings",
        icon="building",
        title=gettext_lazy("Buildings"),
        description=gettext_lazy("A building has hallways, and a hallway has rooms. Hallways are not needed."),
        add_label=gettext_lazy("Add a building"),
        form=forms.BuildingForm,
        headings=(gettext_lazy("Building"),),
        cells=lambda row: [row.name],
        order=("campus", "position", "name"),
        related=("campus",),
        campus_of=lambda row: row.campus,
    ),
    ListKind(
        slug="campuses",
        icon="geo-alt",
        title=gettext_lazy("Campuses"),
        description=gettext_lazy("Sites of the school that are too far apart for one walk."),
        add_label=gettext_lazy("Add a campus"),
        form=forms.CampusForm,
        headings=(gettext_lazy("Campus"),),
        cells=lambda row: [row.name],
        order=("position", "name"),
    ),
    ListKind(
        slug="closures",
        icon="door-closed",
        title=gettext_lazy("Closed rooms"),
        description=gettext_lazy(
            "Rooms that take no visitors on some days, for example during a test. The Plan page says so."
        ),
        add_label=gettext_lazy("Close a room"),
        form=days.ClosureForm,
        headings=(gettext_lazy("Room"), gettext_lazy("Days"), gettext_lazy("Period"), gettext_lazy("Why")),
        cells=lambda line: [line.row.room.code, line.words, line.row.period or _("All day"), line.row.reason],
        order=("date", "room__code_order"),
        related=("room", "period"),
        has_ranges=True,
        after_removal=gettext_lazy("If you remove this, the room takes visitors again."),
    ),
    ListKind(
        slug="grades",
        icon="mortarboard",
        title=gettext_lazy("Grades"),
        description=gettext_lazy("Each has Heads of Grade who approve its walks. Choose them under People."),
        add_label=gettext_lazy("Add a grade"),
        form=forms.GradeForm,
        headings=(gettext_lazy("Grade"),),
        cells=lambda row: [row.name],
        order=("position", "name"),
    ),
    ListKind(
        slug="teams",
        icon="people",
        title=gettext_lazy("Teams"),
        description=gettext_lazy(
            "One subject across the grades. A walk can visit a team. Choose its members under People."
        ),
        add_label=gettext_lazy("Add a team"),
        form=forms.TeamForm,
        headings=(gettext_lazy("Team"),),
        cells=lambda row: [row.name],
        order=("name",),
    ),
]
BY_SLUG = {kind.slug: kind for kind in KINDS}


class ShownLine(NamedTuple):
    """A line of the table. Its place among its siblings, if it can be moved, is counted from 1."""

    pk: int
    cells: list[object]
    heading: str = ""
    place: int = 0
    is_last: bool = False
    is_over: bool = False  # a day off, for example, that has passed

    @property
    def earlier(self) -> int:
        return self.place - 1

    @property
    def later(self) -> int:
        return 0 if self.is_last else self.place + 1


class ListPage:
    """What the table of a list shows, line by line. `lines` are those of all pages."""

    def __init__(self, kind: ListKind, school: School, lines: Iterable[Any], *, today: dt.date) -> None:
        self.kind = kind
        self.today = today
        self.parent = places.PARENTS.get(kind.form._meta.model)
        self.has_several_campuses = self.parent is not None and places.has_several_campuses(school)
        self.siblings: dict[int, list[int]] = defaultdict(list)  # ids of places, by id of what they are in
        if self.parent:
            for line in lines:
                self.siblings[self._parent_of(line)].append(line.pk)
        self.last_heading = ""

    def _parent_of(self, place: places.Place) -> int:
        pk: int = getattr(place, f"{self.parent}_id")
        return pk

    def line(self, line: Any) -> ShownLine:
        """Return what the table shows of a line."""
        if self.parent is None:
            if not self.kind.has_ranges:
                return ShownLine(line.pk, self.kind.cells(line))
            return ShownLine(line.row.pk, self.kind.cells(line), is_over=line.last < self.today)
        siblings = self.siblings[self._parent_of(line)]
        place = siblings.index(line.pk) + 1
        return ShownLine(line.pk, self.kind.cells(line), self._heading(line), place, place == len(siblings))

    def _heading(self, line: Any) -> str:
        """Return the heading above the line; empty if it is the same as above the line before."""
        names = [self.kind.group(line)] if self.kind.group else []
        if self.kind.campus_of and self.has_several_campuses:
            names.append(self.kind.campus_of(line).name)
        before = self.last_heading
        self.last_heading = ", ".join(names)
        return self.last_heading if self.last_heading != before else ""
