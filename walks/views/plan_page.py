"""Read one request to the planning page: the plan in its form or its address, or a plan to begin with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils import timezone

from school.calendar import Calendar, local_date
from school.http import SignedInRequest
from school.models import Person
from school.semester_gaps import SemesterGap, gap_on
from school.text.typed import whole_number

from ..forms.plan import PlanForm
from ..models import Walk
from ..planning.plan import MAX_FOCUS, Plan, plan_of
from ..planning.planner import Planner
from ..planning.planner_buttons import rooms_in
from ..planning.practices import chosen_of, to_choose_from
from ..status import has_passed, is_missed


@dataclass
class PlanPage:
    """What one request to the page works with.

    `shown_route` is the key of the route whose rooms are listed, `notice` a sentence at the top of the page.
    """

    request: SignedInRequest
    walker: Person
    walk: Walk | None
    now: dt.datetime
    form: PlanForm
    planner: Planner
    plan: Plan
    shown_route: str = ""
    notice: str = ""

    @property
    def has_whole_plan(self) -> bool:
        """Whether the request has the whole plan. A link in an offer or a mail names only a part of it."""
        return _has_whole_plan(self.request)

    @property
    def is_proposal(self) -> bool:
        """Whether the page filled in a new walk that its walker has not changed yet."""
        return self.walk is None and not self.has_whole_plan and bool(self.plan.stops)

    @property
    def has_unseen_time(self) -> bool:
        """Whether the walker changed the time and has not seen the rooms then, because only scripts redraw at once."""
        shown = self.request.POST.get("shown_time")
        return bool(self.plan.stops) and shown is not None and shown != self.plan.time_key

    @property
    def today(self) -> dt.date:
        """The date in the school's time zone."""
        return local_date(self.walker.school, self.now)

    @cached_property
    def gap(self) -> SemesterGap | None:
        """The gap between semesters that today is in, if any."""
        return gap_on(self.planner.calendar, self.today)


def read_page(request: SignedInRequest, walk: Walk | None) -> PlanPage:
    """Read the plan that the request is about, before any button is pressed."""
    walker = request.user
    now = timezone.now()
    assert isinstance(walker, Person)
    practices = list(to_choose_from(walker, walk))
    form = PlanForm(request.POST if request.method == "POST" else request.GET, practices=practices)
    form.is_valid()
    stored = plan_of(walk, focus=chosen_of(practices)) if walk else _cancelled_plan(request, walker)
    dates = [date for date in (form.value("date"), walk.date if walk else None) if date]
    button = request.POST.get("op", "")
    shown_route = form.value("route") or ""
    planner = Planner(
        walker,
        calendar=Calendar(walker.school),
        now=now,
        more_dates=dates,
        rooms=[*form.room_ids, *rooms_in(button), *(stored.room_ids if stored else ())],
    )
    is_complete = _has_whole_plan(request) and form.value("announced") is not None
    last_walk = Walk.objects.of(walker).first() if stored is None and not is_complete else None
    base = _base(request, stored, planner, last_walk)
    page = PlanPage(request, walker, walk, now, form, planner, base, shown_route)
    page.plan = form.plan(base, planner) if page.has_whole_plan else _plan_in_address(form, base, planner, request)
    if not page.has_whole_plan and stored is None:
        _fill_in_new_plan(page, last_walk)
    page.plan = page.plan.with_own_start()
    return page


def _has_whole_plan(request: SignedInRequest) -> bool:
    return request.method == "POST" or "kept" in request.GET


def _fill_in_new_plan(page: PlanPage, last_walk: Walk | None) -> None:
    """Fill in a new plan: the focus of the walker's last walk and, if the address names no rooms, a whole route.

    With `own` in the address, the walker chooses time and rooms, so both stay empty.
    """
    if last_walk is not None:
        chosen = set(last_walk.focus.values_list("pk", flat=True))
        practices = tuple(practice for practice in page.form.practices if practice.pk in chosen)[:MAX_FOCUS]
        own_focus = last_walk.own_focus if len(practices) < MAX_FOCUS else ""
        page.plan = replace(page.plan, practices=practices, own_focus=own_focus)
    if "own" in page.request.GET:
        page.plan = replace(page.plan, date=None, period=None)
    elif not {"route", "stop", "q"} & page.request.GET.keys():
        page.plan, page.shown_route = page.planner.with_default_rooms(page.plan)


def _cancelled_plan(request: SignedInRequest, walker: Person) -> Plan | None:
    """Return the plan of the cancelled walk in the address, which the walker plans again."""
    walk_id = whole_number(request.GET.get("again", ""))
    if walk_id is None:
        return None
    own = Walk.objects.of(walker).select_related("walker__school", "period")
    walk = own.filter(pk=walk_id).first()
    return _without_walk(plan_of(walk)) if walk else None


def _base(request: SignedInRequest, stored: Plan | None, planner: Planner, last_walk: Walk | None) -> Plan:
    """Return the plan before the form's values: of the walk being changed, of a cancelled walk, or an empty one.

    A walk whose time is over gets a new time.
    """
    if stored is None:
        return planner.empty_plan(last_walk)
    walk = stored.walk
    if walk is None:
        return planner.plan_again(stored)
    time_is_over = is_missed(walk, planner.now) or has_passed(walk, planner.now)
    if request.method == "GET" and time_is_over:
        return planner.plan_again(stored)
    return stored


def _without_walk(plan: Plan) -> Plan:
    """Return the plan for a new walk, without the walk that it comes from."""
    return replace(plan, walk=None)


def _plan_in_address(form: PlanForm, base: Plan, planner: Planner, request: SignedInRequest) -> Plan:
    """Return `base` with the day, period and rooms that the address names; links in offers and mails name them."""
    in_address = form.plan(base, planner)
    date = in_address.date or base.date
    period = in_address.period or base.period
    stops = in_address.stops if "stop" in request.GET else base.stops
    plan = replace(base, stops=stops, announced=in_address.announced)
    return plan.at(date, period, availability=planner.availability) if date and period else plan
