"""One request or upcoming walk: approve it, change it, or ask for a change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from school.calendar import local_date
from school.errors import RuleError
from school.forms.fields import offer_rows
from school.http import SignedInRequest
from school.models import Person
from school.save_errors import NotSavedError, report_if_not_saved
from school.text.typed import whole_number

from .. import permissions
from ..content import CHANGE_REPLIES
from ..decisions import approval_checks, fair_cover, requests_to_decide
from ..errors import AlreadyDecidedError
from ..forms.approvals import AdjustForm, AskForm, DecisionForm
from ..models import State, Walk
from ..planning import cover, period_marks
from ..planning.plan import Plan
from ..workflow import approval, decision_changes, drafts, history, transitions
from . import undo
from .approvals import decider, request_for

SWAPPED = ("#when", "#id_period", "#clashes", "#visitors", "#decide")  # by htmx after each change, besides #findings


@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Change the time, rooms or cover of a request and approve it; or change an approved walk that has not begun."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    approved = _changes_approved_walk(request, walk, now)
    if request.method != "POST" and walk.state == State.CHANGES_ASKED:
        return _question_page(request, walk)
    if not approved and _say_if_settled(request, walk):
        return _back_to_the_list(request, walk)
    if request.method != "POST":
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now))
    form = AdjustForm(request.POST, walk=walk, by=person, now=now)
    valid = form.is_valid()
    if "check" in request.POST:  # show the clashes of the new time without approving
        return _adjust_page(request, form)
    if not valid:
        return _adjust_page(request, form, status=422)
    return _save(request, form, approved=approved)


def _changes_approved_walk(request: SignedInRequest, walk: Walk, now: dt.datetime) -> bool:
    """Whether a Head changes an approved walk of their grade, and the page showed that it is approved."""
    was_shown_approved = request.method != "POST" or "approved" in request.POST
    return was_shown_approved and may_change_approved(decider(request), walk, now) and not _is_stale(request, walk)


def may_change_approved(person: Person, walk: Walk, now: dt.datetime) -> bool:
    """Whether the person may change this approved walk: as Head of the walker's grade, until it begins or ends."""
    return (
        permissions.heads_grade_of(person, walk)
        and transitions.may(person, "change_approved", walk)
        and walk.ends_at > now
    )


def _question_page(request: SignedInRequest, walk: Walk) -> HttpResponse:
    """Show what was asked of the walker, with a button that takes the question back."""
    context = {"walk": walk, "question": history.latest_question(walk)}
    return TemplateResponse(request, "walks/change_asked.html", context)


def _save(request: SignedInRequest, form: AdjustForm, *, approved: bool) -> HttpResponse:
    earlier = decision_changes.EarlierPlan.of(form.walk)
    rule = decision_changes.change_approved if approved else drafts.adjust_and_approve
    try:
        with report_if_not_saved():
            walk = rule(
                form.plan(),
                version=_shown_version(request),
                calendar=form.calendar,
                by=form.by,
                now=form.now,
                cover=form.cleaned_data["cover"],
                words=form.cleaned_data["words"].strip(),
            )
    except AlreadyDecidedError as error:
        messages.info(request, str(error))
        return _back_to_the_list(request, form.walk)
    except RuleError as error:
        form.add_error(None, str(error))
        return _adjust_page(request, form, status=422)
    if approved:
        words = _("Changed. %(name)s and everybody else it concerns get an e-mail.")
        messages.success(request, words % {"name": walk.walker.given_name})
        return redirect("walks:coming")
    undo.say_approved(request, [walk], earlier={walk.pk: earlier})
    return redirect("walks:approvals")


def _adjust_page(
    request: SignedInRequest, form: AdjustForm, ask: AskForm | None = None, *, status: int = 200
) -> HttpResponse:
    plan = form.plan()
    availability = form.availability
    findings = requests_to_decide.findings_about_plan(plan, availability=availability, now=form.now)
    ways, words_to_walker = requests_to_decide.ways_out_of_plan(plan, availability=availability, now=form.now)
    rooms = list(form.rooms(findings))
    ask = ask or AskForm(walk=form.walk, by=form.by, now=form.now)
    _mark_periods(form, ask)
    offer_rows(form, "cover", cover.colleagues_to_offer(plan, calendar=form.calendar))
    needs_cover = any(finding.kind == requests_to_decide.TEACHING for finding in findings)
    proposal = _propose_cover(form, plan) if needs_cover and not form.is_bound else None
    shows_focus = permissions.may_read_focus(form.by, form.walk)
    is_asking = ask.is_bound or "ask" in request.GET
    context = {
        "walk": form.walk,
        "approved": form.walk.state == State.APPROVED,
        "form": form,
        "ask": ask,
        "plan": plan,
        "conversation": [event for event in form.walk.events.select_related("actor") if event.words],
        "findings": [finding for finding in findings if finding.kind != requests_to_decide.TEACHING],
        "cover_finding": next((finding for finding in findings if finding.kind == requests_to_decide.TEACHING), None),
        "proposed_cover": proposal,
        "shows_focus": shows_focus,
        "replies": CHANGE_REPLIES,
        "rooms": rooms,
        "also_swapped": ",".join([*SWAPPED, *(f"#host-{room['stop'].room.pk}" for room in rooms)]),
        "ways_out": ways,
        "words_to_walker": words_to_walker,
        "warnings": approval_checks.warnings_about(plan, reads_focus=shows_focus),
        "visitor_grid": requests_to_decide.visitors_to_rooms_of(plan, availability=availability),
        "is_asking": is_asking,
        "is_only_request": not is_asking,  # then the first way out is the green button of the page
    }
    return TemplateResponse(request, "walks/approvals_adjust.html", context, status=status)


def _propose_cover(form: AdjustForm, plan: Plan) -> fair_cover.CoverProposal | None:
    """Select the fairest free colleague in the form, unless somebody covers already."""
    if form.walk.cover_id is not None:
        return None
    free = [person for person in cover.colleagues_to_offer(plan, calendar=form.calendar) if cover.in_timetable(person)]
    today = local_date(form.school, form.now)
    last_covered = fair_cover.last_covered(free)
    proposal = fair_cover.propose(free, walker=plan.walker, last_covered=last_covered, today=today)
    if proposal is not None:
        form.initial["cover"] = proposal.person.pk
    return proposal


def _mark_periods(form: AdjustForm, ask: AskForm) -> None:
    """Say beside each period of both lists what the walker does then."""
    walk = form.walk
    day = (form.cleaned_data.get("date") if form.is_bound else None) or walk.date
    suggested_day = (ask.cleaned_data.get("suggested_date") if ask.is_bound else None) or walk.date
    for field, date in ((form.fields["period"], day), (ask.fields["suggested_period"], suggested_day)):
        is_known = form.availability.first <= date <= form.availability.last
        availability = form.availability if is_known else form.availability_on(date)
        marks = period_marks.marks_on(date, walk.walker, availability=availability, now=form.now, excluding=walk)
        field.marks = marks  # type: ignore[attr-defined]  # both are PeriodFields


@require_POST
def approve(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Approve a walk without changes, with or without cover."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    form = DecisionForm(request.POST, walk=walk, by=person, now=now)
    if _say_if_settled(request, walk):
        return redirect("walks:approvals")
    if not form.is_valid():
        adjusting = AdjustForm(_unchanged(walk), walk=walk, by=person, now=now)
        adjusting.add_error("cover", form.errors["cover"])
        return _adjust_page(request, adjusting, status=422)
    chosen_cover = form.cleaned_data["cover"]
    version = _shown_version(request)
    if _run_rule(request, approval.approve, walk, by=person, now=now, cover=chosen_cover, version=version):
        undo.say_approved(request, [walk])
    return redirect("walks:approvals")


def _unchanged(walk: Walk) -> QueryDict:
    """Return what the page of one request posts if the decider changes nothing."""
    data = QueryDict(mutable=True)
    data.update({"date": walk.date.isoformat(), "period": str(walk.period_id)})
    data.setlist("stop", [str(stop.room_id) for stop in walk.stops.all()])
    return data


@require_POST
def ask_change(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Ask the walker for a change."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    ask = AskForm(request.POST, walk=walk, by=person, now=now)
    approved = _changes_approved_walk(request, walk, now)
    if not approved and _say_if_settled(request, walk):
        return _back_to_the_list(request, walk)
    valid = ask.is_valid()
    if "check" in request.POST:  # only show what the walker does on that day
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), ask)
    if not valid or ask.has_new_warnings:
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), ask, status=422)
    try:
        with report_if_not_saved():
            rule = decision_changes.reconsider if approved else approval.ask_change
            asked = _run_rule(request, rule, walk, by=person, now=now, **ask.cleaned_data)
    except NotSavedError as error:
        ask.add_error("words", str(error))
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), ask, status=422)
    if not asked:
        return _back_to_the_list(request, walk)
    undo.say_asked(request, walk)
    return redirect("walks:approvals")


def _shown_version(request: SignedInRequest) -> int | None:
    """Return the `calendar_sequence` of the walk when the page was drawn."""
    return whole_number(request.POST.get("version", ""))


def _run_rule(request: SignedInRequest, rule: Any, walk: Walk, **values: Any) -> bool:
    """Run a rule. If it refuses, show its message and return False."""
    try:
        rule(walk, **values)
    except RuleError as error:
        messages.info(request, str(error))
        return False
    return True


def _say_if_settled(request: SignedInRequest, walk: Walk) -> bool:
    """Whether the walk is already decided, or has changed since the page was shown. If so, show a message."""
    if walk.state == State.DRAFT:
        messages.info(request, _("This request is no longer waiting."))
        return True
    if walk.state != State.REQUESTED:
        messages.info(request, history.who_was_first(walk, decider(request)))
        return True
    if _is_stale(request, walk):
        words = _("%(name)s changed this walk in the meantime. Have another look.")
        messages.info(request, words % {"name": walk.walker.given_name})
        return True
    return False


def _is_stale(request: SignedInRequest, walk: Walk) -> bool:
    """Whether the page showed an older version of the walk."""
    return request.POST.get("version", str(walk.calendar_sequence)) != str(walk.calendar_sequence)


def _back_to_the_list(request: SignedInRequest, walk: Walk) -> HttpResponse:
    """Redirect to the list; or show the decider's words that were not saved, so that they can copy them."""
    words = request.POST.get("words", "").strip()
    pressed_twice = words in walk.events.filter(actor=decider(request)).values_list("words", flat=True)
    if pressed_twice or not words:
        return redirect("walks:approvals")
    return TemplateResponse(request, "walks/approvals_settled.html", {"walk": walk, "words": words}, status=422)
