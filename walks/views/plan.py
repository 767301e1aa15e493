"""Planning a walk: one page, one form; every button but Send and Save only redraws it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
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
from ..planning.clashes import NEWS, Clash
from ..planning.plan import GOOD_STOPS, MAX_MINUTES, MAX_STOPS, MIN_MINUTES, Plan, PlanProblem, is_planned_as, plan_of
from ..planning.planner import Planner
from ..planning.planner_buttons import press, rooms_in
from ..planning.practices import chosen_of, to_choose_from
from ..planning.routes import shown_routes
from ..status import has_passed, missed
from ..workflow import drafts

SHOWN_PRACTICES = 8


@dataclass
class PlanPage:
    """One request to the page: the walker, the form as typed, the plan."""

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
        """The date on the school's calendar."""
        return local_date(self.walker.school, self.now)

    @cached_property
    def gap(self) -> SemesterGap | None:
        """What to say when no semester is running."""
        return gap_on(self.planner.calendar, self.today)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Plan a walk."""
    return _planner(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Finish a draft, or change a walk until it is started."""
    walks = Walk.objects.visible_to(request.user).select_related("walker__school", "walker__grade", "period")
    walk = get_object_or_404(walks, pk=walk_id)
    if not is_walker(request.user, walk):
        raise PermissionDenied
    if not drafts.is_changeable(walk):
        messages.warning(request, _("This walk has begun or is over, so its plan stays as it is."))
        return redirect("walks:detail", walk.pk)
    return _planner(request, walk)


def _planner(request: SignedInRequest, walk: Walk | None) -> HttpResponse:
    page = _read(request, walk)
    if page.gap and page.gap.next is None and request.method != "POST":
        to_add = semester_to_add(page.walker, page.planner.calendar, page.today)
        return TemplateResponse(request, "walks/plan_closed.html", {"gap": page.gap, "to_add": to_add})
    op = request.POST.get("op", "")
    if op == "send":
        return _send(page)
    if op == "draft" and (walk is None or walk.state == State.DRAFT):
        return _save(page)
    op = op or _first_op(page)
    page.plan, page.shown = press(page.planner, page.plan, op, page.shown)
    return _draw(page)


def _first_op(page: PlanPage) -> str:
    """The route's button, as if it had been pressed, if the URL names a ready-made route but no rooms."""
    asked = page.request.method == "GET" and page.shown and "stop" not in page.request.GET
    return f"route:{page.shown}" if asked else ""


def _read(request: SignedInRequest, walk: Walk | None) -> PlanPage:
    walker = request.user
    now = timezone.now()
    assert isinstance(walker, Person)
    practices = list(to_choose_from(walker, walk))
    form = PlanForm(request.POST if request.method == "POST" else request.GET, practices=practices)
    form.is_valid()
    stored = plan_of(walk, focus=chosen_of(practices)) if walk else _again(request, walker)
    dates = [date for date in (form.value("date"), walk.date if walk else None) if date]
    op = request.POST.get("op", "")
    planner = Planner(
        walker,
        calendar=Calendar(walker.school),
        now=now,
        also=dates,
        rooms=[*form.room_ids, *rooms_in(op), *(stored.room_ids if stored else ())],
        shown=[form.value("route") or "", op.removeprefix("route:")],
    )
    base = _base(request, stored, planner, form)
    plan = form.plan(base, planner) if request.method == "POST" else _asked_for(form, base, planner, request)
    return PlanPage(request, walker, walk, now, form, planner, plan, form.value("route") or "")


def _again(request: SignedInRequest, walker: Person) -> Plan | None:
    """The plan of a cancelled walk that is to be planned anew."""
    again = whole_number(request.GET.get("again", ""))
    if again is None:
        return None
    own = Walk.objects.of(walker).select_related("walker__school", "period")
    old = own.filter(pk=again).first()
    return _unstored(plan_of(old)) if old else None


def _base(request: SignedInRequest, stored: Plan | None, planner: Planner, form: PlanForm) -> Plan:
    """What the planner starts from: the walk being changed, a cancelled one planned anew, or an empty plan."""
    if stored is None:
        announced_chosen = form.value("announced") is not None  # otherwise as for the walker's last walk
        return planner.fresh(None if announced_chosen else Walk.objects.of(planner.walker).first())
    walk = stored.walk
    needs_new_time = walk is None or (
        request.method == "GET" and (missed(walk, planner.now) or has_passed(walk, planner.now))
    )
    return planner.again(stored) if needs_new_time else stored


def _unstored(plan: Plan) -> Plan:
    return Plan(
        walker=plan.walker,
        date=plan.date,
        period=plan.period,
        practices=plan.practices,
        own_focus=plan.own_focus,
        stops=plan.stops,
        announced=plan.announced,
    )


def _asked_for(form: PlanForm, base: Plan, planner: Planner, request: SignedInRequest) -> Plan:
    """The base, with the day, period and rooms that an offer or a mail names in the address."""
    asked = form.plan(base, planner)
    date = asked.date or base.date
    period = asked.period or base.period
    stops = asked.stops if "stop" in request.GET else base.stops
    plan = Plan(
        walker=base.walker,
        date=base.date,
        period=base.period,
        practices=base.practices,
        own_focus=base.own_focus,
        stops=stops,
        announced=asked.announced,
        walk=base.walk,
    )
    return plan.at(date, period, availability=planner.availability) if date and period else plan


def _send(page: PlanPage) -> HttpResponse:
    page.form.refuse([*page.planner.problems(page.plan), *_filled_up(page)])
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
                warned=_warned(page),
            )
    except FilledUpError as error:
        return _draw_anew(page, str(error))
    except RuleError as error:
        page.form.add_error(None, str(error))
        return _draw(page, status=422)
    _say_what_happened(page, walk)
    return redirect("walks:detail", walk.pk)


def _say_what_happened(page: PlanPage, walk: Walk) -> None:
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


def _filled_up(page: PlanPage) -> list[PlanProblem]:
    """Return a clash that other people caused since the page loaded. The first Send shows it, the next ignores it."""
    warned = _warned(page)
    news = (c for c, _ways in page.planner.warnings(page.plan) if c.kind in NEWS and c.key not in warned)
    return [_news(page, clash) for clash in news][:1]


def _news(page: PlanPage, clash: Clash) -> PlanProblem:
    if clash.room_id is None:
        return PlanProblem("period", f"{clash.words} {_('Choose another time, or send it as it is.')}")
    other = page.planner.room_instead(page.plan, clash.room_id)
    way_out = _("Leave this stop out?")
    if other:
        way_out = _("Take Room %(room)s, which is free, or leave this stop out.") % {"room": other.room.code}
    words = _("Room %(room)s filled up while you were planning.") % {"room": clash.room}
    return PlanProblem("stops", f"{words} {way_out}")


def _warned(page: PlanPage) -> list[str]:
    """The keys of the clashes that the page has shown."""
    shown: str = page.request.POST.get("warned", "")
    return shown.split()


def _draw_anew(page: PlanPage, words: str) -> HttpResponse:
    """Somebody sent in the same moment: the page as it is now, with what filled up and a way out."""
    page = _read(page.request, page.walk)
    problems = _filled_up(page)
    page.form.refuse(problems)
    if not problems:
        page.form.add_error(None, words)
    return _draw(page, status=422)


def _save(page: PlanPage) -> HttpResponse:
    wanted = [problem for problem in page.planner.problems(page.plan) if problem.field in ("date", "period")]
    page.form.refuse([problem for problem in wanted if problem.missing])
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
    context = _context(page)
    template = "walks/plan.html"
    return TemplateResponse(page.request, template, context, status=status)


def _context(page: PlanPage) -> dict[str, Any]:
    planner = page.planner
    plan = page.plan
    form = page.form
    heads = who_decides(page.walk or Walk(walker=page.walker))
    warnings = planner.warnings(plan)
    problems = [problem for problem in planner.problems(plan) if not problem.missing]
    return {
        "gap": page.gap,
        "form": form,
        "plan": plan,
        "walk": page.walk,
        "typed": form.data,
        "shown": page.shown,
        "routes": shown_routes(
            planner.routes, planner.availability, page.walker, shown=page.shown, q=form.value("q") or ""
        ),
        "rows": planner.rows(plan, planner.route(page.shown), form.value("q") or ""),
        "found": planner.found(plan, form.value("q") or ""),
        "q": form.value("q"),
        "slots": planner.slots,
        "no_timetable": _no_timetable(page),
        "periods": planner.periods(plan),
        "covered": planner.covered(plan),
        "warnings": warnings,
        "warned": " ".join(clash.key for clash, _ways in warnings),
        "problems": problems,
        "fit": _fit(plan),
        "token": form.value("token") or uuid.uuid4(),
        "heads": heads,
        "send_to": decider_names(heads, full=True),
        "names": decider_names(heads),
        "is_draft": page.walk is None or page.walk.state == State.DRAFT,
        **_practices(page),
    }


def _no_timetable(page: PlanPage) -> str:
    """What to say when no slot can be offered, because the semester has no lessons yet."""
    if page.planner.slots:
        return ""
    day = page.plan.date or page.planner.calendar.first_day_to_plan(page.today)
    return without_timetable(page.walker.school, page.planner.calendar.semester_on(day))


def _practices(page: PlanPage) -> dict[str, Any]:
    """The first few practices and those chosen are shown at once, the others behind "More to look for"."""
    chosen = {practice.pk for practice in page.plan.practices}
    listed = list(page.form.practices)
    near = [p for n, p in enumerate(listed) if n < SHOWN_PRACTICES or p.pk in chosen]
    more = sorted((p for p in listed if p not in near), key=lambda p: (p.group, p.position))
    return {"practices": near, "more_practices": more, "chosen_practices": chosen}


def _fit(plan: Plan) -> dict[str, Any]:
    """How the length of the walk reads: just right, short, or long; and whether it is too few rooms."""
    minutes = plan.minutes
    lengths = {stop.minutes for stop in plan.stops}
    return {
        "right": MIN_MINUTES <= minutes <= MAX_MINUTES and len(plan.stops) <= MAX_STOPS,
        "short": 0 < minutes < MIN_MINUTES,
        "few": 0 < len(plan.stops) < GOOD_STOPS,
        "even": lengths.pop() if len(lengths) == 1 else 0,
        "bar": min(minutes, 40),
    }
