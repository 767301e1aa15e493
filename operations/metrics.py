"""The page /metrics for Prometheus: the numbers of /readyz, readable with METRICS_TOKEN. It says nothing about people.

Everything comes from the database and the broker, so every web process of every machine gives the same answer.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.models import Message, Reminder

from . import health

Gauge = tuple[str, str, Mapping[str, float]]  # name, help, and a number for each value of its label
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LABELS = {"check_ok": "check", "heartbeat_age_seconds": "process", "mail_waiting": "state", "mail_settled": "state"}


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the numbers, or 404 without the token."""
    if not _may_read(request.headers.get("Authorization", "")):
        raise Http404
    return HttpResponse(prometheus_text(gauges(now=timezone.now())), content_type=CONTENT_TYPE)


def _may_read(authorization: str) -> bool:
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(authorization.encode(), wanted.encode())


def gauges(*, now: dt.datetime) -> Iterator[Gauge]:
    """Yield the results of the checks of /readyz and, if the database answers, the numbers behind them."""
    found = health.report(now=now)
    checks = {finding.name.replace(" ", "_"): float(finding.ok) for finding in found.findings}
    yield "check_ok", "1 if this check of /readyz passes, else 0.", checks
    if found.numbers:
        yield from _heartbeats_and_mail(found.numbers)
        yield from _due_mails_and_reminders(now)


def _heartbeats_and_mail(numbers: dict[str, Any]) -> Iterator[Gauge]:
    ages = {name: age for name, age in numbers["heartbeat_age_seconds"].items() if age is not None}
    yield "heartbeat_age_seconds", "Seconds since the last heartbeat of the process; absent if there was none.", ages
    mail = dict(numbers["mail"])
    oldest = mail.pop("oldest_due_seconds")
    yield "mail_oldest_due_seconds", "Seconds by which the oldest due mail is late.", {"": oldest}
    yield "mail_settled", "Mails of the last 7 days that failed, or whose delivery is unknown.", mail


def _due_mails_and_reminders(now: dt.datetime) -> Iterator[Gauge]:
    due = Message.objects.filter(state__in=["queued", "sending"], due_at__lte=now)
    counted = dict(due.order_by().values_list("state").annotate(Count("pk")))
    yield "mail_waiting", "Mails that are due.", {state: counted.get(state, 0) for state in ("queued", "sending")}
    late = Reminder.objects.filter(state="pending", due_at__lte=now).aggregate(n=Count("pk"), oldest=Min("due_at"))
    yield "reminders_due", "Reminders that are due and not handled yet.", {"": late["n"]}
    age = (now - late["oldest"]).total_seconds() if late["oldest"] else 0
    yield "reminders_oldest_due_seconds", "Seconds by which the oldest due reminder is late.", {"": age}


def prometheus_text(found: Iterable[Gauge]) -> str:
    """Return the gauges in Prometheus's text format."""
    lines = []
    for name, description, numbers in found:
        full = f"learningwalks_{name}"
        lines += [f"# HELP {full} {description}", f"# TYPE {full} gauge"]
        lines += [f"{full}{_label(name, value)} {number:g}" for value, number in numbers.items()]
    return "\n".join([*lines, ""])


def _label(name: str, value: str) -> str:
    return f'{{{LABELS[name]}="{value}"}}' if name in LABELS else ""
