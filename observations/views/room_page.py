"""The page of one room: what it shows, and taking in whatever its form brings along. Nothing typed is ever lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.http import SignedInRequest
from walks.models import Stop, Walk

from .. import notes, photos, uploads
from ..content import CORE_PROMPTS, NOTE_STARTERS
from ..copies import mark_kept
from ..forms.notes import NoteForm
from ..forms.photos import DESCRIPTION, PHOTOS, UploadForm
from ..images import BusyError, PhotoError
from ..models import Note, Photo
from .live_head import live_head


def own_walk(request: SignedInRequest, walk_id: int) -> Walk:
    """The walker's own walk with its rooms; for everybody else there is no such page."""
    return get_object_or_404(request.user.walks.with_own_route(), pk=walk_id)


def own_stop(request: SignedInRequest, walk_id: int, stop_id: int) -> Stop:
    """A room of the walker's own walk."""
    stops = Stop.objects.visible_to(request.user).filter(walk=walk_id)
    related = stops.select_related("walk__walker__school", "walk__semester", "walk__period", "room", "host__grade")
    return get_object_or_404(related, pk=stop_id)


def take_in(request: SignedInRequest, stop: Stop) -> NoteForm:
    """Keep everything the form brought: the note, descriptions, photos. What was not kept is among its errors."""
    form = NoteForm(request.POST, walk=stop.walk)
    if form.is_valid():
        try:
            _keep_note(request, stop, form)
            mark_kept(request, f"note-{stop.pk}")
        except NotAllowedError:
            raise
        except RuleError as error:
            form.add_error("text", str(error))
    for words in _describe(request, stop):
        form.add_error(None, words)
    for words in keep_photos(request, stop).problems:
        form.add_error(None, words)
    return form


def _keep_note(request: SignedInRequest, stop: Stop, form: NoteForm) -> None:
    kept = notes.keep(stop, form.draft(), by=request.user, now=timezone.now())
    if kept.beside:
        messages.info(request, _("This note was changed on another device too. Both versions are here."))


def _describe(request: SignedInRequest, stop: Stop) -> list[str]:
    """Keep what the photos show; what was not kept is told with the reason."""
    if not any(key.startswith(DESCRIPTION) for key in request.POST):
        return []
    problems = []
    for photo in _own_photos(request, stop):
        words = request.POST.get(f"{DESCRIPTION}{photo.pk}")
        if words is not None and words != photo.description:
            photo.stop = stop
            try:
                photos.describe(photo, words=words, by=request.user)
            except photos.LongDescriptionError as error:
                problems.append(str(error))
    return problems


def _own_photos(request: SignedInRequest, stop: Stop) -> QuerySet[Photo]:
    return Photo.objects.visible_to(request.user).own(request.user).filter(stop=stop)


def _photos_as_typed(request: SignedInRequest, stop: Stop) -> list[Photo]:
    """The walker's photos of the room; under each the words of the form that comes back to be mended."""
    found = list(_own_photos(request, stop))
    for photo in found:
        photo.description = request.POST.get(f"{DESCRIPTION}{photo.pk}", photo.description)
    return found


@dataclass
class TakenPhotos:
    """What became of the photos of a form."""

    kept: list[Photo]
    problems: list[str]  # each names a photo that was not taken, and the reason
    too_busy: bool = False  # the same photos may be taken a little later


def keep_photos(request: SignedInRequest, stop: Stop) -> TakenPhotos:
    """Keep the photos of the form. When the first has to wait, the others do not even try."""
    ids = UploadForm(request.POST)
    taken = TakenPhotos([], uploads.refused(request))
    for upload in request.FILES.getlist(PHOTOS):
        try:
            if taken.too_busy:
                raise BusyError
            photo_id = ids.id_of(upload)
            taken.kept.append(photos.add(stop, upload, photo_id=photo_id, by=request.user, now=timezone.now()))
        except PhotoError as error:
            taken.problems.append(f"{upload.name}: {error}")
            taken.too_busy = taken.too_busy or isinstance(error, BusyError)
    return taken


def room_page(request: SignedInRequest, stop: Stop, form: NoteForm | None = None, *, status: int = 200) -> HttpResponse:
    """The page of one room: with the clock while the walker is in it, for editing afterwards."""
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
    """The note to go on with: the one asked for, a new one, or else the last."""
    if "new" in request.GET or not written:
        return None
    asked = request.GET.get("note", "")
    return next((note for note in written if str(note.pk) == asked), written[-1])


def _prompts(walk: Walk) -> list[str]:
    """Questions about learning, those of the focus first; never about the teacher."""
    own = [line.strip() for practice in walk.focus.all() for line in practice.student_prompts.splitlines()]
    return list(dict.fromkeys([line for line in own if line] + [str(prompt) for prompt in CORE_PROMPTS]))
