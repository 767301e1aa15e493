"""Walks to approve: decide fast, with clashes, cover and visitors in sight."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.calendar import Calendar, local_date
from school.errors import RuleError
from school.forms.fields import choose_from
from school.http import SignedInRequest
from school.models import Person
from school.save_errors import NotSavedError, report_if_not_saved
from school.text.typed import whole_number

from .. import permissions
from ..availability.availability import Availability
from ..content import APPROVAL_CHECKS, CHANGE_REPLIES
from ..errors import AlreadyDecidedError
from ..forms.approvals import AdjustForm, AskForm, DecisionForm
from ..models import State, Walk
from ..planning import cover, cover_needed, requests_to_decide
from ..workflow import approval, drafts, history

PAGE = 20
A_WEEK = dt.timedelta(days=7)
FARTHEST = dt.timedelta(days=370)  # the grid shows days of about a year


@require_safe
def approvals(request: SignedInRequest) -> HttpResponse:
    """Requests that reached this person: what needs a decision, what is all clear, who comes to which room."""
    person = decider(request)
    now = timezone.now()
    walks = list(_waiting(person))
    page = Paginator([w for w in walks if w.state == State.REQUESTED and w.walker_id != person.pk], PAGE).get_page(
        request.GET.get("page")
    )
    request.waiting = page.paginator.count  # the badge
    day = _day(request, now, person)
    calendar = Calendar(person.school)
    prefetch_related_objects(list(page), requests_to_decide.STOPS)
    colleagues = cover.colleagues(page, calendar=calendar)
    availability = requests_to_decide.availability_for(
        page, to=person, now=now, calendar=calendar, colleagues=colleagues
    )
    requests = requests_to_decide.look_at(page, availability=availability, now=now, colleagues=colleagues)
    context = {
        "page": page,
        "need": [r for r in requests if not r.all_clear],
        "clear": [r for r in requests if r.all_clear],
        "asked": [w for w in walks if w.state == State.CHANGES_ASKED],
        "own": _own(walks, person),
        "today": local_date(person.school, now),
        "lapsed": 0 if page.paginator.count else Walk.objects.once_reaching(person).lapsed_since(now - A_WEEK).count(),
        "grid": _grid(request, requests, day, availability),
        "coming": Paginator(_with_cover(person, calendar, now), PAGE).get_page(request.GET.get("coming")),
    }
    return TemplateResponse(request, "walks/approvals.html", context)


def _with_cover(person: Person, calendar: Calendar, now: dt.datetime) -> list[dict[str, Any]]:
    """Agreed walks ahead that need cover, with why, or have it: first those that somebody has to look at."""
    agreed = Walk.objects.reaching(person).coming(now)
    walks = list(agreed.select_related("walker__grade", "period", "cover").order_by("starts_at"))
    states = cover_needed.states(walks, calendar=calendar, now=now)
    listed = [
        {"walk": walk, "reason": states[walk.pk].reason, "is_over": states[walk.pk].title is None}
        for walk in walks
        if walk.cover_id or states[walk.pk].reason
    ]
    return sorted(listed, key=lambda item: (not item["reason"], not item["is_over"]))


def _waiting(person: Person) -> Any:
    """Every request that reached the person, and the person's own, soonest first (one query)."""
    related = ("walker__school", "walker__grade", "period", "suggested_period")
    return Walk.objects.awaited(person).with_reply().select_related(*related).order_by("starts_at")


def _own(walks: list[Walk], person: Person) -> dict[str, Any]:
    """The person's own requests, and who decides them: somebody else."""
    mine = [walk for walk in walks if walk.walker_id == person.pk]
    return {"walks": mine, "deciders": [p.full_name for p in permissions.who_decides(mine[0])] if mine else []}


def _day(request: SignedInRequest, now: dt.datetime, person: Person) -> dt.date | None:
    try:
        day = parse_date(request.GET.get("day", ""))
    except ValueError:
        return None
    return day if day and abs(day - local_date(person.school, now)) < FARTHEST else None


def _grid(
    request: SignedInRequest,
    requests: list[requests_to_decide.PendingRequest],
    day: dt.date | None,
    availability: Availability,
) -> requests_to_decide.VisitorGrid | None:
    """Who comes to the rooms of one request: of the day that was asked for, else the first that needs a decision.

    Other rooms and days are not this person's to know.
    """
    ordered = sorted(requests, key=lambda r: r.all_clear)
    on_day = [r for r in ordered if day is None or r.walk.date == day]
    wanted = [r for r in on_day if str(r.walk.pk) == request.GET.get("walk")]
    chosen = next(iter(wanted or on_day), None)
    return (
        requests_to_decide.visitors_on(chosen.walk.date, request=chosen, availability=availability) if chosen else None
    )


@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """One request: change its time, rooms or cover and agree to it, or ask for a change."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    if _is_settled(request, walk):
        return _back_to_the_list(request, walk)
    if request.method != "POST":
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), None)
    form = AdjustForm(request.POST, walk=walk, by=person, now=now)
    valid = form.is_valid()
    if "check" in request.POST:  # only look at what would clash
        return _adjust_page(request, form, None)
    if not valid:
        return _adjust_page(request, form, None, status=422)
    return _agree(request, form)


def _agree(request: SignedInRequest, form: AdjustForm) -> HttpResponse:
    try:
        with report_if_not_saved():
            drafts.adjust_and_approve(
                form.plan(),
                version=_version(request),
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
        return _adjust_page(request, form, None, status=422)
    messages.success(request, _("Approved. %(name)s knows.") % {"name": form.walk.walker.given_name})
    return redirect("walks:approvals")


def _adjust_page(request: SignedInRequest, form: AdjustForm, ask: AskForm | None, *, status: int = 200) -> HttpResponse:
    plan = form.plan()
    availability = form.availability
    findings = requests_to_decide.look_at_plan(plan, availability=availability, now=form.now)
    choose_from(form, "cover", cover.offered(plan, calendar=form.calendar))
    context = {
        "walk": form.walk,
        "form": form,
        "ask": ask or AskForm(walk=form.walk, by=form.by, now=form.now),
        "plan": plan,
        "talk": [event for event in form.walk.events.select_related("actor") if event.words],
        "findings": [f for f in findings if f.kind != requests_to_decide.COVER],
        "cover": next((f for f in findings if f.kind == requests_to_decide.COVER), None),
        "shows_focus": permissions.may_read_focus(form.by, form.walk),
        "replies": [reply.words for reply in CHANGE_REPLIES],
        "checks": APPROVAL_CHECKS,
    }
    return TemplateResponse(request, "walks/approvals_adjust.html", context, status=status)


@require_POST
def approve(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Agree to a walk as it is, perhaps with cover."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    form = DecisionForm(request.POST, walk=walk, by=person, now=now)
    if _is_settled(request, walk):
        return redirect("walks:approvals")
    if not form.is_valid():
        adjusting = AdjustForm(walk=walk, by=person, now=now)
        messages.warning(request, str(form.errors["cover"][0]))
        return _adjust_page(request, adjusting, None, status=422)
    who = form.cleaned_data["cover"]
    version = _version(request)
    done = _try(request, approval.approve, walk, by=person, now=now, cover=who, version=version)
    if done:
        messages.success(request, _("Approved. %(name)s knows.") % {"name": walk.walker.given_name})
    return redirect("walks:approvals")


@require_POST
def ask_change(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Ask for a change with words, and perhaps another time."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    ask = AskForm(request.POST, walk=walk, by=person, now=now)
    if _is_settled(request, walk):
        return _back_to_the_list(request, walk)
    if not ask.is_valid() or ask.has_news:
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), ask, status=422)
    try:
        with report_if_not_saved():
            asked = _try(request, approval.ask_change, walk, by=person, now=now, **ask.cleaned_data)
    except NotSavedError as error:
        ask.add_error("words", str(error))
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), ask, status=422)
    if not asked:
        return _back_to_the_list(request, walk)
    messages.success(request, _("Sent to %(name)s.") % {"name": walk.walker.given_name})
    return redirect("walks:approvals")


@require_POST
def approve_all(request: SignedInRequest) -> HttpResponse:
    """Approve the walks that the page showed as all clear, as far as they still are."""
    person = decider(request)
    now = timezone.now()
    shown = _shown(request)
    found = Walk.objects.decidable_by(person).waiting().with_reply().filter(pk__in=shown)
    found = found.prefetch_related(requests_to_decide.STOPS)
    found = found.select_related("walker__school", "walker__grade", "period")
    walks = [walk for walk in found if walk.calendar_sequence == shown[walk.pk]]
    availability = requests_to_decide.availability_for(walks, to=person, now=now, calendar=Calendar(person.school))
    requests = requests_to_decide.look_at(walks, availability=availability, now=now)
    done, refused = approval.approve_all([r.walk for r in requests if r.all_clear], by=person, now=now)
    if done:
        messages.success(request, ngettext("One walk approved.", "%(n)s walks approved.", done) % {"n": done})
    for words in refused:
        messages.info(request, words)
    if len(walks) < len(shown) or not all(r.all_clear for r in requests):
        messages.info(request, _("Something changed since you opened the page. The rest is below."))
    return redirect("walks:approvals")


def _shown(request: SignedInRequest) -> dict[int, int]:
    """The walks that were on the page, each with the version that was shown ("<walk>:<version>")."""
    pairs = [text.split(":", 1) for text in request.POST.getlist("walk")[:PAGE] if ":" in text]
    numbers = [(whole_number(walk), whole_number(version)) for walk, version in pairs]
    return {walk: version for walk, version in numbers if walk is not None and version is not None}


def _version(request: SignedInRequest) -> int | None:
    """Which version of the walk the page showed."""
    return whole_number(request.POST.get("version", ""))


def _try(request: SignedInRequest, rule: Any, walk: Walk, **values: Any) -> bool:
    """Run a rule; show a message if another person was first."""
    try:
        rule(walk, **values)
    except RuleError as error:
        messages.info(request, str(error))
        return False
    return True


def decider(request: SignedInRequest) -> Person:
    """Only for Heads of Grade and administrators; everyone else gets 404."""
    person = request.user
    if not (person.is_head or person.is_administrator):
        raise Http404
    return person


def request_for(request: SignedInRequest, walk_id: int) -> Walk:
    """Return a request that reached the person, in any state, or raise 404. One's own requests are excluded."""
    person = decider(request)
    found = Walk.objects.visible_to(person).of(person) | Walk.objects.once_reaching(person)
    walk = get_object_or_404(found.select_related("walker__school", "walker__grade", "period"), pk=walk_id)
    if walk.walker_id == person.pk:
        raise PermissionDenied
    return walk


def _is_settled(request: SignedInRequest, walk: Walk) -> bool:
    """Whether there is nothing to decide any more, or not on what was shown; says why."""
    if walk.state == State.DRAFT:
        messages.info(request, _("This request is no longer waiting."))
        return True
    if walk.state != State.REQUESTED:
        messages.info(request, history.who_was_first(walk))
        return True
    seen = request.POST.get("version", str(walk.calendar_sequence))
    if seen != str(walk.calendar_sequence):
        words = _("%(name)s changed this walk in the meantime. Have another look.")
        messages.info(request, words % {"name": walk.walker.given_name})
        return True
    return False


def _back_to_the_list(request: SignedInRequest, walk: Walk) -> HttpResponse:
    """Redirect with a message that says why nothing was decided; typed text stays on a page, to copy."""
    words = request.POST.get("words", "").strip()
    pressed_twice = words in walk.events.filter(actor=decider(request)).values_list("words", flat=True)
    if pressed_twice or not words:
        return redirect("walks:approvals")
    return TemplateResponse(request, "walks/approvals_settled.html", {"walk": walk, "words": words}, status=422)
