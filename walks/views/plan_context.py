"""What the template of the planning page shows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.semester_gaps import without_timetable
from school.text.dates import date_words
from school.text.typed import number_in_words, whole_numbers

from ..forms.plan import address_of
from ..models import State, Walk
from ..permissions import decider_names, recipient_names, who_decides
from ..planning.clashes import Clash
from ..planning.plan import GOOD_STOPS, MAX_STOPS, Plan, PlanProblem, fewest_good_minutes, usual_minutes
from ..planning.planner import RoomChoice
from ..planning.routes import shown_routes
from ..planning.ways_out import WayOut
from .plan_page import PlanPage
from .plan_steps import FIELDSETS, steps_of

SHOWN_PRACTICES = 8
REPLACED_PARTS = ",".join(
    [
        "#plan-focus-note",
        *(f"#plan-{key}-line" for key in FIELDSETS),
        "#plan-clashes",
        "#plan-routes",
        "#plan-side",
        "#plan-bar-words",
        "#plan-lead",
        "#plan-status:innerHTML",
    ]
)  # the parts of the page that htmx replaces after every change, besides the list of rooms
ClashesWithWaysOut = list[tuple[Clash, list[WayOut]]]


@dataclass(frozen=True)
class InTheWay:
    """What is in the way of the plan, in words, and the first way out, if any."""

    words: str
    way_out: WayOut | None = None


def context_of(page: PlanPage) -> dict[str, Any]:
    """Return everything that the page shows."""
    plan = page.plan
    problems = page.planner.problems(plan)
    shown_problems = [problem for problem in problems if not problem.missing]
    clashes = page.planner.clashes_with_ways_out(plan)
    deciders = who_decides(page.walk or Walk(walker=page.walker))
    token = page.form.value("token") or uuid.uuid4()
    return {
        "gap": page.gap,
        "form": page.form,
        "notice": page.notice,
        "plan": plan,
        "walk": page.walk,
        "typed": page.form.data,
        "lead": _lead(page, decider_names(deciders)),
        "problems": shown_problems,
        "clashes": _without_repeats(clashes),
        "shown_clashes": " ".join(clash.key for clash, _ways_out in clashes),
        "shown_time": plan.time_key,
        "in_the_way": _in_the_way(shown_problems, clashes),
        "steps": steps_of(page, problems),
        "summary": _summary(plan),
        "length": _length_facts(plan),
        "token": token,
        "replaced_parts": REPLACED_PARTS,
        "address": address_of(plan, route=page.shown_route, token=token),
        "is_draft": _is_draft(page),
        "is_arranging": _is_arranging(page),
        "recipient_names": recipient_names(deciders),
        "full_recipient_names": recipient_names(deciders, full=True),
        "deciders": deciders,
        "decider_names": decider_names(deciders),
        **_practices(page),
        **_times(page),
        **_rooms(page),
    }


def _times(page: PlanPage) -> dict[str, Any]:
    """Return the free periods, the periods of the chosen day, and remarks on day and period."""
    return {
        "free_periods": page.planner.free_periods,
        "no_timetable": _no_timetable(page),
        "periods": page.planner.period_choices(page.plan),
        "day_note": page.planner.day_note(page.plan),
        "period_note": page.planner.period_note(page.plan),
        "own_lesson": page.planner.own_lesson(page.plan),
    }


def _rooms(page: PlanPage) -> dict[str, Any]:
    """Return the routes, and the rooms of the shown route or those that the search found."""
    planner = page.planner
    search = page.form.value("q")
    route = planner.route(page.shown_route)
    choices = planner.room_choices(page.plan, route, search or "")
    return {
        "shown_route": page.shown_route,
        "routes": shown_routes(
            planner.routes, planner.availability, page.walker, shown=page.shown_route, q=search or ""
        ),
        "room_choices": _chosen_first(page, [choice for choice in choices if not choice.disabled]),
        "empty_rooms": ", ".join(choice.room.code for choice in choices if choice.disabled),
        "lessons_found": planner.lessons_found(page.plan, search or ""),
        "q": search,
    }


def _chosen_first(page: PlanPage, choices: list[RoomChoice]) -> list[RoomChoice]:
    """Return the chosen rooms, then the others. Rooms that the page lists already keep their places.

    So no room moves while the walker ticks; plan.js moves the chosen ones up when the step is opened again.
    """
    listed = whole_numbers(page.request.POST.getlist("listed"))
    if {choice.room.pk for choice in choices} <= set(listed):
        return sorted(choices, key=lambda choice: listed.index(choice.room.pk))
    return sorted(choices, key=lambda choice: not choice.chosen)


def _is_draft(page: PlanPage) -> bool:
    return page.walk is None or page.walk.state == State.DRAFT


def _lead(page: PlanPage, deciders: str) -> str:
    """Return the sentence below the title."""
    if not _is_draft(page):
        if deciders:
            words = _("If you change the time or rooms, %(names)s has to approve again. A new focus needs no approval.")
            return words % {"names": deciders}
        return _("If you change the time or rooms, the walk has to be approved again. A new focus needs no approval.")
    if page.is_proposal:
        why = page.planner.why_good(page.plan, page.planner.route(page.shown_route))
        why = why or _("We filled in a walk for one of your free periods.")
        return _("%(why)s Change what you like, then send it.") % {"why": why}
    if page.plan.stops:
        return _("Change what you like, then send it.")
    return _("Planning takes two minutes, the walk about %(minutes)s.") % {"minutes": usual_minutes(page.walker.school)}


def _is_arranging(page: PlanPage) -> bool:
    """Whether the route shows buttons that change the order and the minutes of its rooms."""
    button = page.request.POST.get("op", "")
    return button == "arrange" or ("arranging" in page.request.POST and button != "arranged")


def _without_repeats(clashes: ClashesWithWaysOut) -> ClashesWithWaysOut:
    """Return the clashes, each way out only with the last clash that it solves."""
    shown: list[tuple[Clash, list[WayOut]]] = []
    seen: set[str] = set()
    for clash, ways in reversed(clashes):
        shown.insert(0, (clash, [way for way in ways if way.button_value not in seen]))
        seen |= {way.button_value for way in ways}
    return shown


def _in_the_way(problems: list[PlanProblem], clashes: ClashesWithWaysOut) -> InTheWay | None:
    """Return what is in the way, for the bar of a phone: what prevents sending, or a class to cover, or one clash.

    Empty rooms stand beside a class to cover, because its way out, another time, solves both.
    """
    for problem in problems:
        if not problem.is_clash:
            return InTheWay(problem.words)
    by_kind = {clash.kind: (clash, ways) for clash, ways in reversed(clashes)}
    shown = [by_kind[kind] for kind in ("teaching", "no_class") if kind in by_kind] or clashes[:1]
    if not shown:
        return None
    ways_out = shown[0][1]
    return InTheWay(" ".join(clash.words for clash, _ways in shown), ways_out[0] if ways_out else None)


def _summary(plan: Plan) -> str:
    """Return rooms, minutes and time in one line: "5 rooms · 24 min · Thu 3 Dec, P3"."""
    count = len(plan.stops)
    parts = [ngettext("%(n)s room", "%(n)s rooms", count) % {"n": count} if count else _("No rooms yet")]
    if count:
        parts.append(_("%(n)s min") % {"n": plan.minutes})
    if plan.date:
        day = date_words(plan.date, "D j M")
        parts.append(f"{day}, {plan.period.short}" if plan.period else day)
    return " · ".join(parts)


def _no_timetable(page: PlanPage) -> str:
    """Return a sentence if no free period can be offered because the semester has no timetable yet; else empty."""
    if page.planner.free_periods:
        return ""
    day = page.plan.date or page.planner.calendar.first_day_to_plan(page.today)
    return without_timetable(page.walker.school, page.planner.calendar.semester_on(day))


def _practices(page: PlanPage) -> dict[str, Any]:
    """Return the practices to show at once, the first few and those chosen, and those under "More to look for"."""
    chosen = {practice.pk for practice in page.plan.practices}
    listed = list(page.form.practices)
    at_once = [practice for n, practice in enumerate(listed) if n < SHOWN_PRACTICES or practice.pk in chosen]
    others = [practice for practice in listed if practice not in at_once]
    more = sorted(others, key=lambda practice: (practice.group, practice.position))
    return {"practices": at_once, "more_practices": more, "chosen_practices": chosen}


def _length_facts(plan: Plan) -> dict[str, Any]:
    """Return whether the plan has a good length and enough rooms.

    The meter has 40 units, and 30 of them are the longest walk. The length is unknown until rooms without a class are
    dropped.
    """
    minutes = plan.minutes
    least = fewest_good_minutes(plan.walker.school)
    most = plan.most_minutes
    has_empty_rooms = bool(plan.date and plan.period) and not all(stop.hosts for stop in plan.stops)
    return {
        "least": least,
        "most": most,
        "is_right": least <= minutes <= most and len(plan.stops) <= MAX_STOPS and not has_empty_rooms,
        "is_short": 0 < minutes < least and not has_empty_rooms,
        "is_unknown": has_empty_rooms,
        "has_few_rooms": 0 < len(plan.stops) < GOOD_STOPS,
        "words": _length_words(plan),
        "meter": min(minutes * 30 // most, 40),
        "tick": least * 30 // most,
    }


def _length_words(plan: Plan) -> str:
    """Say how the minutes are shared: "Four minutes in each room, one minute to move on."."""
    on_the_way = plan.minutes_on_the_way
    lengths = {stop.minutes for stop in plan.stops}
    if on_the_way == len(plan.stops) - 1:
        way = _("one minute to move on")
    else:
        way = _("%(count)s minutes on the way from room to room") % {"count": number_in_words(on_the_way).lower()}
    if len(lengths) != 1:
        return _("With %(way)s.") % {"way": way}
    each = lengths.pop()
    words = ngettext("%(count)s minute in each room, %(way)s.", "%(count)s minutes in each room, %(way)s.", each)
    return words % {"count": number_in_words(each), "way": way}
