"""The walks and visits on Home: which step is most urgent, which walk comes up next, and what else waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from django.db.models import Q
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.models import Person, Semester
from school.text.dates import date_words
from school.text.typed import number_in_words
from walks import permissions, status
from walks.models import State, Stop, Walk
from walks.status import Obstacle

from .next_step_words import NextStep, next_step, step_key, waiting_words

# Keys of statuses, most urgent first.
ORDER = (
    *status.DUE_NOW,
    "no_school",
    "changes_asked",
    "missed",
    "approved",
    "passed",
    "draft",
    "requested",
    "complete",
)
# Statuses of walks that are still ahead.
COMING_UP = ("today", "changes_asked", "approved", "requested")
# Statuses in which the walker has something to do.
TO_DO = (
    "walking",
    "praise_due",
    "forgotten",
    "praise_late",
    "takeaway",
    "no_school",
    "changes_asked",
    "missed",
    "passed",
    "draft",
)
STARTS_SOON = dt.timedelta(hours=1)  # from then on a walk goes before praise, until it is over
Obstacles = Mapping[int, Obstacle]  # by the walk's id
NO_OBSTACLES: Obstacles = MappingProxyType({})
# Fields that Home shows of a visit to the person's own room.
VISIT_FIELDS = (
    "room__code",
    "walk__date",
    "walk__period__name",
    "walk__walker__given_name",
    "walk__walker__family_name",
    "walk__walker__family_name_first",
)


def walks_of(person: Person, semester: Semester | None) -> list[Walk]:
    """Return the walks for Home: this semester's, and older ones that wait to be finished or for praise."""
    under_way = Q(state=State.APPROVED, started_at__isnull=False)
    for_home = Q(semester=semester) | Q(state=State.WALKED) | under_way
    own = person.walks.exclude(state=State.CANCELLED)
    return list(own.filter(for_home).with_route_without_walker().order_by("starts_at"))


def announced_visits(person: Person, *, now: dt.datetime, calendar: Calendar, count: int = 3) -> list[Stop]:
    """Return coming visits to the person's room that were announced, soonest first. None comes on a day off."""
    approved = Stop.objects.hosted_by(person, now).filter(walk__state=State.APPROVED)
    on_school_days = approved.exclude(walk__date__in=calendar.days_off)
    shown = on_school_days.select_related("walk__walker", "walk__period", "room").only(*VISIT_FIELDS)
    return list(shown.order_by("walk__starts_at")[:count])


def next_walks_of_grades(head: Person, *, now: dt.datetime, count: int = 2) -> list[Walk]:
    """Return the next approved walks of the grades that the person heads, soonest first."""
    upcoming = Walk.objects.addressed_to(head).upcoming(now).select_related("walker", "period")
    return list(upcoming.order_by("starts_at")[:count])


def most_urgent(walks: Iterable[Walk], *, now: dt.datetime, obstacles: Obstacles = NO_OBSTACLES) -> NextStep | None:
    """Return the most urgent step. Of equally urgent steps, return that of the earliest walk."""
    ranked = _by_urgency(walks, now, obstacles)
    if not ranked:
        return None
    walk = ranked[0]
    return _with_all_praise(next_step(walk, now=now, obstacle=obstacles.get(walk.pk)), ranked)


def with_deciders(step: NextStep | None) -> NextStep | None:
    """Return the step of a request with the names of those who decide. One query, or none for other steps."""
    if step is None or step.key != "requested":
        return step
    names = permissions.decider_names(permissions.who_decides(step.walk))
    return replace(step, status=status.with_deciders(step.status, names))


def is_now(step: NextStep | None, now: dt.datetime) -> bool:
    """Whether the step is a walk that is under way or starts within the hour."""
    return step is not None and (step.key == "walking" or _starts_soon(step.walk, step.key, now))


def _starts_soon(walk: Walk, key: str, now: dt.datetime) -> bool:
    return key == "today" and walk.starts_at - now <= STARTS_SOON


def _by_urgency(walks: Iterable[Walk], now: dt.datetime, obstacles: Obstacles) -> list[Walk]:
    def rank(walk: Walk) -> tuple[int, dt.datetime]:
        key = step_key(walk, now, obstacles.get(walk.pk))
        order = ORDER.index("walking") if _starts_soon(walk, key, now) else ORDER.index(key)
        return order, walk.starts_at

    return sorted(walks, key=rank)


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
    return replace(first, heading=waiting_words(here + others), line=line, thanks_elsewhere=others)


def coming_up(
    walks: Iterable[Walk], *, now: dt.datetime, shown_first: Walk | None, obstacles: Obstacles = NO_OBSTACLES
) -> Walk | None:
    """Return the walk for the card "Coming up", without the walk that Home shows first.

    A walk of today comes first, then one for which a change was asked, then the earliest.
    """
    others = [walk for walk in walks if walk != shown_first and walk.ends_at > now]
    keys = {walk: step_key(walk, now, obstacles.get(walk.pk)) for walk in others}
    ahead = (walk for walk in others if keys[walk] in COMING_UP)
    rank = {"today": 0, "changes_asked": 1}
    return min(ahead, key=lambda walk: (rank.get(keys[walk], 2), walk.starts_at), default=None)


def other_steps(
    walks: Iterable[Walk], *, now: dt.datetime, shown: Collection[Walk | None], obstacles: Obstacles = NO_OBSTACLES
) -> list[NextStep]:
    """Return what else the walker has to do, most urgent first, without the walks that Home shows already."""
    others = _by_urgency([walk for walk in walks if walk not in shown], now, obstacles)
    steps = [next_step(walk, now=now, obstacle=obstacles.get(walk.pk)) for walk in others]
    return [step for step in steps if step.key in TO_DO]
