"""The planning page. It has one form. Only Send and Save store the walk; every other button draws the page again."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from school.calendar import Calendar, local_date
from school.errors import RuleError
from school.http import SignedInRequest
from school.models import Person
from school.save_errors import NotSavedError, report_if_not_saved
from school.semester_gaps import SemesterGap, gap_on, semester_to_add, without_timetable
from school.text.typed import whole_number

from ..errors import FilledUpError
from ..forms.plan import PlanForm
from ..models import State, Walk
from ..permissions import decider_names, is_walker, who_decides
from ..planning.clashes import CAUSED_BY_OTHERS, Clash
from ..planning.plan import GOOD_STOPS, MAX_MINUTES, MAX_STOPS, MIN_MINUTES, Plan, PlanProblem, is_planned_as, plan_of
from ..planning.planner import Planner
from ..planning.planner_buttons import press, rooms_in
from ..planning.practices import chosen_of, to_choose_from
from ..planning.routes import shown_routes
from ..status import has_passed, is_missed
from ..workflow import drafts

SHOWN_PRACTICES = 8


@dataclass
class PlanPage:
    """What one request to the page works with. `shown` is the key of the route whose rooms are listed."""

    request: SignedInRequest
    walker: Person
    walk: Walk | None
    now: dt.datetime
    form: PlanForm
    planner: Planner
    plan: Plan
    shown: str = ""

    @property
    def today(self) -> dt.date:
        """The date in the school's time zone."""
        return local_date(self.walker.school, self.now)

    @cached_property
    def gap(self) -> SemesterGap | None:
        """The gap between semesters that today is in, if any."""
        return gap_on(self.planner.calendar, self.today)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Plan a walk."""
    return _planner(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Finish a draft, or change a walk that has not begun."""
    walks = Walk.objects.visible_to(request.user).select_related("walker__school", "walker__grade", "period")
    walk = get_object_or_404(walks, pk=walk_id)
    if not is_walker(request.user, walk):
        raise PermissionDenied
    if not drafts.is_changeable(walk):
        messages.warning(request, _("This walk has begun or is over, so its plan stays as it is."))
        return redirect("walks:detail", walk.pk)
    return _planner(request, walk)


def _planner(request: SignedInRequest, walk: Walk | None) -> HttpResponse:
    page = _read_page(request, walk)
    if page.gap and page.gap.next is None and request.method != "POST":
        to_add = semester_to_add(page.walker, page.planner.calendar, page.today)
        return TemplateResponse(request, "walks/plan_closed.html", {"gap": page.gap, "to_add": to_add})
    button = request.POST.get("op", "")
    if button == "send":
        return _send(page)
    if button == "draft" and (walk is None or walk.state == State.DRAFT):
        return _save(page)
    page.plan, page.shown = press(page.planner, page.plan, button or _button_in_address(page), page.shown)
    return _draw(page)


def _button_in_address(page: PlanPage) -> str:
    """Return the button of the route in the address, if the address names no rooms: it fills in the route's rooms."""
    has_route_only = page.request.method == "GET" and page.shown and "stop" not in page.request.GET
    return f"route:{page.shown}" if has_route_only else ""


def _read_page(request: SignedInRequest, walk: Walk | None) -> PlanPage:
    walker = request.user
    now = timezone.now()
    assert isinstance(walker, Person)
    practices = list(to_choose_from(walker, walk))
    form = PlanForm(request.POST if request.method == "POST" else request.GET, practices=practices)
    form.is_valid()
    stored = plan_of(walk, focus=chosen_of(practices)) if walk else _cancelled_plan(request, walker)
    dates = [date for date in (form.value("date"), walk.date if walk else None) if date]
    button = request.POST.get("op", "")
    shown = form.value("route") or ""
    planner = Planner(
        walker,
        calendar=Calendar(walker.school),
        now=now,
        more_dates=dates,
        rooms=[*form.room_ids, *rooms_in(button), *(stored.room_ids if stored else ())],
        route_keys=[shown, button.removeprefix("route:")],
    )
    base = _base(request, stored, planner, form)
    is_post = request.method == "POST"
    plan = form.plan(base, planner) if is_post else _plan_in_address(form, base, planner, request)
    return PlanPage(request, walker, walk, now, form, planner, plan, shown)


def _cancelled_plan(request: SignedInRequest, walker: Person) -> Plan | None:
    """Return the plan of the cancelled walk in the address, which the walker plans again."""
    walk_id = whole_number(request.GET.get("again", ""))
    if walk_id is None:
        return None
    own = Walk.objects.of(walker).select_related("walker__school", "period")
    walk = own.filter(pk=walk_id).first()
    return _without_walk(plan_of(walk)) if walk else None


def _base(request: SignedInRequest, stored: Plan | None, planner: Planner, form: PlanForm) -> Plan:
    """Return the plan before the form's values: of the walk being changed, of a cancelled walk, or an empty one.

    A walk whose time is over gets a new time.
    """
    if stored is None:
        is_chosen = form.value("announced") is not None
        last = None if is_chosen else Walk.objects.of(planner.walker).first()
        return planner.empty_plan(last)
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


def _send(page: PlanPage) -> HttpResponse:
    page.form.add_problems([*page.planner.problems(page.plan), *_new_clashes(page)])
    if page.form.errors:
        return _draw(page, status=422)
    token = page.form.value("token")
    try:
        with report_if_not_saved():
            walk = drafts.send(
                page.plan,
                calendar=page.planner.calendar,
                by=page.walker,
                now=page.now,
                token=token,
                warned=_seen_clashes(page),
            )
    except FilledUpError as error:
        return _draw_new_clash(page, str(error))
    except RuleError as error:
        page.form.add_error(None, str(error))
        return _draw(page, status=422)
    _add_message_after_send(page, walk)
    return redirect("walks:detail", walk.pk)


def _add_message_after_send(page: PlanPage, walk: Walk) -> None:
    names = decider_names(who_decides(walk))
    if not is_planned_as(walk, page.plan):
        messages.warning(page.request, _("This walk was sent already. To change it, edit it here."))
    elif walk.state != State.REQUESTED:
        messages.success(page.request, _("Saved. Time and rooms stay as agreed."))
    elif names:
        words = _("Sent to %(names)s. Most replies come within a day.")
        messages.success(page.request, words % {"names": names})
    else:
        messages.success(page.request, _("Sent."))


def _new_clashes(page: PlanPage) -> list[PlanProblem]:
    """Return at most one clash that other people caused after the page was drawn.

    The first Send shows it, the next Send ignores it.
    """
    seen = _seen_clashes(page)
    for clash, _ways in page.planner.warnings(page.plan):
        if clash.kind in CAUSED_BY_OTHERS and clash.key not in seen:
            return [_clash_problem(page, clash)]
    return []


def _clash_problem(page: PlanPage, clash: Clash) -> PlanProblem:
    if clash.room_id is None:
        return PlanProblem("period", f"{clash.words} {_('Choose another time, or send it as it is.')}")
    other = page.planner.room_instead(page.plan, clash.room_id)
    way_out = _("Leave this stop out?")
    if other:
        way_out = _("Take Room %(room)s, which is free, or leave this stop out.") % {"room": other.room.code}
    words = _("Room %(room)s filled up while you were planning.") % {"room": clash.room}
    return PlanProblem("stops", f"{words} {way_out}")


def _seen_clashes(page: PlanPage) -> list[str]:
    """Return the keys of the clashes that the page showed before this request."""
    keys: str = page.request.POST.get("warned", "")
    return keys.split()


def _draw_new_clash(page: PlanPage, words: str) -> HttpResponse:
    """Draw the page with the clash that another person caused while this request ran, and a way out of it.

    The page is read again, because its planner still has the data from before the clash.
    """
    page = _read_page(page.request, page.walk)
    problems = _new_clashes(page)
    page.form.add_problems(problems)
    if not problems:
        page.form.add_error(None, words)
    return _draw(page, status=422)


def _save(page: PlanPage) -> HttpResponse:
    # A draft may be incomplete, but a walk cannot be stored without a day and a period.
    problems = [problem for problem in page.planner.problems(page.plan) if problem.field in ("date", "period")]
    page.form.add_problems([problem for problem in problems if problem.missing])
    if page.form.errors:
        return _draw(page, status=422)
    try:
        with report_if_not_saved():
            walk = drafts.save(page.plan, by=page.walker, now=page.now, token=page.form.value("token"))
    except RuleError as error:
        page.form.add_error(None if isinstance(error, NotSavedError) else "date", str(error))
        return _draw(page, status=422)
    messages.success(page.request, _("Saved as a draft. Only you can see it."))
    return redirect("walks:detail", walk.pk)


def _draw(page: PlanPage, status: int = 200) -> HttpResponse:
    return TemplateResponse(page.request, "walks/plan.html", _context(page), status=status)


def _context(page: PlanPage) -> dict[str, Any]:
    planner = page.planner
    plan = page.plan
    form = page.form
    deciders = who_decides(page.walk or Walk(walker=page.walker))
    q = form.value("q") or ""
    warnings = planner.warnings(plan)
    problems = [problem for problem in planner.problems(plan) if not problem.missing]
    return {
        "gap": page.gap,
        "form": form,
        "plan": plan,
        "walk": page.walk,
        "typed": form.data,
        "shown": page.shown,
        "routes": shown_routes(planner.routes, planner.availability, page.walker, shown=page.shown, q=q),
        "rows": planner.room_choices(plan, planner.route(page.shown), q),
        "found": planner.lessons_found(plan, q),
        "q": form.value("q"),
        "slots": planner.slots,
        "no_timetable": _no_timetable(page),
        "periods": planner.period_choices(plan),
        "covered": planner.own_lesson(plan),
        "warnings": warnings,
        "warned": " ".join(clash.key for clash, _ways in warnings),
        "problems": problems,
        "fit": _length_facts(plan),
        "token": form.value("token") or uuid.uuid4(),
        "heads": deciders,
        "send_to": decider_names(deciders, full=True),
        "names": decider_names(deciders),
        "is_draft": page.walk is None or page.walk.state == State.DRAFT,
        **_practices(page),
    }


def _no_timetable(page: PlanPage) -> str:
    """Return a sentence if no free period can be offered because the semester has no timetable yet; else empty."""
    if page.planner.slots:
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

    `even` is the number of minutes in each room if it is the same in all, else 0; `bar` is at most 40 minutes.
    """
    minutes = plan.minutes
    lengths = {stop.minutes for stop in plan.stops}
    return {
        "right": MIN_MINUTES <= minutes <= MAX_MINUTES and len(plan.stops) <= MAX_STOPS,
        "short": 0 < minutes < MIN_MINUTES,
        "few": 0 < len(plan.stops) < GOOD_STOPS,
        "even": lengths.pop() if len(lengths) == 1 else 0,
        "bar": min(minutes, 40),
    }
