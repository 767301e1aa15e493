"""All retention rules in one list. Beat applies them every hour, `manage.py purge` by hand.

The privacy page shows the same list, so that it promises exactly what happens.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator
from contextlib import suppress

from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import sessions
from notifications import retention as mail_retention
from observations import retention as observation_retention
from operations import sqlite
from school import people
from school import retention as school_retention
from school.errors import RuleError
from school.models import Person, School
from school.retention import RetentionRule, Rows, kept_in_words, span_in_words
from walks import retention as walk_retention

logger = logging.getLogger(__name__)

HOURLY_SECONDS = 20.0  # limit of one run; the next run continues
LOG_DAYS = 365


def old_log_entries(school: School, now: dt.datetime) -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(user__school=school, action_time__lt=now - dt.timedelta(days=LOG_DAYS))


def expired_accounts(school: School, now: dt.datetime) -> QuerySet[Person]:
    """Return accounts of people who left so long ago that no report shows their walks any longer."""
    left = now - dt.timedelta(days=school.report_days)
    found: QuerySet[Person] = Person.objects.filter(school=school, is_active=False, left_at__lt=left)
    return found.filter(erased_at__isnull=True)


def erase_accounts(rows: Rows) -> None:
    """Erase the accounts as an administrator would."""
    for person in rows:
        with suppress(RuleError):  # a rule forbids it for the school's last administrator
            people.erase(person, by=None, now=timezone.now())


ACCOUNT_RULES = [
    RetentionRule(
        name="admin-log",
        what=gettext_lazy("Changes made by those who run the server"),
        kept=lambda _school: _("%(time)s after the change") % {"time": span_in_words(LOG_DAYS)},
        find=old_log_entries,
    ),
    RetentionRule(
        name="accounts",
        what=gettext_lazy("Accounts of those who left"),
        kept=kept_in_words(lambda s: s.report_days, gettext_lazy("%(time)s after they left")),
        find=expired_accounts,
        remove=erase_accounts,
    ),
]
GROUPS = [
    (gettext_lazy("Your walks"), observation_retention.RULES),
    (gettext_lazy("Plans and approvals"), walk_retention.RULES),
    (gettext_lazy("E-mails and reminders"), mail_retention.RULES),
    (gettext_lazy("Accounts and backups"), [*ACCOUNT_RULES, *school_retention.RULES]),
]
RULES = [rule for _title, rules in GROUPS for rule in rules]


def run(*, now: dt.datetime, seconds: float = HOURLY_SECONDS) -> dict[str, int]:
    """Remove everything past its retention period, in all schools. Return the number of rows by rule. Idempotent."""
    until = time.monotonic() + seconds
    removed = dict[str, int]()
    record_leaving_and_return(now=now, until=until)
    for rule, school in _rules_and_schools():
        if time.monotonic() < until:
            removed[rule.name] = removed.get(rule.name, 0) + rule.run(school, now, until=until)
    sessions.delete_expired_sessions(now=now)
    sessions.delete_expired_rate_limits(now=now)
    removed["mail-files"] = mail_retention.remove_old_mail_files(now=now)
    removed["orphan-files"] = observation_retention.remove_orphan_photos(now=now)
    sqlite.truncate_wal()
    return removed


def count_due(*, now: dt.datetime) -> dict[str, int]:
    """Count the rows that the next run would remove, by rule. Change nothing."""
    found = dict[str, int]()
    for rule, school in _rules_and_schools():
        found[rule.name] = found.get(rule.name, 0) + rule.find(school, now).count()
    return found


def _rules_and_schools() -> Iterator[tuple[RetentionRule, School]]:
    schools = list(School.objects.order_by("pk"))
    return ((rule, school) for rule in RULES for school in schools)


def record_leaving_and_return(*, now: dt.datetime, until: float) -> None:
    """Record that people left or came back if their account was switched off or on outside the people pages.

    Stop when time is up, but handle at least one person; the next run continues. If one person fails, continue with the
    others; the next run tries that person again.
    """
    off = Q(is_active=False, left_at=None)
    on = Q(is_active=True, left_at__isnull=False, erased_at=None)
    for person in Person.objects.filter(off | on).order_by("pk"):
        try:
            people.catch_up(person, now=now)
        except Exception as error:  # an error with one person must not stop the run
            logger.error("could not record that person %s left or came back: %s", person.pk, type(error).__name__)
        if time.monotonic() > until:
            break
