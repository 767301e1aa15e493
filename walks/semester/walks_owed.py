"""How many walks a teacher owes in a semester. With 0, walks are voluntary: nobody is reminded or called late."""

from __future__ import annotations

import datetime as dt

from school.calendar import at_local, local_date
from school.models import PolicyChange, Semester


def walks_owed(semester: Semester, *, today: dt.date) -> int:
    """Return the number by the policy of today. For a semester that is over, by the policy on its last day."""
    school = semester.school
    if today > semester.ends_on:
        midnight = at_local(school, semester.ends_on + dt.timedelta(days=1), dt.time.min)
        later = PolicyChange.objects.filter(school=school, setting="required_walks", at__gte=midnight)
        first = later.order_by("at", "pk").first()
        if first is not None:
            return int(first.old)
    return school.required_walks


def walks_owed_now(semester: Semester, *, now: dt.datetime) -> int:
    """Return `walks_owed` on the day of this moment."""
    return walks_owed(semester, today=local_date(semester.school, now))
