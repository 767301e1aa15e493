"""A walk as a calendar entry (RFC 5545, RFC 5546), with rooms and time but never its focus.

A walk keeps one UID, and SEQUENCE is its `calendar_sequence`. Times are in UTC without a VTIMEZONE, because several
calendar programs read generated time zones an hour wrong.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from notifications.sending.outbox import CalendarPart
from school.models import Person

from ..models import Walk

PRODUCT = "-//Learning Walks//Learning Walks//EN"
REQUEST = "REQUEST"
CANCEL = "CANCEL"
PUBLISH = "PUBLISH"
REMIND_BEFORE = dt.timedelta(minutes=10)


def invitation(walk: Walk, *, now: dt.datetime) -> CalendarPart:
    """Return the invitation for the walker's calendar. A higher SEQUENCE than before moves the existing entry."""
    return CalendarPart(text=calendar_text(walk, method=REQUEST, now=now), method=REQUEST)


def cancellation(walk: Walk, *, now: dt.datetime) -> CalendarPart:
    """Return the calendar part that removes the entry from the walker's calendar."""
    return CalendarPart(text=calendar_text(walk, method=CANCEL, now=now), method=CANCEL)


def cover_invitation(walk: Walk, *, to: Person, now: dt.datetime) -> CalendarPart:
    """Return the entry for the calendar of a colleague who covers the walker's class."""
    return CalendarPart(text=_render(_cover_event(walk, to, method=REQUEST, now=now), REQUEST), method=REQUEST)


def cover_cancellation(walk: Walk, *, to: Person, now: dt.datetime) -> CalendarPart:
    """Return the calendar part that removes the cover entry from the colleague's calendar; they are free again."""
    return CalendarPart(text=_render(_cover_event(walk, to, method=CANCEL, now=now), CANCEL), method=CANCEL)


def calendar_text(walk: Walk, *, method: str, now: dt.datetime) -> str:
    """Return the iCalendar text of one walk. A file to download (PUBLISH) names no attendee."""
    return _render(_walk_event(walk, method=method, now=now), method)


def _render(event: Event, method: str) -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


def uid(walk: Walk) -> str:
    """Return the entry's UID, which never changes."""
    return f"{walk.uid}@{urlsplit(settings.SITE_URL).hostname}"


def _walk_event(walk: Walk, *, method: str, now: dt.datetime) -> Event:
    event = _common_event(walk, method=method, now=now)
    event.add("uid", uid(walk))
    event.add("sequence", walk.calendar_sequence)
    event.add("summary", _summary(walk))
    event.add("location", ", ".join(_rooms(walk)))
    event.add("url", f"{settings.SITE_URL}{reverse('walks:detail', args=[walk.pk])}")
    if method != PUBLISH:
        event.add("attendee", _attendee(walk.walker), encode=False)
    _add_alarm(event, method)
    return event


def _cover_event(walk: Walk, to: Person, *, method: str, now: dt.datetime) -> Event:
    """Return the entry of the class to cover.

    SEQUENCE counts the walk's WalkEvent rows. It always grows, so a removed entry can be added again.
    """
    lesson = walk.covered_lesson
    event = _common_event(walk, method=method, now=now)
    event.add("uid", f"{walk.uid}-cover-{to.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", walk.events.count())
    title = lesson.title if lesson and lesson.title else _("a class")
    event.add("summary", _("Cover: %(title)s, for %(name)s") % {"title": title, "name": walk.walker.full_name})
    if lesson and lesson.room:
        event.add("location", lesson.room.code)
    event.add("attendee", _attendee(to), encode=False)
    _add_alarm(event, method)
    return event


def _add_alarm(event: Event, method: str) -> None:
    """Let the calendar remind ten minutes before. RFC 5546 forbids an alarm in a cancellation."""
    if method == CANCEL:
        return
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", -REMIND_BEFORE)
    event.add_component(alarm)


def _common_event(walk: Walk, *, method: str, now: dt.datetime) -> Event:
    event = Event()
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", walk.starts_at.astimezone(dt.UTC))
    event.add("dtend", walk.ends_at.astimezone(dt.UTC))
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("organizer", _organizer(walk))
    return event


def _rooms(walk: Walk) -> list[str]:
    return list(dict.fromkeys(walk.stops.values_list("room__code", flat=True)))


def _summary(walk: Walk) -> str:
    rooms = _rooms(walk)
    words = ngettext("Learning walk: Room %(rooms)s", "Learning walk: Rooms %(rooms)s", len(rooms))
    return words % {"rooms": ", ".join(rooms)}


def _organizer(walk: Walk) -> vCalAddress:
    # The organizer is the address that sends the mail, because calendars distrust other organizers.
    address = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    address.params["cn"] = vText(_("Learning Walks at %(school)s") % {"school": walk.walker.school.name})
    return address


def _attendee(person: Person) -> vCalAddress:
    # The time is agreed, so nothing is left to accept or decline.
    address = vCalAddress(f"mailto:{person.email}")
    address.params["cn"] = vText(person.full_name)
    address.params["cutype"] = vText("INDIVIDUAL")
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("ACCEPTED")
    address.params["rsvp"] = vText("FALSE")
    return address
