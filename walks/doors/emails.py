"""The mails about open doors."""

from __future__ import annotations

import datetime as dt

from notifications.sending import outbox

from ..mail import emails, invitations
from ..models import OpenDoor, Walk


def send_visit_planned(walk: Walk, *, now: dt.datetime) -> None:
    """Send the visitor the calendar entry, after the time in which they can change their mind."""
    emails.mail_walker(
        walk,
        "drop_in",
        event=emails.latest_event(walk),
        now=now,
        invite=invitations.invitation(walk, now=now),
        deliver_at=now + emails.TIME_TO_UNDO,
        door=walk.door,
    )


def take_out_of_calendar(walk: Walk, *, now: dt.datetime) -> None:
    """After the visitor cancelled: send a mail only if the entry has reached their calendar."""
    outbox.withdraw(about=emails.outbox_reference(walk), kind=emails.OWN, now=now)
    if emails.has_calendar_entry(walk):
        invite = invitations.cancellation(walk, now=now)
        emails.mail_walker(walk, "drop_in_off", event=emails.latest_event(walk), now=now, invite=invite)


def send_door_closed(walk: Walk, door: OpenDoor, *, now: dt.datetime) -> None:
    """Tell a visitor that the door they planned to visit is closed."""
    invite = invitations.cancellation(walk, now=now)
    event = emails.latest_event(walk)
    emails.mail_walker(walk, "door_closed", event=event, now=now, invite=invite, reply_to=door.host, door=door)
