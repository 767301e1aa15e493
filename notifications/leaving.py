"""Somebody left the school, or has a new address: what is still waiting to be sent follows."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet

from school.models import Person

from .models import Message, MessageState, Reminder, ReminderState


@transaction.atomic
def stop_all(person: Person, *, now: dt.datetime) -> int:
    """Stop every mail to the person that did not start to leave, and drop their reminders; says how many mails."""
    waiting = _waiting(person)
    Reminder.objects.filter(person=person, state=ReminderState.PENDING).update(state=ReminderState.DROPPED)
    return waiting.update(state=MessageState.CANCELLED, settled_at=now)


def readdress(person: Person, *, but: str) -> int:
    """Send what is still waiting to the person's new address; says how many. Mails of the kind `but` stay.

    A mail whose sender is before the fence is taken from it: it was built with the old address.
    """
    waiting = _waiting(person).exclude(kind=but)
    return waiting.update(to_addr=person.email, state=MessageState.QUEUED, lease_token=None, lease_until=None)


def _waiting(person: Person) -> QuerySet[Message]:
    not_leaving = Q(state=MessageState.QUEUED) | Q(state=MessageState.SENDING, fenced_at__isnull=True)
    return Message.objects.filter(not_leaving, recipient=person)
