"""Mails for tests of operations, with words and an address that no report may contain."""

import datetime as dt

from django.utils import timezone

from notifications.models import Message


def a_secret_mail(state, *, late=0):
    """Create a mail in this state that was due `late` seconds ago."""
    now = timezone.now()
    return Message.objects.create(
        key="k",
        kind="praise",
        to_addr="secret.person@maplehill.example",
        subject="Secret words",
        body_text="Secret",
        message_id="m",
        state=state,
        due_at=now - dt.timedelta(seconds=late),
        next_try=now,
        created_at=now,
        settled_at=now,
    )
