"""The planning page has one form. Send and Save store the walk; every other button only draws the page again."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from school.errors import RuleError
from school.http import SignedInRequest
from school.save_errors import NotSavedError, report_if_not_saved
from school.semester_gaps import semester_to_add

from ..errors import NewClashError
from ..models import State, Walk
from ..permissions import is_walker, recipient_names, who_decides
from ..planning import ways_out
from ..planning.clashes import CAUSED_BY_OTHERS, Clash
from ..planning.plan import PlanProblem, is_planned_as
from ..planning.planner_buttons import press
from ..workflow import drafts
from .plan_context import context_of
from .plan_page import PlanPage, read_page


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
    page = read_page(request, walk)
    if page.gap and page.gap.next is None and request.method != "POST":
        to_add = semester_to_add(page.walker, page.planner.calendar, page.today)
        return TemplateResponse(request, "walks/plan_closed.html", {"gap": page.gap, "to_add": to_add})
    if walk is None and request.method != "POST":
        sent = _sent_from(page)
        if sent:
            return redirect("walks:detail", sent.pk)
    button = request.POST.get("op", "")
    if button == "send":
        return _send(page)
    if button == "draft" and (walk is None or walk.state == State.DRAFT):
        return _save(page)
    plan, page.shown_route = press(page.planner, page.plan, button or _button_in_address(page), page.shown_route)
    page.plan = plan.with_own_start()
    return _draw(page)


def _sent_from(page: PlanPage) -> Walk | None:
    """Return the walk that was stored from this page, if the walker came back to it."""
    token = page.form.value("token")
    return Walk.objects.of(page.walker).filter(uid=token).first() if token else None


def _button_in_address(page: PlanPage) -> str:
    """Return the button of the route in the address, if the address names no rooms: it fills in the route's rooms."""
    has_route_only = not page.has_whole_plan and "route" in page.request.GET and "stop" not in page.request.GET
    return f"route:{page.shown_route}" if has_route_only else ""


def _send(page: PlanPage) -> HttpResponse:
    problems = page.planner.problems(page.plan)
    if page.has_unseen_time and not problems:
        words = _("You changed the time. These are your rooms at the new time. If they are right, press Send.")
        return _draw_rooms_at_new_time(page, words)
    page.form.add_problems([*problems, *_new_clashes(page)])
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
                shown_clashes=_seen_clashes(page),
            )
    except NewClashError as error:
        return _draw_new_clash(page, str(error))
    except RuleError as error:
        page.form.add_error(None, str(error))
        return _draw(page, status=422)
    _add_message_after_send(page, walk)
    return redirect("walks:detail", walk.pk)


def _add_message_after_send(page: PlanPage, walk: Walk) -> None:
    names = recipient_names(who_decides(walk))
    if not is_planned_as(walk, page.plan):
        messages.warning(page.request, _("This walk has already been sent. You can change it here."))
    elif walk.state != State.REQUESTED:
        messages.success(page.request, _("Saved. Time and rooms stay as approved."))
    elif names:
        words = _("Sent to %(names)s. Most replies come within a day.")
        messages.success(page.request, words % {"names": names})
    else:
        messages.success(page.request, _("Sent."))


def _draw_rooms_at_new_time(page: PlanPage, words: str) -> HttpResponse:
    page.notice = words
    return _draw(page, status=422)


def _new_clashes(page: PlanPage) -> list[PlanProblem]:
    """Return at most one clash that other people caused after the page was drawn.

    The first Send shows it, the next Send ignores it.
    """
    seen = _seen_clashes(page)
    for clash, _ways_out in page.planner.clashes_with_ways_out(page.plan):
        if clash.kind in CAUSED_BY_OTHERS and clash.key not in seen:
            return [_clash_problem(page, clash)]
    return []


def _clash_problem(page: PlanPage, clash: Clash) -> PlanProblem:
    if clash.room_id is None:
        return PlanProblem("period", f"{clash.words} {_('Choose another time, or send it as it is.')}")
    other = ways_out.room_instead(page.plan, clash.room_id, availability=page.planner.availability)
    way_out = _("Remove this room?")
    if other:
        way_out = _("Take Room %(room)s instead, or remove this one.") % {"room": other.room.code}
    words = _("Room %(room)s filled up while you were planning.") % {"room": clash.room}
    return PlanProblem("stops", f"{words} {way_out}")


def _seen_clashes(page: PlanPage) -> list[str]:
    """Return the keys of the clashes that the page showed before this request."""
    keys: str = page.request.POST.get("shown_clashes", "")
    return keys.split()


def _draw_new_clash(page: PlanPage, words: str) -> HttpResponse:
    """Draw the page with the clash that another person caused while this request ran, and a way out of it.

    The page is read again, because its planner still has the data from before the clash.
    """
    page = read_page(page.request, page.walk)
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
    if page.has_unseen_time:
        words = _("You changed the time. These are your rooms at the new time. If they are right, press Save.")
        return _draw_rooms_at_new_time(page, words)
    try:
        with report_if_not_saved():
            walk = drafts.save(page.plan, by=page.walker, now=page.now, token=page.form.value("token"))
    except RuleError as error:
        page.form.add_error(None if isinstance(error, NotSavedError) else "date", str(error))
        return _draw(page, status=422)
    _add_message_after_save(page)
    return redirect("walks:detail", walk.pk)


def _add_message_after_save(page: PlanPage) -> None:
    _stored, empty_rooms = drafts.with_hosts_only(page.plan)
    if not empty_rooms:
        messages.success(page.request, _("Saved as a draft. Only you can see it."))
        return
    words = ngettext(
        "Saved as a draft, without Room %(rooms)s: nobody teaches there at that time.",
        "Saved as a draft, without Rooms %(rooms)s: nobody teaches there at that time.",
        len(empty_rooms),
    )
    codes = get_text_list([room.code for room in empty_rooms], _("and"))
    messages.warning(page.request, words % {"rooms": codes})


def _draw(page: PlanPage, status: int = 200) -> HttpResponse:
    return TemplateResponse(page.request, "walks/plan.html", context_of(page), status=status)
