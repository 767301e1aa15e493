"""What each button of the planning page does to the plan."""

from __future__ import annotations

import datetime as dt

from school.text.typed import whole_number, whole_numbers

from . import route_changes
from .plan import Plan
from .planner import Planner

LONGEST_BUTTON = 60  # characters; the value of no button of the page is longer


def press(planner: Planner, plan: Plan, button: str, shown_route: str) -> tuple[Plan, str]:
    """Return the plan after a button was pressed, and the key of the route whose rooms the page then lists.

    `button` is one of route:<key>, up|down:<room>, remove:<room>:<room>…, swap:<room>:<other room>, at:<date>:<period>.
    Any other value changes nothing.
    """
    name, _colon, argument = button[:LONGEST_BUTTON].partition(":")
    if name == "route":
        return _use_route(planner, plan, argument, shown_route)
    if name == "at":
        return _move_to(planner, plan, argument), shown_route
    room, _colon, other_room = argument.partition(":")
    room_id = whole_number(room)
    if room_id is None:
        return plan, shown_route
    if name == "up":
        return route_changes.moved(plan, room_id, -1), shown_route
    if name == "down":
        return route_changes.moved(plan, room_id, 1), shown_route
    if name == "remove":
        return route_changes.without(plan, *rooms_in(button)), shown_route
    if name == "swap":
        return _swap(planner, plan, room_id, other_room), shown_route
    return plan, shown_route


def rooms_in(button: str) -> list[int]:
    """Return the ids of the rooms in a button's value."""
    name, *rooms = button.split(":")
    return whole_numbers(rooms) if name in ("swap", "remove") else []


def _use_route(planner: Planner, plan: Plan, key: str, shown_route: str) -> tuple[Plan, str]:
    route = planner.route(key)
    if route is None:
        return plan, shown_route
    if plan.date is None or plan.period is None:
        return plan, key
    best = route.best_rooms(planner.availability, plan.date, plan.period, visitor=planner.walker, excluding=plan.walk)
    return route_changes.use_route(plan, shown=planner.route(shown_route), best=best), key


def _move_to(planner: Planner, plan: Plan, argument: str) -> Plan:
    day, _colon, period_id = argument.partition(":")
    period = planner.calendar.period(whole_number(period_id))
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        return plan
    was_read = planner.availability.first <= date <= planner.availability.last
    return plan.at(date, period, availability=planner.availability) if period and was_read else plan


def _swap(planner: Planner, plan: Plan, room_id: int, other_room: str) -> Plan:
    if plan.date is None or plan.period is None:
        return plan
    lessons = planner.availability.lessons_in(plan.date, plan.period)
    taught = lessons.get(whole_number(other_room) or 0)
    if taught is None or taught.room.pk in plan.room_ids:
        return plan
    return route_changes.swapped(plan, room_id, taught)
