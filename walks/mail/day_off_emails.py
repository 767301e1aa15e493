"""The mail to a walker whose approved walk is on a day without school."""

from __future__ import annotations

import datetime as dt

from notifications.models import Message

from ..models import Walk
from . import emails

TEMPLATE = "no_school"


def send_no_school(walk: Walk, *, now: dt.datetime) -> bool:
    """Mail the walker, once for each approval. Return whether the mail is new."""
    event = walk.events.order_by("at", "pk").last()
    if Message.objects.filter(key=emails.mail_key(walk, TEMPLATE, event, walk.walker)).exists():
        return False
    emails.put_mail(walk, emails.OWN, TEMPLATE, to=walk.walker, event=event, now=now, reply_to=walk.decided_by)
    return True
