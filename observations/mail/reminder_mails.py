"""Mails of the reminders after a walk. Each is written, and later sent, only if the reminder still applies.

These mails contain names and times, but never a note, a draft or a takeaway.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery, outbox
from school.calendar import local_date
from walks.mail.schedule import AT_FINISH, FOUR_HOURS, LATE
from walks.models import Stop, Walk

from ..models import Takeaway

PRAISE_REMINDER = "praise_reminder"  # one kind of mail, so that a person switches all three reminders off at once
TAKEAWAY_DAY = "takeaway_day"
MAX_DELAY = dt.timedelta(hours=2)  # the reminder at the end of a walk is dropped after that


@reminders.handler(AT_FINISH)
@reminders.handler(FOUR_HOURS)
@reminders.handler(LATE)
def remind_of_praise(reminder: Reminder, now: dt.datetime) -> bool:
    """Remind the walker of praise: when the walk ends, four hours before the 24 hours are over, and once afterwards."""
    stops = _stops_to_thank(reminder.kind, reminder.about_id, now, planned_for=reminder.due_at)
    if not stops:
        return False
    return _put(reminder, PRAISE_REMINDER, now=now, context=_praise_context(stops))


def _stops_to_thank(kind: str, walk_id: int, now: dt.datetime, *, planned_for: dt.datetime) -> list[Stop]:
    """Return the stops whose hosts are not thanked yet, or none if it is too late for this kind of reminder.

    AT_FINISH and FOUR_HOURS mention the time left, so they are not sent once praise is late. AT_FINISH is not sent more
    than two hours after the walk, so that after an outage it does not arrive together with FOUR_HOURS.
    """
    if kind == AT_FINISH and now > planned_for + MAX_DELAY:
        return []
    owed = Stop.objects.filter(walk=walk_id).owed_thanks()
    stops = list(owed.select_related("walk", "host").order_by("position", "pk"))
    if stops and kind in (AT_FINISH, FOUR_HOURS):
        due = stops[0].walk.praise_due_at
        if due is None or now >= due:
            return []
    return stops


def _praise_context(stops: list[Stop]) -> dict[str, Any]:
    names = [stop.host.short_name for stop in stops]
    return {"stop": stops[0], "walk": stops[0].walk, "count": len(names), "names": get_text_list(names, _("and"))}


@delivery.recheck(PRAISE_REMINDER)
def is_praise_still_owed(message: Message, now: dt.datetime) -> bool:
    kind, walk_id = message.about.split(":")
    return bool(_stops_to_thank(kind, int(walk_id), now, planned_for=message.due_at))


@reminders.handler(TAKEAWAY_DAY)
def remind_of_takeaway(reminder: Reminder, now: dt.datetime) -> bool:
    """Remind the walker of the takeaway on the day that they chose, unless they changed it or stored an outcome."""
    if not _is_day_chosen(reminder.about_id, local_date(reminder.person.school, now)):
        return False
    return _put(reminder, TAKEAWAY_DAY, now=now, context={"walk": Walk.objects.get(pk=reminder.about_id)})


def _is_day_chosen(walk_id: int, today: dt.date) -> bool:
    return Takeaway.objects.filter(walk=walk_id, remind_on=today, outcome="").exists()


@delivery.recheck(TAKEAWAY_DAY)
def is_day_still_chosen(message: Message, now: dt.datetime) -> bool:
    assert message.recipient is not None  # mails to erased people are not checked
    _kind, walk_id = message.about.split(":")
    return _is_day_chosen(int(walk_id), local_date(message.recipient.school, now))


def _put(reminder: Reminder, kind: str, *, now: dt.datetime, context: dict[str, Any]) -> bool:
    about = f"{reminder.kind}:{reminder.about_id}"
    written = outbox.put(
        kind=kind,
        key=reminder.key,
        to=reminder.person,
        template=f"observations/{reminder.kind}",
        context=context,
        now=now,
        about=about,
    )
    return written is not None
