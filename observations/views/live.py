"""The pages used on a phone during a walk: go to a room, enter, leave, skip or add one, and finish the walk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.calendar import Calendar, local_date
from school.errors import NotAllowedError, RuleError
from school.http import SignedInRequest, View
from school.models import Room
from school.text.typed import whole_number
from walks.activity import ended_at
from walks.models import State, Walk
from walks.status import is_forgotten, is_missed, rooms_and_minutes, stops_to_thank
from walks.workflow import ending, walking

from ..forms.room import save_room_form
from ..forms.room_choices import by_hallway
from ..models import Note
from ..permissions import FINISHED
from .live_head import is_ahead, is_open, live_head
from .room_page import own_room, own_walk, room_page


def sent_from(page: str) -> Callable[[View], View]:
    """Accept POST only, and redirect a GET to the page with the form.

    A browser sends such a GET if the person had to sign in again after pressing the button.
    """

    def decorate(view: View) -> View:
        post_view: View = sensitive_post_parameters()(require_POST(view))

        @wraps(view)
        def wrapped(request: SignedInRequest, walk_id: int, **ids: int) -> HttpResponseBase:
            if request.method in ("GET", "HEAD"):
                stop_ids = ids.values() if page == "observations:room" else ()
                return redirect(page, walk_id, *stop_ids)
            return post_view(request, walk_id, **ids)

        return wrapped

    return decorate


@require_safe
def next_room(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Show the next room and who teaches there. `?to=` chooses another room.

    Redirect to the room that the walker is in, or to the last page if no room is left.
    """
    walk = own_walk(request, walk_id)
    now = timezone.now()
    if walk.state in FINISHED:
        return redirect("observations:go_done", walk.pk)
    if is_forgotten(walk, now) and "to" not in request.GET:
        return redirect("observations:go_done", walk.pk)
    try:
        walking.refuse_start(walk, by=request.user, now=now)
    except RuleError as error:
        return _not_now(request, walk, str(error))
    stops = walk.room_stops
    current = next((stop for stop in stops if is_open(stop)), None)
    if current is not None and "to" not in request.GET:
        return redirect("observations:room", walk.pk, current.pk)
    ahead = [stop for stop in stops if is_ahead(stop)]
    if not ahead:
        return redirect("observations:go_done", walk.pk)
    here = next((stop for stop in ahead if str(stop.pk) == request.GET.get("to")), ahead[0])
    context = {
        "other_rooms": [stop for stop in ahead if stop != here],
        "skipped_rooms": [stop for stop in stops if stop.skipped_at is not None],
        **live_head(walk, here=here, now=now),
    }
    return TemplateResponse(request, "observations/live/next_room.html", context)


def _not_now(request: SignedInRequest, walk: Walk, words: str) -> HttpResponse:
    """Show that the walk cannot start, because it is on another day or not approved yet."""
    if walk.is_live:
        messages.info(request, words)
        return redirect("observations:go_done", walk.pk)
    context = {"walk": walk, "words": words, "is_missed": is_missed(walk, timezone.now())}
    return TemplateResponse(request, "observations/live/not_now.html", context)


@sent_from("observations:go")
def arrive(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Start the clock of the room ("I'm in")."""
    stop = own_room(request, walk_id, stop_id)
    try:
        walking.arrive(stop, by=request.user, now=timezone.now())
    except RuleError as error:
        return _show_refusal(request, error, walk_id)
    return redirect("observations:room", walk_id, stop_id)


@sent_from("observations:room")
def leave(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Save the form, stop the clock and go to the next room ("Done here"). Unsaved text stays in the form."""
    stop = own_room(request, walk_id, stop_id)
    form = save_room_form(request, stop, now=timezone.now())
    if form.errors:
        return room_page(request, stop, form, status=422)
    try:
        walking.leave(stop, by=request.user, now=timezone.now())
    except RuleError as error:
        return _show_refusal(request, error, walk_id)
    return redirect("observations:go", walk_id)


@sent_from("observations:go")
def skip(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Save the form and go to the next room without a visit ("A bad moment")."""
    stop = own_room(request, walk_id, stop_id)
    if "text" in request.POST:
        form = save_room_form(request, stop, now=timezone.now())
        if form.errors:
            return room_page(request, stop, form, status=422)
    try:
        walking.skip(stop, by=request.user, now=timezone.now())
    except RuleError as error:
        return _show_refusal(request, error, walk_id)
    undo = reverse("observations:unskip", args=[walk_id, stop_id])
    messages.success(request, _("Room %(room)s skipped.") % {"room": stop.room.code}, extra_tags=f"undo:{undo}")
    return redirect("observations:go", walk_id)


@sent_from("observations:go")
def unskip(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Put a skipped room back on the route, and show it as the next room."""
    stop = own_room(request, walk_id, stop_id)
    try:
        walking.unskip(stop, by=request.user, now=timezone.now())
    except RuleError as error:
        return _show_refusal(request, error, walk_id)
    return redirect(f"{reverse('observations:go', args=[walk_id])}?to={stop_id}")


def _show_refusal(request: SignedInRequest, error: RuleError, walk_id: int) -> HttpResponse:
    """Show the rule's message on the page that the walker should see now."""
    if isinstance(error, NotAllowedError):
        raise error
    messages.info(request, str(error))
    return redirect("observations:go", walk_id)


@require_http_methods(["GET", "HEAD", "POST"])
def add_room(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """List the lessons that take place now, and add one to the route."""
    walk = own_walk(request, walk_id)
    now = timezone.now()
    if not walk.is_live:
        return redirect("observations:go", walk.pk)
    if request.method == "POST":
        return _add_chosen_room(request, walk)
    query = request.GET.get("q", "").strip()
    calendar = Calendar(request.user.school)
    period = walking.period_at(walk, now, calendar=calendar)
    lessons = walking.lessons_now(walk, now=now, words=query)
    context = {
        "hallways": by_hallway(lessons, unfolded_hallway=None if query else walking.current_hallway(walk)),
        "query": query,
        "period": period,
        "times": calendar.times(local_date(calendar.school, now), period),
        **live_head(walk, here=None, now=now),
    }
    return TemplateResponse(request, "observations/live/rooms.html", context)


def _add_chosen_room(request: SignedInRequest, walk: Walk) -> HttpResponse:
    room_id = whole_number(request.POST.get("room", ""))
    rooms = Room.objects.visible_to(request.user).select_related("school")
    room = get_object_or_404(rooms, pk=room_id)
    try:
        stop = walking.add_room(walk, room=room, by=request.user, now=timezone.now())
    except RuleError as error:
        messages.info(request, str(error))
        return redirect("observations:add_room", walk.pk)
    return redirect(f"{reverse('observations:go', args=[walk.pk])}?to={stop.pk}")


@require_safe
def done(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Show the end of the walk ("Five rooms, 24 minutes"). Until it is finished, skipped rooms can be put back."""
    walk = own_walk(request, walk_id)
    now = timezone.now()
    if walk.state not in (State.APPROVED, *FINISHED):
        return redirect("observations:go", walk.pk)
    stops = walk.room_stops_as_walked
    visited = [stop for stop in stops if stop.visited]
    assumed_end = ended_at(walk, now=now) if is_forgotten(walk, now) else None
    end = walk.finished_at or assumed_end or now
    context: dict[str, Any] = {
        "visited": visited,
        "stops_with_notes": _stops_with_notes(request, walk),
        "skipped": [stop for stop in stops if stop.skipped_at is not None],
        "ahead": [stop for stop in stops if is_ahead(stop)],
        "heading": rooms_and_minutes(len(visited), walk.minutes_until(end)),
        "is_finished": walk.state in FINISHED,
        "assumed_end": assumed_end,
        "may_go_on": walk.state == State.APPROVED and not walking.began_on_another_day(walk, now=now),
        "may_correct_times": ending.may_correct_times(request.user, walk),
        "stops_to_thank": stops_to_thank(walk) if walk.state in FINISHED else [],
        **live_head(walk, here=None, now=now),
    }
    return TemplateResponse(request, "observations/live/done.html", context)


def _stops_with_notes(request: SignedInRequest, walk: Walk) -> set[int]:
    """Return the ids of the stops about which the walker wrote a note."""
    notes = Note.objects.visible_to(request.user).filter(stop__walk=walk)
    return set(notes.order_by().values_list("stop_id", flat=True))


@sent_from("observations:go_done")
def finish(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Finish the walk. The 24 hours for praise begin. A second press changes nothing."""
    walk = own_walk(request, walk_id)
    try:
        walking.finish(walk, by=request.user, now=timezone.now())
    except RuleError as error:
        if isinstance(error, NotAllowedError):
            raise
        walk.refresh_from_db()
        if walk.state not in FINISHED:
            messages.info(request, str(error))
    return redirect("observations:go_done", walk_id)
