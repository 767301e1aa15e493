"""Mails to deciders who asked for a change: the walker replied, accepted the suggested time, or took the walk back."""

from __future__ import annotations

import datetime as dt

from school.calendar import Calendar
from school.models import Person

from ..decisions import requests_to_decide
from ..models import State, Walk
from ..permissions import who_decides
from . import emails

ANSWERED = "walks.answered"


def person_waiting_for_answer(walk: Walk) -> Person | None:
    """Return the decider who asked for a change and waits for the walker's answer, if any."""
    return walk.decided_by if walk.state == State.CHANGES_ASKED else None


def send_reply(walk: Walk, *, words: str, now: dt.datetime) -> None:
    """Tell the deciders that the walker answered.

    A walk with a reply waits for a decision again. So the mail goes to all deciders, as another mail about a request.
    """
    emails.stop_question_mail(walk, now=now)
    event = emails.latest_event(walk)
    for person in who_decides(walk):
        emails.put_mail(
            walk,
            emails.REQUEST,
            "replied",
            to=person,
            event=event,
            now=now,
            reply_to=walk.walker,
            author=walk.walker,
            words=words,
        )


def send_accepted(walk: Walk, *, left_out: str, now: dt.datetime) -> None:
    """Tell the decider that the walker accepts the suggested time. `left_out` names the rooms that the walk drops."""
    if walk.decided_by is None:
        return
    event = emails.latest_event(walk)
    clashes = requests_to_decide.clashes_in_words(walk, calendar=Calendar(walk.walker.school))
    emails.put_mail(
        walk,
        ANSWERED,
        "accepted",
        to=walk.decided_by,
        event=event,
        now=now,
        reply_to=walk.walker,
        left_out=left_out,
        clashes=clashes,
    )


def send_taken_back(walk: Walk, *, asked_by: Person | None, now: dt.datetime) -> None:
    """Tell the decider that the walker took the walk back, so no answer will come."""
    if asked_by is not None:
        event = emails.latest_event(walk)
        emails.put_mail(walk, ANSWERED, "taken_back", to=asked_by, event=event, now=now, reply_to=walk.walker)
