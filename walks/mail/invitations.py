"""A walk as a calendar entry (RFC 5545, RFC 5546): rooms and time only, never what the walk looks for.

One UID for the life of a walk; SEQUENCE is the walk's `calendar_sequence`. Times are written in UTC without a
VTIMEZONE, because several calendar programs read generated zones an hour wrong.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event, vCalAddress, vText

from notifications.sending.outbox import CalendarPart

from ..models import Walk

PRODUCT = "-//Learning Walks//Learning Walks//EN"
REQUEST = "REQUEST"
CANCEL = "CANCEL"
PUBLISH = "PUBLISH"


def invitation(walk: Walk, *, now: dt.datetime) -> CalendarPart:
    """The invitation to the walker when a walk is agreed; a higher SEQUENCE moves the entry."""
    return CalendarPart(text=text(walk, method=REQUEST, now=now), method=REQUEST)


def cancellation(walk: Walk, *, now: dt.datetime) -> CalendarPart:
    """Remove the entry from the walker's calendar."""
    return CalendarPart(text=text(walk, method=CANCEL, now=now), method=CANCEL)


def text(walk: Walk, *, method: str, now: dt.datetime) -> str:
    """The iCalendar text of one walk; a downloaded file (PUBLISH) names no attendee."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_event(walk, method=method, now=now))
    return bytes(calendar.to_ical()).decode()


def uid(walk: Walk) -> str:
    """Return the entry's UID, which stays the same for the life of the walk."""
    return f"{walk.uid}@{urlsplit(settings.SITE_URL).hostname}"


def _event(walk: Walk, *, method: str, now: dt.datetime) -> Event:
    event = Event()
    event.add("uid", uid(walk))
    event.add("sequence", walk.calendar_sequence)
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", walk.starts_at.astimezone(dt.UTC))
    event.add("dtend", walk.ends_at.astimezone(dt.UTC))
    event.add("summary", _summary(walk))
    event.add("location", ", ".join(_rooms(walk)))
    event.add("url", f"{settings.SITE_URL}{reverse('walks:detail', args=[walk.pk])}")
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("organizer", _organizer(walk))
    if method != PUBLISH:
        event.add("attendee", _attendee(walk), encode=False)
    return event


def _rooms(walk: Walk) -> list[str]:
    return [stop.room.code for stop in walk.stops.select_related("room").order_by("position", "pk")]


def _summary(walk: Walk) -> str:
    rooms = _rooms(walk)
    words = ngettext("Learning walk: Room %(rooms)s", "Learning walk: Rooms %(rooms)s", len(rooms))
    return words % {"rooms": ", ".join(rooms)}


def _organizer(walk: Walk) -> vCalAddress:
    # The mailbox we send from: calendars distrust an invitation whose organizer is not its sender.
    address = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    address.params["cn"] = vText(_("Learning Walks at %(school)s") % {"school": walk.walker.school.name})
    return address


def _attendee(walk: Walk) -> vCalAddress:
    # The walker chose the time, so nothing is left to accept or decline.
    address = vCalAddress(f"mailto:{walk.walker.email}")
    address.params["cn"] = vText(walk.walker.full_name)
    address.params["cutype"] = vText("INDIVIDUAL")
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("ACCEPTED")
    address.params["rsvp"] = vText("FALSE")
    return address
