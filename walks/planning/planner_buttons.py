"""What each button of the planner does to the plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from school.text.typed import whole_number, whole_numbers

from . import route_changes
from .plan import Plan
from .planner import Planner

LONGEST_BUTTON = 60  # no button of the page says more


def press(planner: Planner, plan: Plan, op: str, shown: str) -> tuple[Plan, str]:
    """What a button of the planner does to the plan, and which ready-made route is shown after it.

    Buttons: route:<key>, up|down|remove:<room>, swap:<room>:<room>, at:<date>:<period>. Anything else changes nothing.
    """
    name, _colon, rest = op[:LONGEST_BUTTON].partition(":")
    if name == "route":
        return _use_route(planner, plan, rest, shown)
    if name == "at":
        return _move_to(planner, plan, rest), shown
    room, _colon, other = rest.partition(":")
    pk = whole_number(room)
    if pk is None:
        return plan, shown
    if name in ("up", "down"):
        return replace(plan, stops=route_changes.moved(plan.stops, pk, -1 if name == "up" else 1)), shown
    if name == "remove":
        return replace(plan, stops=route_changes.without(plan.stops, pk)), shown
    return (_swap(planner, plan, pk, other), shown) if name == "swap" else (plan, shown)


def rooms_in(op: str) -> list[int]:
    """The rooms that a button names."""
    name, *rooms = op.split(":")
    return whole_numbers(rooms) if name in ("swap", "remove") else []


def _use_route(planner: Planner, plan: Plan, key: str, shown: str) -> tuple[Plan, str]:
    route = planner.route(key)
    if route is None or plan.date is None or plan.period is None:
        return plan, key if route else shown
    best = route.best_rooms(planner.availability, plan.date, plan.period, to=planner.walker, but=plan.walk)
    return replace(plan, stops=route_changes.use_route(plan.stops, planner.route(shown), best)), key


def _move_to(planner: Planner, plan: Plan, rest: str) -> Plan:
    day, _colon, pk = rest.partition(":")
    period = planner.period(whole_number(pk))
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        return plan
    near = planner.availability.first <= date <= planner.availability.last
    return plan.at(date, period, availability=planner.availability) if period and near else plan


def _swap(planner: Planner, plan: Plan, pk: int, other: str) -> Plan:
    lessons = planner.availability.lessons_in(plan.date, plan.period) if plan.date and plan.period else {}
    taught = lessons.get(whole_number(other) or 0)
    if taught is None or taught.room.pk in plan.room_ids:
        return plan
    return replace(plan, stops=route_changes.swapped(plan.stops, pk, taught))
