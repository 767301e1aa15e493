"""Somebody left the school: nothing more is sent to them, and nothing reminds them any more."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from school.models import Person

from .models import Message, MessageState, Reminder, ReminderState


@transaction.atomic
def stop_all(person: Person, *, now: dt.datetime) -> int:
    """Stop every mail to the person that did not start to leave, and drop their reminders; says how many mails."""
    not_leaving = Q(state=MessageState.QUEUED) | Q(state=MessageState.SENDING, fenced_at__isnull=True)
    waiting = Message.objects.filter(not_leaving, recipient=person)
    Reminder.objects.filter(person=person, state=ReminderState.PENDING).update(state=ReminderState.DROPPED)
    return waiting.update(state=MessageState.CANCELLED, settled_at=now)
