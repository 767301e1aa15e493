"""The list of a walker's own walks, the page of one walk, and its buttons, such as Cancel and Reply."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.calendar import Calendar, local_date
from school.errors import RuleError
from school.http import SignedInRequest
from school.models import Person, Semester
from school.people.addresses import tell_in_person
from school.save_errors import report_if_not_saved
from school.semester_gaps import gap_on
from school.text.typed import whole_numbers

from .. import permissions, status
from ..decisions import requests_to_decide
from ..forms.reply import ReplyForm
from ..models import State, Walk, WalkEvent
from ..planning import clashes
from ..planning.obstacles import find_obstacles
from ..status import Obstacle, Status
from ..workflow import approval, drafts, ending, history, suggestions, transitions

PAGE = 20
# What the walker does next, by the key of the status: words and address of the button in the list.
NEXT_ACTIONS = {
    "draft": (_lazy("Finish and send"), "walks:edit"),
    "passed": (_lazy("Pick another day"), "walks:edit"),
    "no_school": (_lazy("Pick another day"), "walks:edit"),
    "missed": (_lazy("Pick another time"), "walks:edit"),
    "changes_asked": (_lazy("Read and reply"), "walks:detail"),
    "walking": (_lazy("Back to my walk"), "observations:go"),
    "forgotten": (_lazy("Finish my walk"), "observations:go_done"),
    "today": (_lazy("Start walk"), "observations:go"),
    "takeaway": (_lazy("Add my takeaway"), "observations:takeaway"),
}
PRAISE = ("praise_due", "praise_late")
BUTTONS = ("take_back", "cancel", "reply", "accept", "log", "change_cover")


@dataclass(frozen=True)
class WalkCard:
    """A walk in the list. `key` is that of its status or "today"; `action` is empty if its walker has nothing to do."""

    walk: Walk
    status: Status
    key: str
    title: str
    is_current: bool  # in the semester that is running, or is next
    obstacle: Obstacle | None
    action: str
    action_url: str

    @property
    def solid_button(self) -> str:
        """The CSS class of its button if that is the page's solid one."""
        return "btn-praise" if self.key in PRAISE else "btn-primary"


@require_safe
def walk_list(request: SignedInRequest) -> HttpResponse:
    """Show the person's own walks by semester, the latest first."""
    me = request.user
    now = timezone.now()
    own = me.walks.with_route_without_walker()
    page = Paginator(own, PAGE).get_page(request.GET.get("page"))
    names = _decider_names(page)
    today = local_date(me.school, now)
    calendar = Calendar(me.school)
    obstacles = find_obstacles(page, calendar=calendar, now=now)
    semester = calendar.semester_on(today) or calendar.next_semester(today)
    cards = [_card(walk, now, semester=semester, decider_names=names, obstacle=obstacles.get(walk.pk)) for walk in page]
    gap = gap_on(calendar, today)
    earlier = [card for card in cards if card.walk.semester.ends_on < today]
    others = [card for card in cards if card not in earlier]
    has_none_yet = page.number == 1 and bool(semester) and not gap and not any(card.is_current for card in cards)
    context = {
        "page": page,
        "groups": [(found, list(its)) for found, its in groupby(others, key=lambda card: card.walk.semester)],
        "earlier": earlier,
        "folds_earlier": (bool(others) or has_none_yet) and not any(card.action for card in earlier),
        "due": _due_first(cards),
        "semester": semester,
        "has_none_yet": has_none_yet,
        "gap": gap,
    }
    return TemplateResponse(request, "walks/list.html", context)


def _card(
    walk: Walk, now: dt.datetime, *, semester: Semester | None, decider_names: str, obstacle: Obstacle | None
) -> WalkCard:
    with_names = status.with_deciders(status.of(walk, now), decider_names)
    shown = status.with_obstacle(with_names, obstacle)
    key = status.key_today(walk, shown, now)
    words, address = _next_action(walk, key)
    return WalkCard(
        walk,
        status=shown,
        key=key,
        title=status.title_of(walk),
        is_current=walk.semester == semester,
        obstacle=obstacle,
        action=words,
        action_url=reverse(address, args=[walk.pk]) if address else "",
    )


def _due_first(cards: list[WalkCard]) -> WalkCard | None:
    """Return the card with the most urgent step that is due now, if any. Its button is the page's solid one.

    As on Home, the earliest of equally urgent walks comes first.
    """
    due = [card for card in cards if card.key in status.DUE_NOW]
    return min(due, key=lambda card: (status.DUE_NOW.index(card.key), card.walk.starts_at), default=None)


def _next_action(walk: Walk, key: str) -> tuple[str, str]:
    """Return the words and the address of what the walker does next; both are empty if nothing is to do."""
    if key in PRAISE:
        name = status.stops_to_thank(walk)[0].host.short_name
        return _("Write to %(name)s") % {"name": name}, "observations:praise_next"
    words, address = NEXT_ACTIONS.get(key, ("", ""))
    return str(words), address


def _decider_names(walks: Iterable[Walk]) -> str:
    """Return the names of the deciders if one of the walks waits for a decision. All walks have the same walker."""
    waiting = next((walk for walk in walks if walk.state == State.REQUESTED), None)
    return permissions.decider_names(permissions.who_decides(waiting)) if waiting else ""


def _visible_walk(request: SignedInRequest, walk_id: int) -> Walk:
    """Return a walk that the person may see, else raise 404, as for a walk that does not exist."""
    walks = Walk.objects.visible_to(request.user).with_route().select_related("suggested_period", "covered_lesson")
    walk: Walk = get_object_or_404(walks, pk=walk_id)
    return walk


def _own_walk(request: SignedInRequest, walk_id: int) -> Walk:
    walk = _visible_walk(request, walk_id)
    if not permissions.is_walker(request.user, walk):
        raise PermissionDenied
    return walk


@require_safe
def detail(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Show one walk in any state, with the next action for the reader."""
    return _detail_page(request, _visible_walk(request, walk_id), ReplyForm())


def _detail_page(request: SignedInRequest, walk: Walk, form: ReplyForm, status_code: int = 200) -> HttpResponse:
    me = request.user
    now = timezone.now()
    heads = permissions.who_decides(walk)
    names = permissions.decider_names(heads)
    events = list(walk.events.select_related("actor"))
    is_own = permissions.is_walker(me, walk)
    may_decide = walk.state == State.REQUESTED and me in heads
    if not is_own:
        request.menu_entry = "approvals"
    question = _question_to_answer(walk, events) if is_own else None
    changes = clashes.changes_since_approval(walk, now=now)
    obstacle = clashes.obstacle_among(changes)
    with_names = status.with_deciders(status.of(walk, now), names, reader_decides=may_decide)
    with_canceller = status.with_canceller(with_names, events, me, now=now)
    context: dict[str, Any] = {
        "walk": walk,
        "status": status.with_obstacle(with_canceller, obstacle),
        "title": status.title_of(walk),
        "length": status.length_words(walk),
        "is_own": is_own,
        "unplanned": any(event.action == "log_unplanned" for event in events),
        "reads_focus": permissions.may_read_focus(me, walk),
        "may_decide": may_decide,
        "may_approve_at_once": may_decide and _has_no_clash(walk, me, now),
        "decider_names": names,
        "recipient_names": permissions.recipient_names(heads),
        "day_words": Calendar(me.school).day_words(walk.date),
        "is_today": walk.date == local_date(me.school, now),
        "stops_to_thank": status.stops_to_thank(walk),
        "changes": _changes_to_show(changes, is_own=is_own),
        "obstacle": obstacle,
        "cover_needed": obstacle is not None and obstacle.kind == "cover_needed",
        "suggestion": suggestions.of(walk, now=now) if is_own else None,
        "question": question,
        **history.said_or_changed(event for event in events if event != question),
        "change": history.latest_change(walk, events),
        "history": history.events_in_words(walk, events, me),
        "may": {name: transitions.may(me, name, walk) for name in BUTTONS},
        "may_correct": ending.may_correct_times(me, walk),
        "may_change": is_own and drafts.is_changeable(walk),
        "tell_in_person": tell_in_person(stop.host for stop in walk.stops.all()) if is_own else "",
        "form": form,
        "now": now,
    }
    return TemplateResponse(request, "walks/detail.html", context, status=status_code)


def _changes_to_show(changes: list[clashes.Clash], *, is_own: bool) -> list[clashes.Clash]:
    """Return what changed since the approval, without what the walker's next step says already."""
    said = ("no_school", "cover_needed") if is_own else ("no_school",)
    return [clash for clash in changes if clash.kind not in said]


def _has_no_clash(walk: Walk, decider: Person, now: dt.datetime) -> bool:
    calendar = Calendar(decider.school)
    listed = requests_to_decide.list_requests([walk], decider=decider, now=now, calendar=calendar, offers_cover=False)
    return bool(listed.clear)


def _question_to_answer(walk: Walk, events: list[WalkEvent]) -> WalkEvent | None:
    """Return the words with which a decider asked for a change, if the walker has not answered yet."""
    with_words = [event for event in events if event.words]
    is_open = walk.state == State.CHANGES_ASKED and with_words
    return with_words[-1] if is_open and with_words[-1].action in history.QUESTIONS else None


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Show who gets a mail, then cancel the walk. A draft is deleted, and nobody gets a mail."""
    me = request.user
    walk = _own_walk(request, walk_id)
    if not transitions.may(me, "cancel", walk):
        messages.warning(request, _("This walk has begun or is over, so there is nothing to cancel."))
        return redirect("walks:detail", walk.pk)
    if request.method != "POST":
        people = history.people_to_tell_of_cancelling(walk)
        context = {
            "walk": walk,
            "walk_title": status.title_of(walk),
            "email_sentence": history.people_to_tell_words(people),
        }
        return TemplateResponse(request, "walks/cancel.html", context)
    if walk.state == State.DRAFT:
        return _delete_draft(request, walk)
    return _run_rule(request, walk, lambda: approval.cancel(walk, by=me, now=timezone.now()), _("Cancelled."))


def _delete_draft(request: SignedInRequest, walk: Walk) -> HttpResponse:
    try:
        drafts.delete_draft(walk, by=request.user, now=timezone.now())
    except RuleError as error:
        messages.warning(request, str(error))
        return redirect("walks:detail", walk.pk)
    messages.success(request, _("Draft deleted."))
    return redirect("walks:list")


@require_POST
def take_back(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Make a request a draft again."""
    walk = _own_walk(request, walk_id)
    words = _("Your walk is a draft again, and only you can see it.")
    return _run_rule(request, walk, lambda: approval.take_back(walk, by=request.user, now=timezone.now()), words)


@require_POST
def accept(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Accept the time that the Head of Grade suggests."""
    walk = _own_walk(request, walk_id)
    words = _("Accepted. Your walk is approved for the new time.")
    dropped_room_ids = whole_numbers(request.POST.getlist("dropped_room"))
    return _run_rule(
        request,
        walk,
        lambda: drafts.accept_suggestion(walk, dropped_room_ids=dropped_room_ids, by=request.user, now=timezone.now()),
        words,
    )


@require_POST
def reply(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Answer the Head of Grade with words."""
    walk = _own_walk(request, walk_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _detail_page(request, walk, form, status_code=422)
    words = form.cleaned_data["words"]
    try:
        with report_if_not_saved():
            approval.reply(walk, words=words, by=request.user, now=timezone.now())
    except RuleError as error:
        form.add_error("words", str(error))
        # The walk may have changed, so the page reads it again.
        return _detail_page(request, _own_walk(request, walk_id), form, status_code=422)
    messages.success(request, _("Sent. Most replies come within a day."))
    return redirect("walks:detail", walk.pk)


def _run_rule(request: SignedInRequest, walk: Walk, rule: Callable[[], object], words: str) -> HttpResponse:
    """Run a rule on the walk. Show `words` if it succeeds, or the rule's message if it refuses."""
    try:
        rule()
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, words)
    return redirect("walks:detail", walk.pk)
