"""What happens to mails when a person leaves or gets another address."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from school.models import Person
from school.people import hooks

from .models import ADDRESS_REMOVED, OPEN, STOPPABLE, Message, MessageState, Reminder, ReminderState

_kept_at_the_old_address: set[str] = set()


def keep_at_the_old_address(kind: str) -> None:
    """Register a kind of mail that still goes to the old address after the recipient got a new one."""
    _kept_at_the_old_address.add(kind)


@hooks.on_leaving
def stop_mails(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Cancel the mails to the person that have not passed the fence, and drop their reminders."""
    Reminder.objects.filter(person=person, state=ReminderState.PENDING).update(state=ReminderState.DROPPED)
    Message.objects.filter(STOPPABLE, recipient=person).update(state=MessageState.CANCELLED, settled_at=now)


@hooks.on_new_address
def readdress_mails(before: Person, after: Person, *, by: Person, now: dt.datetime, kept_session: str) -> None:
    """Send waiting mails to the new address, or cancel them if there is none any more.

    A mail that a sender has claimed was built with the old address, so it is queued again, unless it has passed the
    fence. Mails past the fence, unknown or failed get the new address in case they are sent again.
    """
    mails = Message.objects.filter(recipient=before).exclude(kind__in=_kept_at_the_old_address)
    if after.email is None:
        mails.filter(STOPPABLE).update(state=MessageState.CANCELLED, settled_at=now, error_code=ADDRESS_REMOVED)
        return
    not_arrived = OPEN | Q(state__in=[MessageState.UNKNOWN, MessageState.FAILED])
    # First the address: as soon as a mail is queued again, a sender could send it to the old one.
    mails.filter(not_arrived).update(to_addr=after.email)
    mails.filter(STOPPABLE).update(state=MessageState.QUEUED, lease_token=None, lease_until=None)
