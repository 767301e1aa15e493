"""Retention rules. Each says what is removed when, in words for the privacy page, and removes it in small batches.

Every app lists its rules in its `retention.py`; those of this app are below. learningwalks/privacy/ puts all in order
and runs them.
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
from django.utils.translation import gettext_lazy, ngettext

from .models import PolicyChange, School

BATCH = 100  # rows in one transaction, so that others wait for the write lock only briefly
PAUSE = 0.02  # seconds between two batches, so that others can write
Rows = QuerySet[Any]


def delete(rows: Rows) -> None:
    rows.delete()


@dataclass(frozen=True)
class RetentionRule:
    """What is removed, when, and how. `find` returns the rows to remove, and `remove` removes a batch of them."""

    name: str
    what: str | Promise
    kept: Callable[[School | None], str]
    find: Callable[[School, dt.datetime], Rows]
    remove: Callable[[Rows], None] = delete

    def batches(self, school: School, now: dt.datetime) -> Iterator[Rows]:
        """Yield the rows to remove in batches, each row once."""
        due = self.find(school, now).order_by("pk")
        following = due
        while keys := list(following.values_list("pk", flat=True)[:BATCH]):
            following = due.filter(pk__gt=keys[-1])
            yield due.model._base_manager.filter(pk__in=keys)

    def run(self, school: School, now: dt.datetime, *, until: float) -> int:
        """Remove the due rows of one school. Stop when time.monotonic() reaches `until`. Return the number of rows."""
        removed = 0
        for rows in self.batches(school, now):
            removed += rows.count()
            self.remove(rows)
            if time.monotonic() > until:
                break
            time.sleep(PAUSE)
        return removed


def span_in_words(days: int) -> str:
    """Return a number of days in words: "30 days", "3 years"."""
    years, rest = divmod(days, 365)
    if years and not rest:
        return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def kept_in_words(days: Callable[[School], int], pattern: str | Promise) -> Callable[[School | None], str]:
    """Return a function that says how long a school keeps something, for the privacy page.

    `days` returns the school's setting, and `pattern` contains %(time)s. Visitors who are not signed in have no school,
    and read that the school decides.
    """

    def words(school: School | None) -> str:
        if school is None:
            return _("As long as the school has chosen")
        return str(pattern) % {"time": span_in_words(days(school))}

    return words


def old_policy_changes(school: School, now: dt.datetime) -> QuerySet[PolicyChange]:
    return PolicyChange.objects.filter(school=school, at__lt=now - dt.timedelta(days=school.report_days))


RULES = [
    RetentionRule(
        name="policy-changes",
        what=gettext_lazy("Who changed which of the school’s settings"),
        kept=kept_in_words(lambda s: s.report_days, gettext_lazy("%(time)s after the change")),
        find=old_policy_changes,
    ),
]
