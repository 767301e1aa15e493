"""A sweep looks only at what may be due, however many mails and reminders have been settled."""

import pytest
from django.db import connection

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery
from school.tests.factories import NOW

pytestmark = pytest.mark.django_db


def plan_of(action):
    """How the database means to answer the first query of an action, with the values as they are sent."""
    asked = []

    def listen(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        action()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # with few rows it would read them all
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' * (connection.vendor == 'sqlite')}{asked[0][0]}", asked[0][1])
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


def test_the_outbox_sweep_reads_open_mails_only(settled):
    plan = plan_of(lambda: delivery.sweep(NOW))
    assert "message_open" in plan or "message_settled (state=?)" in plan


def test_the_reminder_sweep_reads_waiting_reminders_only(settled, monkeypatch):
    monkeypatch.setitem(reminders._handlers, "x", lambda reminder, now: False)
    assert "reminder_due" in plan_of(lambda: reminders.sweep(NOW))
