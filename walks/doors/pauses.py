"""A door pauses while its class does not take place in its room, or the room is closed. Its visitors are told."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from django.db import transaction

from school.calendar import Calendar
from school.models import School

from ..availability.availability import Availability
from ..models import OpenDoor
from . import doors, visitors, visits
from .chart import is_paused


def sweep(now: dt.datetime) -> int:
    """Call off the visits to doors that have paused. Return the number of these doors."""
    with_visitors = OpenDoor.objects.open(now).filter(pk__in=visitors.still_to_come().values("door"))
    found = with_visitors.select_related("host__school", "room", "period").order_by("host__school", "date", "pk")
    by_school = groupby(found, key=lambda door: door.host.school)
    return sum(_pause(school, list(its), now) for school, its in by_school)


def _pause(school: School, its: list[OpenDoor], now: dt.datetime) -> int:
    rooms = {door.room_id for door in its}
    calendar = Calendar(school)
    availability = Availability(school, first=its[0].date, last=its[-1].date, calendar=calendar, rooms=rooms, people=())
    paused = [door for door in its if is_paused(door, availability)]
    for door in paused:
        with transaction.atomic():
            doors.call_off_visits(visits.lock_door(door), now=now)
    return len(paused)
