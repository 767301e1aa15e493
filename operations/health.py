"""One health report for /readyz and `manage.py doctor`. It contains no private data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.heartbeat import CLOCK_TOLERANCE
from notifications.models import Heartbeat
from notifications.sending.outbox import queue_health

from . import broker

LATE_AFTER = 120  # seconds without a heartbeat
MAIL_LATE_AFTER = 180  # seconds that a due mail may wait; after that, three attempts have failed


@dataclass(frozen=True)
class Finding:
    """The result of one check, and what to do if it failed. No page can be served if an `essential` check failed."""

    name: str
    ok: bool
    seen: str  # what the check found, in words
    advice: str = ""
    essential: bool = False


@dataclass(frozen=True)
class Report:
    """All findings, and numbers for machines."""

    findings: list[Finding]
    numbers: dict[str, Any]

    @property
    def status(self) -> str:
        """ "down" when pages cannot be served, "degraded" when they can but something else is wrong."""
        if any(f.essential and not f.ok for f in self.findings):
            return "down"
        return "ok" if all(f.ok for f in self.findings) else "degraded"


def report(*, now: dt.datetime) -> Report:
    """Check everything. If the database does not answer, report only the database and the broker."""
    try:
        return _whole_report(now)
    except Error as error:
        seen = f"does not answer ({type(error).__name__})"
        down = Finding("database", False, seen, "Start the database, or correct DATABASE_URL.", essential=True)
        return Report([down, _broker()], {})


def _whole_report(now: dt.datetime) -> Report:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    findings = [Finding("database", True, connection.vendor, essential=True)]
    pending = _count_pending_migrations()
    advice = "Run: python manage.py migrate"
    findings.append(Finding("migrations", not pending, f"{pending} to apply", advice, essential=True))
    findings.append(_broker())
    if pending:
        return Report(findings, {})
    ages = _heartbeat_ages(now)
    mail = queue_health(now)
    findings += [_heartbeat("worker", ages["worker"]), _heartbeat("beat", ages["beat"])]
    findings += [_mail_waiting(mail), _mail_delivered(mail)]
    return Report(findings, {"heartbeat_age_seconds": ages, "mail": mail})


def _broker() -> Finding:
    state = broker.state(broker.client_url(settings.REDIS_URL, settings.DATA_DIR))
    advice = "Mails still go out, up to a minute later. Start the broker again (REDIS_URL, or `make run`)."
    return Finding("broker", state == "ok", state, advice)


def _heartbeat_ages(now: dt.datetime) -> dict[str, int | None]:
    ages: dict[str, int | None] = {"worker": None, "beat": None}
    for heartbeat in Heartbeat.objects.filter(name__in=ages, at__lte=now + CLOCK_TOLERANCE):
        ages[heartbeat.name] = max(0, round((now - heartbeat.at).total_seconds()))
    return ages


def _heartbeat(name: str, age: int | None) -> Finding:
    seen = "never seen" if age is None else f"seen {age} seconds ago"
    commands = {"worker": "celery -A learningwalks worker", "beat": "celery -A learningwalks beat"}
    advice = f"Start it: {commands[name]} (`make run` starts it too)."
    return Finding(name, age is not None and age <= LATE_AFTER, seen, advice)


def _mail_waiting(mail: dict[str, int]) -> Finding:
    oldest = mail["oldest_due_seconds"]
    advice = "Look at the worker, at beat and at EMAIL_URL; docs/operations.md, section Mail."
    return Finding("mail waiting", oldest <= MAIL_LATE_AFTER, f"oldest is {oldest} seconds late", advice)


def _mail_delivered(mail: dict[str, int]) -> Finding:
    seen = f"{mail['failed']} not delivered, {mail['unknown']} perhaps delivered"
    advice = "Authors of praise see it and can send it again. For other mails see docs/operations.md, section Mail."
    return Finding("mail delivered", not (mail["failed"] or mail["unknown"]), seen, advice)


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _count_pending_migrations() -> int:
    """Count unapplied migrations. Counting is slow, so do not count again after a zero: no new ones can appear.

    New migrations come with new code, and a running process keeps its code.
    """
    if not _nothing_pending:
        pending = _pending_migrations()
        if pending:
            return pending
        _nothing_pending.add(True)
    return 0


_nothing_pending: set[bool] = set()  # empty until a count was zero


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Show that this process is alive, and its version. Use neither database nor broker."""
    return HttpResponse(f"ok {settings.VERSION}\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200 if pages can be served, else 503, with the results of all checks as JSON."""
    found = report(now=timezone.now())
    checks = {f.name: {"ok": f.ok, "seen": f.seen} for f in found.findings}
    content = {"status": found.status, "checks": checks, **found.numbers}
    return JsonResponse(content, status=503 if found.status == "down" else 200)
