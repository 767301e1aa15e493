"""How what is not kept for ever goes: rules, each with its words, and the small steps in which rows are removed.

Every app lists its own rules in its `retention.py`; learningwalks/privacy/ puts them in order and runs them.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import School

BATCH = 100  # rows in one transaction: others wait for the write lock no longer than that takes
PAUSE = 0.02  # seconds between two, in which somebody else gets it
Rows = QuerySet[Any]


def delete(rows: Rows) -> None:
    """The usual way to go."""
    rows.delete()


@dataclass(frozen=True)
class RetentionRule:
    """What goes, when, and how. `find` says which rows are over; `remove` takes a few of them away at a time."""

    name: str
    what: str | Promise
    kept: Callable[[School | None], str]
    find: Callable[[School, dt.datetime], Rows]
    remove: Callable[[Rows], None] = delete

    def batches(self, school: School, now: dt.datetime) -> Iterator[Rows]:
        """The rows that are over, a few at a time, each row once."""
        over, last = self.find(school, now).order_by("pk"), None
        while keys := list((over if last is None else over.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH]):
            last = keys[-1]
            yield over.model._base_manager.filter(pk__in=keys)

    def run(self, school: School, now: dt.datetime, *, until: float) -> int:
        """Remove what is over in one school, and stop when time is up; says how many rows went."""
        gone = 0
        for rows in self.batches(school, now):
            gone += rows.count()
            self.remove(rows)
            if time.monotonic() > until:
                break
            time.sleep(PAUSE)
        return gone


def span(days: int) -> str:
    """A number of days as people say it."""
    years, rest = divmod(days, 365)
    if years and not rest:
        return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def after(days: Callable[[School], int], pattern: str | Promise) -> Callable[[School | None], str]:
    """How long something is kept, in words; without a school, that the school decides. `pattern` holds %(time)s."""

    def words(school: School | None) -> str:
        return str(pattern) % {"time": span(days(school))} if school else _("As long as the school set")

    return words
