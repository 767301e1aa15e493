"""The mail to a host who has visitors: at 15:00 on the school day before."""

from __future__ import annotations

import datetime as dt

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.quiet import fit_quiet_hours
from notifications.sending import delivery, outbox
from school.calendar import Calendar, at_local

from ..models import OpenDoor
from . import visitors

VISITORS = "walks.door_visitors"
AFTERNOON = dt.time(15)
A_FORTNIGHT = 14


def schedule_for_host(door: OpenDoor, *, calendar: Calendar, now: dt.datetime) -> None:
    """Schedule the mail about who comes. Once is enough for all visitors; who comes later stands on the page only."""
    days = (door.date - dt.timedelta(days=number) for number in range(1, A_FORTNIGHT))
    day = next((day for day in days if calendar.is_school_day(day)), None)
    if day is None:
        return
    school = door.host.school
    due_at = fit_quiet_hours(school, at_local(school, day, AFTERNOON), deadline=door.starts_at, calendar=calendar)
    if due_at <= now:
        return
    reminders.schedule(
        kind=VISITORS,
        key=f"{VISITORS}:{door.pk}",
        person=door.host,
        about_id=door.pk,
        due_at=due_at,
        now=now,
        deadline=door.starts_at,
    )


@reminders.handler(VISITORS)
def tell_host(reminder: Reminder, now: dt.datetime) -> bool:
    """Tell the host who plans to come. Without visitors there is no mail."""
    door = _open_door(reminder.about_id, now)
    names = visitors.names_of_visitors(door) if door is not None else []
    if door is None or not names:
        return False
    context = {
        "door": door,
        "names": get_text_list(names, _("and")),
        "count": len(names),
    }
    message = outbox.put(
        kind=VISITORS,
        key=reminder.key,
        to=reminder.person,
        template="walks/door_visitors",
        context=context,
        now=now,
        about=f"door:{door.pk}",
    )
    return message is not None


@delivery.recheck(VISITORS)
def still_coming(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the door is closed or nobody comes any more."""
    door = _open_door(int(message.about.partition(":")[2]), now)
    return door is not None and visitors.coming_to(door).exists()


def _open_door(door_id: int, now: dt.datetime) -> OpenDoor | None:
    found: OpenDoor | None = (
        OpenDoor.objects.open(now).select_related("host", "room", "period").filter(pk=door_id).first()
    )
    return found
