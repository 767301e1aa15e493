"""Somebody left the school, has a new address, or is erased: their mails follow."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from school.models import Person

from .models import OPEN, STOPPABLE, Message, MessageState, MutedKind, Reminder, ReminderState
from .retention import BLANK


@transaction.atomic
def stop_all(person: Person, *, now: dt.datetime) -> int:
    """Stop every mail to the person that did not start to leave, and drop their reminders; says how many mails."""
    waiting = Message.objects.filter(STOPPABLE, recipient=person)
    Reminder.objects.filter(person=person, state=ReminderState.PENDING).update(state=ReminderState.DROPPED)
    return waiting.update(state=MessageState.CANCELLED, settled_at=now)


@transaction.atomic
def readdress(person: Person, *, to: str, but: str) -> int:
    """Send what is still waiting to the person's new address; says how many. Mails of the kind `but` stay.

    A mail whose sender is before the fence is taken from it: it was built with the old address. One past the fence,
    in doubt or refused goes to the new address if it ever goes again.
    """
    mails = Message.objects.filter(recipient=person).exclude(kind=but)
    not_arrived = OPEN | Q(state__in=[MessageState.UNKNOWN, MessageState.FAILED])
    mails.filter(not_arrived).update(to_addr=to)  # first, so that none slips between
    return mails.filter(STOPPABLE).update(state=MessageState.QUEUED, lease_token=None, lease_until=None)


def erase(person: Person, *, abouts: list[str], naming: list[int], now: dt.datetime) -> None:
    """In the caller's transaction: mails to the person go; those from, about or naming them lose their text.

    What still waits of those from or about them is stopped.
    """
    theirs = Message.objects.filter(Q(author=person) | Q(about__in=abouts))
    theirs.filter(STOPPABLE).update(state=MessageState.CANCELLED, settled_at=now)
    Message.objects.filter(recipient=person).delete()
    for rows in (theirs, Message.objects.filter(pk__in=naming)):
        rows.update(**BLANK, reply_to="", from_name="", error_text="")
    Reminder.objects.filter(person=person).delete()
    MutedKind.objects.filter(person=person).delete()
