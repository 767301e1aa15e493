"""The walks and visits on Home: which step is most urgent, which walk comes up next, and what else waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from school.models import Person, Semester
from school.text.dates import date_words
from school.text.typed import number_in_words
from walks import status
from walks.models import State, Stop, Walk

from .next_step_words import NextStep, next_step, step_key, waiting_words

# Keys of statuses, most urgent first. "today" is an approved walk on its day.
ORDER = (
    "walking",
    "praise_due",
    "forgotten",
    "praise_late",
    "today",
    "takeaway",
    "changes_asked",
    "missed",
    "passed",
    "draft",
    "requested",
    "approved",
    "complete",
)
# Statuses of walks that are still ahead.
COMING_UP = ("today", "changes_asked", "approved", "requested")
# Statuses in which the walker has something to do.
TO_DO = ("walking", "praise_due", "forgotten", "praise_late", "takeaway", "changes_asked", "missed", "passed", "draft")
# Fields that Home shows of a visit to the person's own room.
VISIT_FIELDS = (
    "room__code",
    "walk__date",
    "walk__period__name",
    "walk__walker__given_name",
    "walk__walker__family_name",
)


def walks_of(person: Person, semester: Semester | None) -> list[Walk]:
    """Return the walks for Home: this semester's, and older ones that wait to be finished or for praise."""
    under_way = Q(state=State.APPROVED, started_at__isnull=False)
    for_home = Q(semester=semester) | Q(state=State.WALKED) | under_way
    own = person.walks.exclude(state=State.CANCELLED)
    return list(own.filter(for_home).with_route_without_walker().order_by("starts_at"))


def announced_visits(person: Person, *, now: dt.datetime, count: int = 3) -> list[Stop]:
    """Return coming visits to the person's room that were announced, soonest first."""
    approved = Stop.objects.hosted_by(person, now).filter(walk__state=State.APPROVED)
    shown = approved.select_related("walk__walker", "walk__period", "room").only(*VISIT_FIELDS)
    return list(shown.order_by("walk__starts_at")[:count])


def most_urgent(
    walks: Iterable[Walk], *, now: dt.datetime, cover_needed: Mapping[int, str] | None = None
) -> NextStep | None:
    """Return the most urgent step. Of equally urgent steps, return that of the earliest walk.

    `cover_needed` says, by id of the walk, why the walk needs cover.
    """
    ranked = sorted(walks, key=lambda walk: (ORDER.index(step_key(walk, now)), walk.starts_at))
    if not ranked:
        return None
    first = _with_all_praise(next_step(ranked[0], now=now), ranked)
    reason = (cover_needed or {}).get(first.walk.pk)
    if not reason:
        return first
    new_status = status.with_cover_needed(first.status, reason)
    return replace(first, status=new_status, heading=new_status.heading, line=reason)


def _with_all_praise(first: NextStep, walks: Iterable[Walk]) -> NextStep:
    """If praise is due, count the colleagues of all walks in the heading, as the badge of the navigation does."""
    others = sum(
        len(status.stops_to_thank(walk)) for walk in walks if walk != first.walk and walk.state == State.WALKED
    )
    if first.step != "praise" or not others:
        return first
    here = len(first.stops_to_thank)
    line = _("%(here)s from your walk on %(date)s, %(others)s from other walks. A few sentences each.") % {
        "here": number_in_words(here),
        "date": date_words(first.walk.date),
        "others": number_in_words(others).lower(),
    }
    return replace(first, heading=waiting_words(here + others), line=line)


def coming_up(walks: Iterable[Walk], *, now: dt.datetime, shown_first: Walk | None) -> Walk | None:
    """Return the walk for the card "Coming up", without the walk that Home shows first.

    A walk of today comes first, then one for which a change was asked, then the earliest.
    """
    ahead = (walk for walk in walks if walk != shown_first and walk.ends_at > now and step_key(walk, now) in COMING_UP)
    rank = {"today": 0, "changes_asked": 1}
    return min(ahead, key=lambda walk: (rank.get(step_key(walk, now), 2), walk.starts_at), default=None)


def other_steps(walks: Iterable[Walk], *, now: dt.datetime, shown: Collection[Walk | None]) -> list[NextStep]:
    """Return what else the walker has to do, most urgent first, without the walks that Home shows already."""
    to_do = [walk for walk in walks if walk not in shown and step_key(walk, now) in TO_DO]
    ranked = sorted(to_do, key=lambda walk: (ORDER.index(step_key(walk, now)), walk.starts_at))
    return [next_step(walk, now=now) for walk in ranked]
