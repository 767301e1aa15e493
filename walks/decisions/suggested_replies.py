"""Sentences with which a Head can ask for a change, those that suit the request first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ..content import BLANK, CHANGE_REPLIES, Reply
from ..planning.plan import Plan
from ..planning.ways_out import time_words
from . import approval_checks
from .requests_to_decide import RequestFinding

FULL = "full"  # the kind of clash of a full room
# Why another time would be better, by the kind of clash. The walker reads it.
REASONS: dict[str, str] = {
    FULL: gettext_noop("Room %(room)s is full at that time."),
    "closed": gettext_noop("Room %(room)s is closed at that time."),
    "no_class": gettext_noop("The timetable of Room %(room)s has changed."),
    "away": gettext_noop("You’re not at school then, by the timetable."),
    "own_walk": gettext_noop("You have another walk at that time."),
    "covering": gettext_noop("You’re covering a class at that time."),
    "no_school": gettext_noop("There is no school that day."),
    "bells_changed": gettext_noop("The bells of that day have changed."),
}


def replies_to(findings: Iterable[RequestFinding], *, plan: Plan, offer: Plan | None) -> list[str]:
    """Return the sentences. `offer` is the plan at another time when all rooms are free, if there is one.

    The first sentence asks about the offer, and those with blanks are left out. Without an offer, the number of a full
    room is filled in; what is asked for stays blank. Without a clash, sentences without blanks come first.
    """
    clashes = {finding.kind: finding for finding in findings}
    kinds = clashes.keys() | approval_checks.unusual(plan)
    offered = [reply for reply in CHANGE_REPLIES if reply.always or reply.kind in kinds]
    if not clashes:
        return sorted((str(reply.words) for reply in offered), key=lambda words: BLANK in words)
    suiting_first = sorted(offered, key=lambda reply: reply.kind not in kinds)
    if offer is None:
        return [_with_full_room(reply, clashes) for reply in suiting_first]
    complete = [str(reply.words) for reply in suiting_first if BLANK not in str(reply.words)]
    return [_would_it_work(clashes, plan, offer), *complete]


def _would_it_work(clashes: Mapping[str, RequestFinding], plan: Plan, offer: Plan) -> str:
    assert offer.date is not None and offer.period is not None
    reasons = [_(REASONS[kind]) % {"room": finding.room} for kind, finding in clashes.items() if kind in REASONS]
    when = time_words(offer.date, offer.period, seen_from=plan.date)
    return " ".join([*reasons, _("Would %(when)s work? All rooms are free.") % {"when": when}])


def _with_full_room(reply: Reply, clashes: Mapping[str, RequestFinding]) -> str:
    words = str(reply.words)
    if reply.kind == FULL and FULL in clashes:
        return words.replace(BLANK, clashes[FULL].room, 1)
    return words
