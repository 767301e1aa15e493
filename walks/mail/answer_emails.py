"""What is said by mail to who asked a walker for a small change: what the walker does with it."""

from __future__ import annotations

import datetime as dt

from school.calendar import Calendar
from school.models import Person

from ..models import State, Walk
from ..planning import requests_to_decide
from . import emails

ANSWERED = "walks.answered"


def who_waits(walk: Walk) -> Person | None:
    """Who asked for a change and waits for the walker's answer."""
    return walk.decided_by if walk.state == State.CHANGES_ASKED else None


def accepted(walk: Walk, *, left_out: str, now: dt.datetime) -> None:
    """The walker takes the suggested time. `left_out`: the codes of rooms that the walk no longer visits."""
    if walk.decided_by is None:
        return
    event = emails.latest_event(walk)
    findings = requests_to_decide.warnings(walk, calendar=Calendar(walk.walker.school))
    emails.put(
        walk,
        ANSWERED,
        "accepted",
        to=walk.decided_by,
        event=event,
        now=now,
        reply_to=walk.walker,
        left_out=left_out,
        findings=findings,
    )


def taken_back(walk: Walk, *, asked_by: Person | None, now: dt.datetime) -> None:
    """The walker took the walk back, so there will be no answer."""
    if asked_by is not None:
        event = emails.latest_event(walk)
        emails.put(walk, ANSWERED, "taken_back", to=asked_by, event=event, now=now, reply_to=walk.walker)
