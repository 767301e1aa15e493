"""Join rows of single days to ranges. Days off and closed rooms have one row a day, but lists show "Mon to Fri"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .models import DayOff, RoomClosure

DatedRow = DayOff | RoomClosure
ONE_DAY = dt.timedelta(days=1)
LONGEST_GAP = 7  # days; in a school without school days every gap would count as a weekend


@dataclass(frozen=True)
class DateRange:
    """Rows of consecutive days, in order. Only their dates differ."""

    rows: list[DatedRow]

    @property
    def row(self) -> DatedRow:
        """The row of the first day. Its id stands for the range."""
        return self.rows[0]

    @property
    def first(self) -> dt.date:
        return self.rows[0].date

    @property
    def last(self) -> dt.date:
        return self.rows[-1].date

    @property
    def words(self) -> str:
        """Mon 21 Dec 2026, or Mon 21 Dec 2026 to Fri 1 Jan 2027."""
        first = date_format(self.first, "D j M Y")
        if self.first == self.last:
            return first
        return _("%(first)s to %(last)s") % {"first": first, "last": date_format(self.last, "D j M Y")}


def ranges_of(rows: Iterable[DatedRow], *, weekdays: Collection[int]) -> list[DateRange]:
    """Join the rows to ranges, ordered by their first day. A range may go on after a weekend.

    `weekdays` are the days of the week with school, from 0 for Monday.
    """
    open_ranges: dict[object, list[DatedRow]] = {}
    found: list[list[DatedRow]] = []
    for row in sorted(rows, key=lambda row: row.date):
        days = open_ranges.get(_all_but_date(row))
        if days and _follows(days[-1].date, row.date, weekdays):
            days.append(row)
        else:
            days = open_ranges[_all_but_date(row)] = [row]
            found.append(days)
    return [DateRange(days) for days in found]


def range_with(row: DatedRow, rows: Iterable[DatedRow], *, weekdays: Collection[int]) -> DateRange:
    """Return the range that contains this row."""
    same = [other for other in rows if _all_but_date(other) == _all_but_date(row)]
    return next(found for found in ranges_of(same, weekdays=weekdays) if row in found.rows)


def _all_but_date(row: DatedRow) -> object:
    """Return what rows of one range have in common: everything but the date."""
    return row.label if isinstance(row, DayOff) else (row.room_id, row.period_id, row.reason)


def _follows(date: dt.date, other: dt.date, weekdays: Collection[int]) -> bool:
    """Whether no school day lies between the two dates."""
    gap = (other - date).days
    between = [date + ONE_DAY * n for n in range(1, gap)]
    return gap <= LONGEST_GAP and not any(day.weekday() in weekdays for day in between)
