"""Days off that are added after a walk was approved. Days off belong to `school`, which does not know walks."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef

from school.models import DayOff

from ..mail import day_off_emails
from ..models import Walk


def sweep(now: dt.datetime) -> int:
    """Mail the walkers whose approved walk is on a day off. Return the number of new mails."""
    day_off = DayOff.objects.filter(school=OuterRef("walker__school"), date=OuterRef("date"))
    walks = Walk.objects.upcoming(now).filter(Exists(day_off)).with_route().order_by("pk")
    return sum(_send(walk, now) for walk in walks)


@transaction.atomic
def _send(walk: Walk, now: dt.datetime) -> bool:
    return day_off_emails.send_no_school(walk, now=now)
