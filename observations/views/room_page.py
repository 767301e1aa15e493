"""The page of one room: while the walker is in it, and for editing afterwards."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from school.http import SignedInRequest
from walks.models import Stop, Walk

from ..content import CORE_PROMPTS, NOTE_STARTERS
from ..forms.notes import NoteForm
from ..forms.photos import DESCRIPTION
from ..forms.room import own_photos
from ..models import Note, Photo
from ..words import notes
from .live_head import live_head


def own_walk(request: SignedInRequest, walk_id: int) -> Walk:
    """Return the person's own walk with its rooms. Everyone else gets 404."""
    return get_object_or_404(request.user.walks.with_route_without_walker(), pk=walk_id)


def own_stop(request: SignedInRequest, walk_id: int, stop_id: int) -> Stop:
    """Return a stop of the person's own walk. Everyone else gets 404."""
    stops = Stop.objects.visible_to(request.user).filter(walk=walk_id)
    related = stops.select_related("walk__walker__school", "walk__semester", "walk__period", "room", "host__grade")
    return get_object_or_404(related, pk=stop_id)


def _photos_as_typed(request: SignedInRequest, stop: Stop) -> list[Photo]:
    """Return the walker's photos of the room. Descriptions that were typed but not saved replace the stored ones."""
    found = list(own_photos(request, stop))
    for photo in found:
        photo.description = request.POST.get(f"{DESCRIPTION}{photo.pk}", photo.description)
    return found


def room_page(request: SignedInRequest, stop: Stop, form: NoteForm | None = None, *, status: int = 200) -> HttpResponse:
    """Show the page of one room: with the clock during the visit, for editing afterwards."""
    walk = own_walk(request, stop.walk_id)
    stop.walk = walk
    written = list(notes.written(stop))
    form = form or NoteForm.of(_chosen(request, written), walk)
    here = str(form["note_id"].value())
    writing = next((note for note in written if str(note.pk) == here), None)
    context: dict[str, Any] = {
        "stop": stop,
        "form": form,
        "saved_at": writing.updated_at if writing else None,
        "others": [note for note in written if note is not writing],
        "photos": _photos_as_typed(request, stop),
        "photos_on": walk.walker.school.photos_on,
        "prompts": _prompts(walk),
        "starters": NOTE_STARTERS,
        **live_head(walk, here=stop, now=timezone.now()),
    }
    template = "room" if context["in_room"] else "afterwards"
    return TemplateResponse(request, f"observations/live/{template}.html", context, status=status)


def _chosen(request: SignedInRequest, written: list[Note]) -> Note | None:
    """Return the note to continue: the requested one, else the last; None for a new one."""
    if "new" in request.GET or not written:
        return None
    asked = request.GET.get("note", "")
    return next((note for note in written if str(note.pk) == asked), written[-1])


def _prompts(walk: Walk) -> list[str]:
    """Return questions to students, those of the focus first. They are about learning, never about the teacher."""
    own = [line.strip() for practice in walk.focus.all() for line in practice.student_prompts.splitlines()]
    prompts = [line for line in own if line] + [str(prompt) for prompt in CORE_PROMPTS]
    return list(dict.fromkeys(prompts))  # each once
