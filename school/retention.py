"""Retention rules: what is removed when, in words for the privacy page, and in small batches.

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

BATCH = 100  # rows in one transaction, so that others wait for the write lock only briefly
PAUSE = 0.02  # seconds between two batches, in which others can write
Rows = QuerySet[Any]


def delete(rows: Rows) -> None:
    rows.delete()


@dataclass(frozen=True)
class RetentionRule:
    """What is removed, when, and how. `find` returns the rows that are due; `remove` removes a batch of them."""

    name: str
    what: str | Promise
    kept: Callable[[School | None], str]
    find: Callable[[School, dt.datetime], Rows]
    remove: Callable[[Rows], None] = delete

    def batches(self, school: School, now: dt.datetime) -> Iterator[Rows]:
        """The rows that are due, in batches, each row once."""
        over = self.find(school, now).order_by("pk")
        last = None
        while keys := list((over if last is None else over.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH]):
            last = keys[-1]
            yield over.model._base_manager.filter(pk__in=keys)

    def run(self, school: School, now: dt.datetime, *, until: float) -> int:
        """Remove what is due in one school until time is up; return the number of rows."""
        gone = 0
        for rows in self.batches(school, now):
            gone += rows.count()
            self.remove(rows)
            if time.monotonic() > until:
                break
            time.sleep(PAUSE)
        return gone


def span(days: int) -> str:
    """A number of days in words."""
    years, rest = divmod(days, 365)
    if years and not rest:
        return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def after(days: Callable[[School], int], pattern: str | Promise) -> Callable[[School | None], str]:
    """How long something is kept, in words; without a school: that the school decides. `pattern` holds %(time)s."""

    def words(school: School | None) -> str:
        return str(pattern) % {"time": span(days(school))} if school else _("As long as the school set")

    return words
