"""Measure, inside an installation, background sweeps over a million rows of which none is due."""

from __future__ import annotations

import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from notifications import reminders  # noqa: E402
from notifications.models import Message, Reminder  # noqa: E402
from notifications.sending import delivery, outbox  # noqa: E402
from school.models import Person  # noqa: E402
from walks.semester import nudges  # noqa: E402

ROWS = 1_000_000
TIMES = 200
ROWS_PER_INSERT = 20_000
LATER = dt.timedelta(days=400)


def fill(person: Person, now: dt.datetime) -> None:
    """Create a million mails (all sent) and a million reminders (half of them done, half due in a year)."""
    for start in range(0, ROWS, ROWS_PER_INSERT):
        numbers = range(start, start + ROWS_PER_INSERT)
        Reminder.objects.bulk_create(
            [
                Reminder(
                    key=f"bench:{n}",
                    kind="walks.today",
                    person=person,
                    about_id=n,
                    created_at=now,
                    due_at=now + LATER,
                    state="pending" if n % 2 else "done",
                )
                for n in numbers
            ]
        )
        Message.objects.bulk_create(
            [
                Message(
                    key=f"bench:{n}",
                    kind="walks.today",
                    recipient=person,
                    to_addr=person.email,
                    subject="s",
                    body_text="t",
                    message_id=f"<{n}@bench>",
                    state="sent",
                    due_at=now,
                    next_try=now,
                    sent_at=now,
                    settled_at=now,
                    created_at=now,
                )
                for n in numbers
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def milliseconds(action: Callable[[], object], times: int = TIMES) -> float:
    """Return the median time of many runs."""
    spent = []
    for _n in range(times):
        started = time.perf_counter()
        action()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent) * 1000


def measure() -> dict[str, float]:
    """Measure a look-up by primary key and each sweep."""
    now = timezone.now()
    person = Person.objects.order_by("pk")[0]
    if not Reminder.objects.filter(key="bench:0").exists():
        fill(person, now)
    last_id = Reminder.objects.order_by("-pk")[0].pk
    sweeps = [lambda: reminders.sweep(now), lambda: delivery.sweep(now), lambda: nudges.schedule_due(now)]
    for action in sweeps:
        action()  # the first run handles what is due
    return {
        "look-up by primary key": milliseconds(lambda: Reminder.objects.filter(pk=last_id).first()),
        "reminder sweep": milliseconds(sweeps[0]),
        "outbox sweep": milliseconds(sweeps[1]),
        "semester nudges (hourly)": milliseconds(sweeps[2], 20),
        "health of the queue": milliseconds(lambda: outbox.queue_health(now)),
        "mail bodies to forget (hourly)": milliseconds(lambda: outbox.forget_bodies(now), 5),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
