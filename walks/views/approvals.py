"""The pages on which deciders approve walks or ask for changes."""

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
FARTHEST_DAY = dt.timedelta(days=370)  # how far from today the grid can show a day


@require_safe
def approvals(request: SignedInRequest) -> HttpResponse:
    """The requests to decide, those that one click can approve, a grid of visitors, and approved walks with cover."""
    person = decider(request)
    now = timezone.now()
    walks = list(_open_requests(person))
    to_decide = [walk for walk in walks if walk.state == State.REQUESTED and walk.walker_id != person.pk]
    page = Paginator(to_decide, PAGE).get_page(request.GET.get("page"))
    request.waiting = page.paginator.count  # so that the badge needs no query of its own
    day = _day(request, now, person)
    calendar = Calendar(person.school)
    prefetch_related_objects(list(page), requests_to_decide.STOPS)
    colleagues = cover.colleagues(page, calendar=calendar)
    availability = requests_to_decide.availability_for(
        page, decider=person, now=now, calendar=calendar, colleagues=colleagues
    )
    requests = requests_to_decide.pending_requests(page, availability=availability, now=now, colleagues=colleagues)
    lapsed = 0  # the page shows this number only if there is no request to decide
    if not page.paginator.count:
        lapsed = Walk.objects.ever_addressed_to(person).lapsed_since(now - A_WEEK).count()
    context = {
        "page": page,
        "need": [pending for pending in requests if not pending.all_clear],
        "clear": [pending for pending in requests if pending.all_clear],
        "asked": [walk for walk in walks if walk.state == State.CHANGES_ASKED],
        "own": _own_requests(walks, person),
        "today": local_date(person.school, now),
        "lapsed": lapsed,
        "grid": _grid(request, requests, day, availability),
        "coming": Paginator(_walks_with_cover(person, calendar, now), PAGE).get_page(request.GET.get("coming")),
    }
    return TemplateResponse(request, "walks/approvals.html", context)


def _walks_with_cover(person: Person, calendar: Calendar, now: dt.datetime) -> list[dict[str, Any]]:
    """Return upcoming walks that need cover or have it. Those with something to do come first.

    `is_over`: a colleague covers, but the walker no longer has a lesson then.
    """
    approved = Walk.objects.addressed_to(person).upcoming(now)
    walks = list(approved.select_related("walker__grade", "period", "cover").order_by("starts_at"))
    states = cover_needed.states(walks, calendar=calendar, now=now)
    listed = [
        {"walk": walk, "reason": states[walk.pk].reason, "is_over": states[walk.pk].title is None}
        for walk in walks
        if walk.cover_id or states[walk.pk].reason
    ]
    return sorted(listed, key=lambda item: (not item["reason"], not item["is_over"]))


def _open_requests(person: Person) -> Any:
    """Return the requests that the person decides, and the person's own, the earliest walk first (one query)."""
    related = ("walker__school", "walker__grade", "period", "suggested_period")
    return Walk.objects.pending_for(person).with_reply().select_related(*related).order_by("starts_at")


def _own_requests(walks: list[Walk], person: Person) -> dict[str, Any]:
    """Return the person's own requests, and the names of the people who decide on them."""
    own = [walk for walk in walks if walk.walker_id == person.pk]
    deciders = permissions.who_decides(own[0]) if own else []
    return {"walks": own, "deciders": [decider.full_name for decider in deciders]}


def _day(request: SignedInRequest, now: dt.datetime, person: Person) -> dt.date | None:
    try:
        day = parse_date(request.GET.get("day", ""))
    except ValueError:
        return None
    if day is None or abs(day - local_date(person.school, now)) >= FARTHEST_DAY:
        return None
    return day


def _grid(
    request: SignedInRequest,
    requests: list[requests_to_decide.PendingRequest],
    day: dt.date | None,
    availability: Availability,
) -> requests_to_decide.VisitorGrid | None:
    """Return the visitors to the rooms of one request: the one in the address, else the first on that day.

    Deciders may not see the visitors to other rooms or on other days.
    """
    ordered = sorted(requests, key=lambda pending: pending.all_clear)
    on_day = [pending for pending in ordered if day is None or pending.walk.date == day]
    wanted = [pending for pending in on_day if str(pending.walk.pk) == request.GET.get("walk")]
    chosen = next(iter(wanted or on_day), None)
    if chosen is None:
        return None
    return requests_to_decide.visitors_on(chosen.walk.date, request=chosen, availability=availability)


@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """One request: change its time, rooms or cover and approve it, or ask for a change."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    if _is_settled(request, walk):
        return _back_to_the_list(request, walk)
    if request.method != "POST":
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), None)
    form = AdjustForm(request.POST, walk=walk, by=person, now=now)
    valid = form.is_valid()
    if "check" in request.POST:  # show the clashes of the new time without approving
        return _adjust_page(request, form, None)
    if not valid:
        return _adjust_page(request, form, None, status=422)
    return _adjust_and_approve(request, form)


def _adjust_and_approve(request: SignedInRequest, form: AdjustForm) -> HttpResponse:
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
    findings = requests_to_decide.findings_about_plan(plan, availability=availability, now=form.now)
    choose_from(form, "cover", cover.offered(plan, calendar=form.calendar))
    context = {
        "walk": form.walk,
        "form": form,
        "ask": ask or AskForm(walk=form.walk, by=form.by, now=form.now),
        "plan": plan,
        "talk": [event for event in form.walk.events.select_related("actor") if event.words],
        "findings": [finding for finding in findings if finding.kind != requests_to_decide.TEACHING],
        "cover": next((finding for finding in findings if finding.kind == requests_to_decide.TEACHING), None),
        "shows_focus": permissions.may_read_focus(form.by, form.walk),
        "replies": [reply.words for reply in CHANGE_REPLIES],
        "checks": APPROVAL_CHECKS,
    }
    return TemplateResponse(request, "walks/approvals_adjust.html", context, status=status)


@require_POST
def approve(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Approve a walk without changes, with or without cover."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    form = DecisionForm(request.POST, walk=walk, by=person, now=now)
    if _is_settled(request, walk):
        return redirect("walks:approvals")
    if not form.is_valid():
        messages.warning(request, str(form.errors["cover"][0]))
        return _adjust_page(request, AdjustForm(walk=walk, by=person, now=now), None, status=422)
    chosen_cover = form.cleaned_data["cover"]
    version = _version(request)
    if _try(request, approval.approve, walk, by=person, now=now, cover=chosen_cover, version=version):
        messages.success(request, _("Approved. %(name)s knows.") % {"name": walk.walker.given_name})
    return redirect("walks:approvals")


@require_POST
def ask_change(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Ask the walker for a change."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    ask = AskForm(request.POST, walk=walk, by=person, now=now)
    if _is_settled(request, walk):
        return _back_to_the_list(request, walk)
    if not ask.is_valid() or ask.has_new_warnings:
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
    """Approve those walks that the page showed as all clear and that are still all clear."""
    person = decider(request)
    now = timezone.now()
    shown = _shown_versions(request)
    found = Walk.objects.decidable_by(person).waiting().with_reply().filter(pk__in=shown)
    found = found.prefetch_related(requests_to_decide.STOPS)
    found = found.select_related("walker__school", "walker__grade", "period")
    walks = [walk for walk in found if walk.calendar_sequence == shown[walk.pk]]
    availability = requests_to_decide.availability_for(walks, decider=person, now=now, calendar=Calendar(person.school))
    requests = requests_to_decide.pending_requests(walks, availability=availability, now=now)
    clear = [pending.walk for pending in requests if pending.all_clear]
    done, refused = approval.approve_all(clear, by=person, now=now)
    if done:
        messages.success(request, ngettext("One walk approved.", "%(n)s walks approved.", done) % {"n": done})
    for words in refused:
        messages.info(request, words)
    if len(clear) < len(shown):
        messages.info(request, _("Something changed since you opened the page. The rest is below."))
    return redirect("walks:approvals")


def _shown_versions(request: SignedInRequest) -> dict[int, int]:
    """Return the versions of the walks that the page showed, by walk id; the form posts "<walk>:<version>"."""
    pairs = [text.split(":", 1) for text in request.POST.getlist("walk")[:PAGE] if ":" in text]
    numbers = [(whole_number(walk), whole_number(version)) for walk, version in pairs]
    return {walk: version for walk, version in numbers if walk is not None and version is not None}


def _version(request: SignedInRequest) -> int | None:
    """Return the version of the walk that the page showed (its `calendar_sequence`)."""
    return whole_number(request.POST.get("version", ""))


def _try(request: SignedInRequest, rule: Any, walk: Walk, **values: Any) -> bool:
    """Run a rule. If it refuses, show its message and return False."""
    try:
        rule(walk, **values)
    except RuleError as error:
        messages.info(request, str(error))
        return False
    return True


def decider(request: SignedInRequest) -> Person:
    """Return the signed-in person if they can be a decider: a Head of Grade or an administrator. Others get 404."""
    person = request.user
    if not (person.is_head or person.is_administrator):
        raise Http404
    return person


def request_for(request: SignedInRequest, walk_id: int) -> Walk:
    """Return a walk that was addressed to this decider, in any state; 404 for others, 403 for their own."""
    person = decider(request)
    found = Walk.objects.visible_to(person).of(person) | Walk.objects.ever_addressed_to(person)
    walk = get_object_or_404(found.select_related("walker__school", "walker__grade", "period"), pk=walk_id)
    if walk.walker_id == person.pk:
        raise PermissionDenied
    return walk


def _is_settled(request: SignedInRequest, walk: Walk) -> bool:
    """Whether the walk is already decided, or has changed since the page was shown. Shows a message that says so."""
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
    """Redirect to the list. If the decider typed words that were not saved, show them on a page to copy instead."""
    words = request.POST.get("words", "").strip()
    pressed_twice = words in walk.events.filter(actor=decider(request)).values_list("words", flat=True)
    if pressed_twice or not words:
        return redirect("walks:approvals")
    return TemplateResponse(request, "walks/approvals_settled.html", {"walk": walk, "words": words}, status=422)
