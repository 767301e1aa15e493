"""The rows of a school that change rarely, kept in the memory of each process under the version of the directory.

A page learns the version with the signed-in person's school, in its first query, and reads the rows again if it is
another one. Triggers give the school another version in the transaction of each change (school/models/versions.py), so
rows that are older than their version are never kept. docs/adr/0016 says what may be kept and why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from .models import DayOff, DayType, Period, School, Semester


@dataclass(frozen=True)
class Directory:
    """The rows of one school. All requests of a process share them, so nobody may change one."""

    day_types: tuple[DayType, ...]
    days_off: Mapping[dt.date, str]
    periods: tuple[Period, ...]
    semesters: tuple[Semester, ...]


_kept: dict[int, tuple[int, Directory]] = {}  # by the school's id


def directory_of(school: School) -> Directory:
    """Return the directory of a school (four queries, or none if this process has read this version before)."""
    version, directory = _kept.get(school.pk, (None, None))
    if directory is None or version != school.directory_version:
        directory = _read(school)
        _kept[school.pk] = school.directory_version, directory
    return directory


def forget() -> None:
    """Forget what was kept. Tests need it, because the databases of two tests contain the same ids and versions."""
    _kept.clear()


def _read(school: School) -> Directory:
    return Directory(
        day_types=tuple(DayType.objects.filter(school=school)),
        days_off=dict(DayOff.objects.filter(school=school).values_list("date", "label")),
        periods=tuple(Period.objects.filter(school=school)),
        semesters=tuple(Semester.objects.filter(school=school).order_by("starts_on")),
    )
