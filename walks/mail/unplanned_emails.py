"""The mail to the deciders about a walk without a plan (docs/adr/0014)."""

from __future__ import annotations

import datetime as dt

from ..models import Walk
from ..permissions import heads_grade_of, who_decides
from . import emails

UNPLANNED = "walks.unplanned"  # not registered as a choice: the Head of Grade must know of each walk that counts


def send_walk_logged_without_plan(walk: Walk, *, now: dt.datetime) -> None:
    """Mail the deciders that the walker walked without a plan.

    If an administrator decides, because the grade has no other Head, the mail leaves out the rooms.
    """
    event = emails.latest_event(walk)
    for person in who_decides(walk):
        is_head = heads_grade_of(person, walk)
        emails.put_mail(
            walk, UNPLANNED, "unplanned", to=person, event=event, now=now, reply_to=walk.walker, is_head=is_head
        )
