"""What stands in the way of approved walks: a day off that was added later, or a class without cover.

This is not stored but computed each time, so it is right after any change of people, timetable or days off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.text.dates import date_words

from ..models import Walk
from ..status import Obstacle
from . import cover_needed


def find_obstacles(walks: Iterable[Walk], *, calendar: Calendar, now: dt.datetime) -> dict[int, Obstacle]:
    """Return what stands in the way of these walks, by walk id; walks without an obstacle are left out.

    Fetch the walks with `cover` and `period`. Two queries, or none if none of the walks is approved and still ahead.
    """
    ahead = [walk for walk in walks if walk.is_upcoming(now)]
    reasons = cover_needed.reasons(ahead, calendar=calendar, now=now)
    found = {walk: Obstacle("cover_needed", reason) for walk, reason in reasons.items()}
    for walk in ahead:
        if walk.date in calendar.days_off:
            words = _("There is no school on %(date)s.") % {"date": date_words(walk.date)}
            found[walk.pk] = Obstacle("no_school", words)
    return found
