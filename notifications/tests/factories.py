"""Mails and reminders for tests."""

from notifications.models import Message
from notifications.sending import outbox
from school.tests.factories import NOW


def a_message(to, *, key="hello:1", state=None, **fields):
    """A mail in the outbox, put there as the apps do it; then, if asked, moved to a state by force."""
    options = {"kind": "test", "now": NOW, "template": "test/hello", "context": {"words": "Hi there"}}
    message = outbox.put(key=key, to=to, **{**options, **fields})
    if state:
        Message.objects.filter(pk=message.pk).update(**state)
        message.refresh_from_db()
    return message
