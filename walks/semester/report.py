"""The semester report: who has completed the walks they owe.

For privacy it reads a fixed list of columns: of walks only states and dates, never words that people wrote.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.db.models import (
    QuerySet,
)
from django.utils.translation import gettext_lazy as _

from school.models import Grade, Person, Semester
from school.text import names
from school.text.typed import comparable

from ..models import State, Walk
from ..permissions import may_read_reasons
from .report_query import with_status
from .report_statuses import (
    COMPLETE,
    EXCUSED,
    NO_WALK,
    NOT_COMPLETED,
    NOT_PLANNED,
    PLANNED,
    SORTED_STATUSES,
    STATUSES,
    STATUSES_AFTER_SEMESTER,
    STATUSES_DURING_SEMESTER,
    STATUSES_OF_VOLUNTARY_WALKS,
    UNDER_WAY,
    StatusLook,
)
from .walks_owed import walks_owed

SORTS = {"name": "sort_name", "grade": "grade", "status": "position", "date": "date", "extra": "extra"}


class ReportRow(NamedTuple):
    """One teacher's row."""

    person_id: int
    given_name: str
    family_name: str
    family_name_first: bool
    email: str
    gets_mail: bool
    staff_number: str
    grade_id: int | None
    grade: str
    status: str
    date: dt.date | None  # of the first walk with this status
    mark: str  # tells people of the same name apart: their code, or subject
    extra: int  # complete walks beyond the required ones
    reason: str  # for the excusal, if the reader may read it

    @property
    def sort_name(self) -> str:
        """The name with the family name first."""
        return names.sort_name(self.given_name, self.family_name, family_first=self.family_name_first)

    @property
    def look(self) -> StatusLook:
        return STATUSES[self.status]

    @property
    def may_be_nudged(self) -> bool:
        """Whether this teacher owes a walk in the running semester, has planned none, and has an e-mail address."""
        return self.status == NOT_PLANNED and self.gets_mail

    @property
    def position(self) -> int:
        """The sort position of the status: those who still have something to do first."""
        return SORTED_STATUSES.index(self.status)


@dataclass
class ReportTally:
    """How many teachers have which status. Excused teachers owe no walk, so they are not part of the total."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Teachers who owe a walk this semester."""
        return self.counts.total() - self.counts[EXCUSED]

    @property
    def complete(self) -> int:
        """Teachers who have completed the walks they owe."""
        return self.counts[COMPLETE]

    @property
    def percent(self) -> int:
        """Percentage of teachers who have completed, rounded down, so that 100 means everybody."""
        return self.complete * 100 // self.total if self.total else 0

    def bar_parts(self, statuses: Iterable[str]) -> list[tuple[str, float]]:
        """Return the CSS class and the width in percent of each part of the bar."""
        in_bar = [status for status in statuses if status != EXCUSED]
        total = self.total or 1  # without teachers all counts are 0
        return [(STATUSES[status].bar_css, 100 * self.counts[status] / total) for status in in_bar]


@dataclass
class SemesterReport:
    """A semester's report for one reader: `everybody` in the reader's scope, and the `rows` that match the filters."""

    semester: Semester
    closed: bool  # the semester is over
    everybody: list[ReportRow]
    rows: list[ReportRow]
    filtered: bool = False
    with_reasons: bool = False
    is_voluntary: bool = False  # no teacher owes a walk

    @property
    def walk_heading(self) -> str:
        """The heading of the column with the status."""
        return str(_("Walk") if self.is_voluntary else _("Required walk"))

    @cached_property
    def shared_names(self) -> set[str]:
        """Names that several people have. The page marks these people."""
        counts = Counter(row.sort_name for row in self.everybody)
        return {name for name, count in counts.items() if count > 1}

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that can occur, in the order in which they are shown."""
        if self.is_voluntary:
            return STATUSES_OF_VOLUNTARY_WALKS
        return STATUSES_AFTER_SEMESTER if self.closed else STATUSES_DURING_SEMESTER

    @property
    def tally(self) -> ReportTally:
        """The totals of everybody in scope, without the filters."""
        return ReportTally(Counter(row.status for row in self.everybody))

    @property
    def by_grade(self) -> list[tuple[str, ReportTally]]:
        """The totals of each grade, in the order of the grades."""
        tallies: dict[str, ReportTally] = {}
        for row in self.everybody:
            tallies.setdefault(row.grade, ReportTally()).counts[row.status] += 1
        return list(tallies.items())


def grades_in_scope(reader: Person) -> QuerySet[Grade]:
    """Return all grades for an administrator, and the headed ones for a Head of Grade."""
    grades: QuerySet[Grade] = Grade.objects.filter(school=reader.school_id)
    return grades if reader.is_administrator else grades.filter(pk__in=reader.headed_grade_ids)


def people_in_scope(reader: Person, semester: Semester) -> QuerySet[Person]:
    """Return the teachers in the reader's scope who had joined by the end of the semester, and everyone who walked."""
    walked = Walk.objects.filter(semester=semester, state__in=[State.WALKED, State.COMPLETE]).order_by()
    teachers = Person.objects.teachers().joined_by(reader.school, semester.ends_on)
    people = teachers | Person.objects.filter(pk__in=walked.values("walker"))
    people = people.filter(school=reader.school_id)
    scope: QuerySet[Person] = people if reader.is_administrator else people.filter(grade__in=reader.headed_grade_ids)
    return scope


def stored_semesters(reader: Person, *, today: dt.date) -> QuerySet[Semester]:
    """Return the semesters whose walks are all still stored; without some walks, a report would be wrong.

    The retention of walks is in walks/retention.py.
    """
    since = today - dt.timedelta(days=reader.school.report_days)
    found: QuerySet[Semester] = Semester.objects.visible_to(reader).filter(ends_on__gte=since)
    return found


COLUMNS = (  # in the order of the arguments of `_row`
    "pk",
    "given_name",
    "family_name",
    "family_name_first",
    "email",
    "staff_number",
    "erased_at",
    "code",
    "subject",
    "grade_id",
    "grade__name",
    "status",
    "first_complete_on",
    "first_under_way_on",
    "first_planned_on",
    "extra",
    "reason",
)


def build(
    reader: Person, semester: Semester, *, today: dt.date, filters: dict[str, str] | None = None
) -> SemesterReport:
    """Return the report that the reader may see, with the filters and the sort order in `filters`.

    One query; one more if the semester is over, for the number of walks that were owed then.
    Unknown filters and sort orders are ignored.
    """
    closed = today > semester.ends_on
    owed = walks_owed(semester, today=today)
    people = with_status(people_in_scope(reader, semester), max(owed, 1), semester, today)
    ordered = people.order_by("grade__position", "family_name", "given_name", "pk")
    with_reasons = may_read_reasons(reader)
    everybody = [
        _row(*values, closed=closed, with_reason=with_reasons, is_voluntary=not owed)
        for values in ordered.values_list(*COLUMNS)
    ]
    wanted = {key: value for key, value in (filters or {}).items() if value}
    return SemesterReport(
        semester=semester,
        closed=closed,
        everybody=everybody,
        rows=_sorted(_filtered(everybody, wanted), wanted.get("sort", "")),
        filtered=bool(set(wanted) & {"q", "grade", "status"}),
        with_reasons=with_reasons,
        is_voluntary=not owed,
    )


def _row(
    pk: int,
    given: str,
    family: str,
    family_first: bool,
    email: str | None,
    staff_number: str,
    erased_at: dt.datetime | None,
    code: str,
    subject: str,
    grade_id: int | None,
    grade: str | None,
    status: str,
    first_complete_on: dt.date | None,
    first_under_way_on: dt.date | None,
    first_planned_on: dt.date | None,
    extra: int,
    reason: str,
    *,
    closed: bool,
    with_reason: bool,
    is_voluntary: bool,
) -> ReportRow:
    if is_voluntary:
        status = NO_WALK if status in (NOT_PLANNED, EXCUSED) else status
    elif closed and status in (UNDER_WAY, PLANNED, NOT_PLANNED):
        status = NOT_COMPLETED
    dates = {COMPLETE: first_complete_on, UNDER_WAY: first_under_way_on, PLANNED: first_planned_on}
    return ReportRow(
        person_id=pk,
        given_name=given,
        family_name=family,
        family_name_first=family_first,
        email="" if erased_at else email or "",
        gets_mail=bool(email),
        staff_number=staff_number if with_reason else "",
        grade_id=grade_id,
        grade=grade or str(_("No grade")),
        status=status,
        date=dates.get(status),
        mark=code or subject,
        extra=extra,
        reason=reason if status == EXCUSED and with_reason else "",
    )


def _filtered(rows: list[ReportRow], wanted: dict[str, str]) -> list[ReportRow]:
    name = comparable(wanted.get("q", ""))
    grade = wanted.get("grade", "")
    status = wanted.get("status", "")
    return [
        row
        for row in rows
        if (not name or name in comparable(f"{row.given_name} {row.family_name} {row.given_name} {row.sort_name}"))
        and (not grade or str(row.grade_id) == grade)
        and (not status or row.status == status)
    ]


def _sorted(rows: list[ReportRow], sort: str) -> list[ReportRow]:
    """Sort by a column of SORTS, or by name if `sort` is unknown. A minus before it reverses the order.

    Rows without a value come last in either order.
    """
    key = SORTS.get(sort.lstrip("-"), "sort_name")
    rows = sorted(rows, key=lambda row: row.sort_name.casefold())
    if key == "sort_name":
        return rows[::-1] if sort.startswith("-") else rows
    known = [row for row in rows if getattr(row, key) not in (None, "")]
    unknown = [row for row in rows if getattr(row, key) in (None, "")]
    return sorted(known, key=lambda row: getattr(row, key), reverse=sort.startswith("-")) + unknown
