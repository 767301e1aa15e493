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
from ..decisions import approval_checks, fair_cover, plan_changes, requests_to_decide, suggested_replies, visitor_grid
from ..errors import AlreadyDecidedError
from ..forms.approvals import AdjustForm, AskForm, DecisionForm
from ..models import State, Walk
from ..planning import cover, period_marks
from ..planning.plan import Plan
from ..workflow import approval, decision_changes, drafts, history, transitions
from . import undo
from .approvals import decider, request_for

# What htmx swaps after each change, besides #findings
SWAPPED = ("#when", "#id_period", "#clashes", "#visitors", "#changes", "#decide")
SENTENCES_SHOWN = 3  # of those with which a Head can ask for a change; the others are folded


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
    if request.method != "POST" and "ask" in request.GET:
        return _ask_page(request, AskForm(walk=walk, by=person, now=now))
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
    plan = form.plan()
    if approved and not (plan_changes.PlanChanges(form.before, plan, approved=True) or _changes_cover_or_words(form)):
        messages.info(request, _("Nothing was changed, so nobody gets an e-mail."))
        return redirect("walks:coming")
    try:
        with report_if_not_saved():
            walk = rule(
                plan,
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
        words = _("Changed. We e-mail %(name)s and everyone else who is involved.")
        messages.success(request, words % {"name": walk.walker.short_name})
        return redirect("walks:coming")
    undo.say_approved(request, [walk], earlier={walk.pk: earlier})
    return redirect("walks:approvals")


def _adjust_page(request: SignedInRequest, form: AdjustForm, *, status: int = 200) -> HttpResponse:
    plan = form.plan()
    availability = form.availability
    context = _context(form, plan)
    ways = requests_to_decide.ways_out_of_plan(plan, availability=availability, now=form.now)
    _mark_periods(form.fields["period"], plan.date, form)
    offer_rows(form, "cover", cover.colleagues_to_offer(plan, calendar=form.calendar))
    rooms = list(form.rooms(context["findings"]))
    approved = context["approved"]
    changes = plan_changes.PlanChanges(form.before, plan, approved=approved)
    proposed_cover = _propose_cover(form, plan) if context["cover_finding"] and not form.is_bound else None
    context |= {
        "form": form,
        "proposed_cover": proposed_cover,
        "has_cover": bool(form.cleaned_data.get("cover") if form.is_bound else form.initial["cover"]),
        "rooms": rooms,
        "also_swapped": ",".join([*SWAPPED, *(f"#host-{room['stop'].room.pk}" for room in rooms)]),
        "ways_out": ways,
        "changes": changes,
        "is_main_button": not context["findings"],
    }
    return TemplateResponse(request, "walks/approvals_adjust.html", context, status=status)


def _changes_cover_or_words(form: AdjustForm) -> bool:
    return form.is_bound and not {"cover", "words"}.isdisjoint(form.changed_data)


def _ask_page(request: SignedInRequest, ask: AskForm, *, status: int = 200) -> HttpResponse:
    form = DecisionForm(walk=ask.walk, by=request.user, now=ask.now)
    plan = form.plan()
    offer = requests_to_decide.offered_time(plan, availability=form.availability, now=form.now)
    if offer is not None:
        ask.initial.update(suggested_date=offer.date, suggested_period=offer.period)
    suggested_date = ask.cleaned_data.get("suggested_date") if ask.is_bound else ask.initial.get("suggested_date")
    _mark_periods(ask.fields["suggested_period"], suggested_date or ask.walk.date, form)
    context = _context(form, plan)
    replies = suggested_replies.replies_to(context["all_findings"], plan=plan, offer=offer)
    context |= {"ask": ask, "replies": replies[:SENTENCES_SHOWN], "more_replies": replies[SENTENCES_SHOWN:]}
    return TemplateResponse(request, "walks/approvals_ask.html", context, status=status)


def _context(form: DecisionForm, plan: Plan) -> dict[str, Any]:
    """Return what both pages about a walk show: the walk, what was written about it, its clashes and visitors."""
    walk = form.walk
    shows_focus = permissions.may_read_focus(form.by, walk)
    findings = requests_to_decide.findings_about_plan(plan, availability=form.availability, now=form.now)
    return {
        "walk": walk,
        "approved": walk.state == State.APPROVED,
        "shows_focus": shows_focus,
        **history.said_or_changed(walk.events.select_related("actor")),
        "plan": plan,
        "times": plan.times(calendar=form.calendar),
        "all_findings": findings,
        "findings": [finding for finding in findings if finding.kind != requests_to_decide.TEACHING],
        "cover_finding": next((finding for finding in findings if finding.kind == requests_to_decide.TEACHING), None),
        "warnings": approval_checks.warnings_about(plan, reads_focus=shows_focus),
        "visitor_grid": visitor_grid.visitors_to_rooms_of(plan, availability=form.availability),
    }


def _propose_cover(form: AdjustForm, plan: Plan) -> fair_cover.CoverProposal | None:
    """Select the fairest free colleague in the form, unless a colleague covers already."""
    if form.walk.cover_id is not None:
        return None
    free = [person for person in cover.colleagues_to_offer(plan, calendar=form.calendar) if cover.in_timetable(person)]
    today = local_date(form.school, form.now)
    last_covered = fair_cover.last_covered(free)
    proposal = fair_cover.propose(free, walker=plan.walker, last_covered=last_covered, today=today)
    if proposal is not None:
        form.initial["cover"] = proposal.person.pk
    return proposal


def _mark_periods(field: Any, date: dt.date | None, form: DecisionForm) -> None:
    """Say beside each period of the field (a PeriodField) what the walker does then on that day."""
    walk = form.walk
    day = date or walk.date
    is_known = form.availability.first <= day <= form.availability.last
    availability = form.availability if is_known else form.availability_on(day)
    field.marks = period_marks.marks_on(day, walk.walker, availability=availability, now=form.now, excluding=walk)


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
    data.setlist("stop", [str(stop.room_id) for stop in walk.room_stops])
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
        return _ask_page(request, ask)
    if not valid or ask.has_new_warnings:
        return _ask_page(request, ask, status=422)
    try:
        with report_if_not_saved():
            rule = decision_changes.reconsider if approved else approval.ask_change
            asked = _run_rule(request, rule, walk, by=person, now=now, **ask.cleaned_data)
    except NotSavedError as error:
        ask.add_error("words", str(error))
        return _ask_page(request, ask, status=422)
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
        messages.info(request, words % {"name": walk.walker.short_name})
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
