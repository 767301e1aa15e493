"""A sweep reads only open rows through an index, however many mails and reminders are settled."""

import pytest
from django.db import connection

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery
from school.tests.factories import NOW

pytestmark = pytest.mark.django_db


def query_plan_of(action):
    """Return the database's plan for the first query of an action, with its parameters."""
    queries = []

    def record(execute, sql, params, many, context):
        queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        action()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # with few rows the planner would prefer to read all
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' * (connection.vendor == 'sqlite')}{queries[0][0]}", queries[0][1])
        return " ".join(str(row) for row in cursor.fetchall())


@pytest.fixture
def settled(walker):
    """Many mails and reminders that are over."""
    Message.objects.bulk_create(
        Message(
            key=f"m{n}",
            kind="x",
            recipient=walker,
            to_addr="a@b.example",
            subject="s",
            body_text="t",
            message_id=f"<{n}@b>",
            state="sent",
            due_at=NOW,
            next_try=NOW,
            sent_at=NOW,
            created_at=NOW,
        )
        for n in range(300)
    )
    Reminder.objects.bulk_create(
        Reminder(key=f"r{n}", kind="x", person=walker, about_id=n, due_at=NOW, state="done", created_at=NOW)
        for n in range(300)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_the_outbox_sweep_reads_only_open_mails(settled):
    plan = query_plan_of(lambda: delivery.sweep(NOW))
    assert "message_open" in plan or "message_settled (state=?)" in plan


def test_the_reminder_sweep_reads_only_waiting_reminders(settled, monkeypatch):
    monkeypatch.setitem(reminders._handlers, "x", lambda reminder, now: False)
    assert "reminder_due" in query_plan_of(lambda: reminders.sweep(NOW))
