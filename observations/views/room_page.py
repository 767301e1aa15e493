"""The page of one room, for notes and photos: during the visit and afterwards."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
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
from ..words.note_readers import is_private, readers_in_words
from .live_head import live_head


def own_walk(request: SignedInRequest, walk_id: int) -> Walk:
    """Return the person's own walk with its rooms. Everyone else gets 404."""
    return get_object_or_404(request.user.walks.with_route_without_walker(), pk=walk_id)


def own_room(request: SignedInRequest, walk_id: int, stop_id: int) -> Stop:
    """Return the first stop in the room of this stop, which has the room's notes and photos.

    The stop must be on the person's own walk. Everyone else gets 404.
    """
    own = Stop.objects.visible_to(request.user).filter(walk=walk_id)
    in_room = own.filter(room__in=own.filter(pk=stop_id).order_by().values("room"))
    related = in_room.select_related("walk__walker__school", "walk__semester", "walk__period", "room", "host__grade")
    stop = related.first()
    if stop is None:
        raise Http404
    return stop


def _photos_as_typed(request: SignedInRequest, stop: Stop) -> list[Photo]:
    """Return the walker's photos of the room. Descriptions that were typed but not saved replace the stored ones."""
    found = list(own_photos(request, stop))
    for photo in found:
        photo.description = request.POST.get(f"{DESCRIPTION}{photo.pk}", photo.description)
    return found


def room_page(request: SignedInRequest, stop: Stop, form: NoteForm | None = None, *, status: int = 200) -> HttpResponse:
    """Show one room: the live page with its clock during the visit, otherwise the page "Notes from Room 204"."""
    walk = own_walk(request, stop.walk_id)
    stop.walk = walk
    all_notes = list(notes.notes_of(stop))
    form = form or NoteForm.of(_note_to_edit(request, all_notes), walk)
    note_id = str(form["note_id"].value())
    edited = next((note for note in all_notes if str(note.pk) == note_id), None)
    context: dict[str, Any] = {
        "stop": stop,
        "form": form,
        "saved_at": edited.updated_at if edited else None,
        "other_notes": [note for note in all_notes if note is not edited],
        "photos": _photos_as_typed(request, stop),
        "notes_are_private": is_private(walk),
        "notes_rule_words": readers_in_words(walk, stop),
        "photos_on": walk.walker.school.photos_on,
        "prompts": _prompts(walk),
        "sentence_starters": NOTE_STARTERS,
        **live_head(walk, here=stop, now=timezone.now()),
    }
    template = "room" if context["in_room"] else "afterwards"
    return TemplateResponse(request, f"observations/live/{template}.html", context, status=status)


def _note_to_edit(request: SignedInRequest, all_notes: list[Note]) -> Note | None:
    """Return the requested note, otherwise the last one, or None for a new note."""
    if "new" in request.GET or not all_notes:
        return None
    note_id = request.GET.get("note", "")
    return next((note for note in all_notes if str(note.pk) == note_id), all_notes[-1])


def _prompts(walk: Walk) -> list[str]:
    """Return questions to students, those of the focus first. They are about learning, never about the teacher.

    There are none if the school does not want students to be asked.
    """
    if not walk.walker.school.student_prompts:
        return []
    own = [line.strip() for practice in walk.focus.all() for line in practice.student_prompts.splitlines()]
    prompts = [line for line in own if line] + [str(prompt) for prompt in CORE_PROMPTS]
    return list(dict.fromkeys(prompts))  # each once
