"""One-click ways out of a clash, for the walker on the planning page and for the Head of Grade who decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar
from school.models import Period
from school.text.dates import date_words

from ..availability.availability import Availability
from ..availability.taught_lessons import TaughtLesson
from .clashes import Clash
from .free_periods import other_time
from .plan import MIN_STOPS, Plan
from .route_changes import neighbour, swapped, without


@dataclass(frozen=True)
class WayOut:
    """The words of a button, and the plan to which it leads."""

    words: str
    plan: Plan
    button_value: str = ""  # what a button of the planning page posts; see planner_buttons.py
    detail: str = ""  # in small type after the words


def for_walker(
    plan: Plan,
    clash: Clash,
    *,
    other_time: WayOut | None,
    availability: Availability,
) -> list[WayOut]:
    """Return the ways out for a walker: another room or one less, if the clash is about a room; and another time."""
    ways: list[WayOut | None] = []
    if clash.more_room_ids:
        ways = [without_room(plan, clash)]
    elif clash.room_id:
        ways = [another_room(plan, clash, availability=availability), without_room(plan, clash)]
    return [way for way in (*ways, other_time) if way is not None]


def for_decider(
    plan: Plan, found: Iterable[Clash], *, availability: Availability, now: dt.datetime
) -> tuple[WayOut, ...]:
    """Return the ways out for a decider: another time for all rooms, and the same time without clashing rooms."""
    ways = (
        another_time(plan, availability=availability, now=now),
        without_clashing_rooms(plan, found, calendar=availability.calendar, now=now),
    )
    return tuple(way for way in ways if way is not None)


def another_time(plan: Plan, *, availability: Availability, now: dt.datetime) -> WayOut | None:
    """Return a move to the next time when all rooms are open and the walker is free, so that nobody has to cover."""
    moved = other_time(plan, calendar=availability.calendar, now=now, for_person=plan.walker, availability=availability)
    if moved is None or moved.date is None or moved.period is None:
        return None
    words = _("Move to %(when)s") % {"when": time_words(moved.date, moved.period, seen_from=plan.date)}
    has_other_hosts = [set(stop.hosts) for stop in moved.stops] != [set(stop.hosts) for stop in plan.stops]
    detail = _("no cover, other teachers") if has_other_hosts else _("no cover, all rooms have a class")
    return WayOut(words, moved, _move_button(moved.date, moved.period), detail)


def next_free_period(
    plan: Plan, slots: Sequence[tuple[dt.date, Period]], *, availability: Availability
) -> WayOut | None:
    """Return a move to the first of the walker's free periods, even if some rooms are not open then."""
    slot = next((slot for slot in slots if slot != (plan.date, plan.period)), None)
    if slot is None:
        return None
    words = _("Move to %(when)s") % {"when": time_words(*slot, seen_from=plan.date)}
    return WayOut(words, plan.at(*slot, availability=availability), _move_button(*slot))


def without_room(plan: Plan, clash: Clash) -> WayOut:
    """Return the same walk without the room, or the rooms, of the clash."""
    assert clash.room_id is not None
    room_ids = [clash.room_id, *clash.more_room_ids]
    words = ngettext("Remove Room %(room)s", "Remove Rooms %(room)s", len(room_ids)) % {"room": clash.room}
    return WayOut(words, without(plan, *room_ids), ":".join(["remove", *map(str, room_ids)]))


def another_room(plan: Plan, clash: Clash, *, availability: Availability) -> WayOut | None:
    """Return the same walk with an open room nearby instead of the room of the clash."""
    assert clash.room_id is not None
    other = room_instead(plan, clash.room_id, availability=availability)
    if other is None:
        return None
    words = _("Take Room %(room)s instead") % {"room": other.room.code}
    return WayOut(words, swapped(plan, clash.room_id, other), f"swap:{clash.room_id}:{other.room.pk}")


def room_instead(plan: Plan, room_id: int, *, availability: Availability) -> TaughtLesson | None:
    """Return the lesson of an open room near this one, in a building of the plan."""
    assert plan.date is not None and plan.period is not None
    buildings = {stop.room.hallway.building_id for stop in plan.stops}
    in_buildings = Q(room__hallway__building__in=buildings)
    availability.read_period(plan.date, plan.period, in_buildings, f"near {sorted(buildings)}")
    open_rooms = availability.open_rooms(plan.date, plan.period, visitor=plan.walker, excluding=plan.walk)
    room = next(stop.room for stop in plan.stops if stop.room.pk == room_id)
    return neighbour(room, open_rooms, plan.room_ids)


def without_clashing_rooms(
    plan: Plan, found: Iterable[Clash], *, calendar: Calendar, now: dt.datetime
) -> WayOut | None:
    """Return the same time without the rooms that clash, if enough rooms are left and all clashes are about rooms."""
    clashing = {clash.room_id for clash in found}
    kept = tuple(stop for stop in plan.stops if stop.room.pk not in clashing)
    not_about_room = None in clashing
    if not_about_room or len(kept) < MIN_STOPS or plan.times(calendar=calendar)[0] <= now:
        return None
    codes = ", ".join(stop.room.code for stop in plan.stops if stop.room.pk in clashing)
    return WayOut(_("Skip %(rooms)s") % {"rooms": codes}, replace(plan, stops=kept))


def time_words(date: dt.date, period: Period, *, seen_from: dt.date | None = None) -> str:
    """Return "Thu 12 Nov, Period 3", or only the period if it is on the day `seen_from`."""
    return period.name if date == seen_from else f"{date_words(date, 'D j M')}, {period.name}"


def _move_button(date: dt.date, period: Period) -> str:
    return f"at:{date.isoformat()}:{period.pk}"
