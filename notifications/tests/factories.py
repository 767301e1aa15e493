"""Mails and reminders for tests."""

from notifications.models import Message
from notifications.sending import outbox
from school.tests.factories import NOW


def a_message(to, *, key="hello:1", state=None, **fields):
    """Put a mail into the outbox as the apps do. `state` then overwrites fields of its row."""
    options = {"kind": "test", "now": NOW, "template": "test/hello", "context": {"words": "Hi there"}}
    message = outbox.put(key=key, to=to, **{**options, **fields})
    if state:
        Message.objects.filter(pk=message.pk).update(**state)
        message.refresh_from_db()
    return message
