"""Mails of the reminders after a walk. Each checks first whether it is still true.

No mail here carries a note, a draft or a takeaway: names and times only.
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

PRAISE_REMINDER = "praise_reminder"  # one choice on the e-mail page for all three
TAKEAWAY_DAY = "takeaway_day"
FRESH = dt.timedelta(hours=2)  # the reminder at the end of a walk comes this late at most


@reminders.handler(AT_FINISH)
@reminders.handler(FOUR_HOURS)
@reminders.handler(LATE)
def praise_to_send(reminder: Reminder, now: dt.datetime) -> bool:
    """At finish, four hours before the mark, and once a school day after it."""
    waiting = _waiting(reminder.kind, reminder.about_id, now, planned_for=reminder.due_at)
    if not waiting:
        return False
    return _put(reminder, PRAISE_REMINDER, now=now, context=_praise_words(waiting))


def _waiting(kind: str, walk_id: int, now: dt.datetime, *, planned_for: dt.datetime) -> list[Stop]:
    """Hosts who are not thanked yet, if this kind of reminder fits the moment.

    The first two speak of time left; the first of a walk that is still fresh, so that after an outage it does not come
    many hours late, just before the second.
    """
    stops = Stop.objects.filter(walk=walk_id).owed_thanks().select_related("walk", "host").order_by("position", "pk")
    if kind == AT_FINISH and now > planned_for + FRESH:
        return []
    found = list(stops)
    if found and kind in (AT_FINISH, FOUR_HOURS):
        due = found[0].walk.praise_due_at
        return found if due is not None and now < due else []
    return found


def _praise_words(waiting: list[Stop]) -> dict[str, Any]:
    names = [stop.host.given_name for stop in waiting]
    return {"stop": waiting[0], "walk": waiting[0].walk, "count": len(names), "names": get_text_list(names, _("and"))}


@delivery.recheck(PRAISE_REMINDER)
def praise_still_to_send(message: Message, now: dt.datetime) -> bool:
    """Whether the reminder is still true when the mail leaves."""
    kind, walk_id = message.about.split(":")
    return bool(_waiting(kind, int(walk_id), now, planned_for=message.due_at))


@reminders.handler(TAKEAWAY_DAY)
def takeaway_day(reminder: Reminder, now: dt.datetime) -> bool:
    """On the morning that the walker chose, if the choice still holds and the takeaway has no outcome yet."""
    if not _still_chosen(reminder.about_id, local_date(reminder.person.school, now)):
        return False
    return _put(reminder, TAKEAWAY_DAY, now=now, context={"walk": Walk.objects.get(pk=reminder.about_id)})


def _still_chosen(walk_id: int, today: dt.date) -> bool:
    return Takeaway.objects.filter(walk=walk_id, remind_on=today, outcome="").exists()


@delivery.recheck(TAKEAWAY_DAY)
def takeaway_still_chosen(message: Message, now: dt.datetime) -> bool:
    """Whether the takeaway still has no outcome when the mail leaves."""
    assert message.recipient is not None  # mails to erased people are not checked
    _kind, walk_id = message.about.split(":")
    return _still_chosen(int(walk_id), local_date(message.recipient.school, now))


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
