"""The four steps of the planning page. A step is open, or folded into one line that says what is chosen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.text.dates import date_words

from ..planning.plan import Plan, PlanProblem
from .plan_page import PlanPage

FIELDSETS = {
    "focus": "id_focus",
    "when": "plan-when",
    "rooms": "id_stop",
    "heads-up": "id_announced",
}  # the steps in their order, each with the id of its fields, to which links and errors lead
STEP_OF_FIELD = {
    "focus": "focus",
    "own_focus": "focus",
    "date": "when",
    "period": "when",
    "stop": "rooms",
    "stops": "rooms",
    "announced": "heads-up",
}  # the step in which a field of the form, or of a problem, is
STEP_OF_BUTTON = {
    "at": "when",
    "route": "rooms",
    "find": "rooms",
    "send": "rooms",  # `send` and `draft` draw the page again only to show the rooms at another time
    "draft": "rooms",
}


@dataclass(frozen=True)
class PlanStep:
    """One step. `choice` is what is chosen, in words, or empty; `detail` says more about it."""

    key: str
    question: str
    label: str
    choice: str
    is_open: bool
    detail: str = ""

    @property
    def fieldset_id(self) -> str:
        """The id of the step's fields in the page."""
        return FIELDSETS[self.key]

    @property
    def template(self) -> str:
        """The template of the step's fields."""
        return f"walks/_plan_{self.key.replace('-', '_')}.html"


def steps_of(page: PlanPage, problems: list[PlanProblem]) -> list[PlanStep]:
    """Return the steps in their order. `problems` are all that prevent sending."""
    plan = page.plan
    is_open = _open_steps(page, problems)
    rooms, how_many = _rooms_words(page)
    return [
        PlanStep(
            "focus",
            question=_("What are you looking for?"),
            label=_("Focus"),
            choice=_focus_words(plan),
            is_open="focus" in is_open,
        ),
        PlanStep(
            "when",
            question=_("When?"),
            label=_("When"),
            choice=_when_words(plan),
            detail=_time_words(page),
            is_open="when" in is_open,
        ),
        PlanStep(
            "rooms",
            question=_("Whose rooms?"),
            label=_("Rooms"),
            choice=rooms,
            detail=how_many,
            is_open="rooms" in is_open,
        ),
        PlanStep(
            "heads-up",
            question=_("Tell the colleagues that you’re coming?"),
            label=_("Colleagues know beforehand"),
            choice=_("Yes, by e-mail") if plan.announced else _("No, a surprise"),
            is_open="heads-up" in is_open,
        ),
    ]


def _open_steps(page: PlanPage, problems: list[PlanProblem]) -> list[str]:
    """Return the keys of the open steps: the first that is not finished or, after errors, all of these.

    Without scripts a button draws the whole page again. Then the step with the button is open.
    """
    if page.request.method == "POST" and not page.form.errors:
        return [_step_in_use(page)]
    fields = [*page.form.errors, *(problem.field for problem in problems)]
    unfinished = {STEP_OF_FIELD[field] for field in fields if field in STEP_OF_FIELD}
    in_order = [key for key in FIELDSETS if key in unfinished]
    return in_order if page.form.errors else in_order[:1]


def _step_in_use(page: PlanPage) -> str:
    """Return the key of the step that the walker used. It is empty for the buttons below "Your walk".

    The Enter key presses "look", whatever the field.
    """
    button = page.request.POST.get("op", "").partition(":")[0]
    if button != "look":
        return STEP_OF_BUTTON.get(button, "")
    if page.has_unseen_time:
        return "when"
    return "rooms" if page.form.value("q") else "focus"


def _focus_words(plan: Plan) -> str:
    names = [practice.name for practice in plan.practices]
    return ", ".join([*names, plan.own_focus] if plan.own_focus else names)


def _when_words(plan: Plan) -> str:
    """Return day and period: "Thursday 3 December, Period 2"."""
    if plan.date is None:
        return ""
    day = date_words(plan.date)
    return f"{day}, {plan.period.name}" if plan.period else day


def _time_words(page: PlanPage) -> str:
    """Return the time and what the walker does then: "09:05–09:50 · Free", or "Day 4 · 09:05–09:50 · Free"."""
    times = _times(page)
    if times is None or page.plan.date is None:
        return ""
    begins, ends = (date_format(timezone.localtime(moment), "H:i") for moment in times)
    note = page.planner.period_note(page.plan)
    day = page.planner.calendar.day_words(page.plan.date)
    return " · ".join(filter(None, [day, f"{begins}–{ends}", note.words if note else ""]))


def _times(page: PlanPage) -> tuple[dt.datetime, dt.datetime] | None:
    """Return start and end of the chosen period, or of the walk if it keeps another time than the period."""
    plan = page.plan
    if plan.date is None or plan.period is None:
        return None
    of_period = page.planner.calendar.times(plan.date, plan.period)
    return of_period if plan.starts_at in (None, of_period[0]) else plan.times(calendar=page.planner.calendar)


def _rooms_words(page: PlanPage) -> tuple[str, str]:
    """Return the route and how many rooms of it, or the number of rooms alone if they are of no route."""
    count = len(page.plan.stops)
    if not count:
        return "", ""
    how_many = ngettext("One room", "%(n)s rooms", count) % {"n": count}
    route = page.planner.route(page.shown_route)
    return (route.name, how_many) if route else (how_many, "")
