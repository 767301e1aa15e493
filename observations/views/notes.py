"""The page of one room, and its notes: save, remove and restore them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from school.http import SignedInRequest
from walks.models import State, Stop

from ..forms.room import save_room_form
from ..models import Note
from ..permissions import may_note
from ..words import notes as rules
from ..words.note_readers import is_private, readers_in_words
from .live import sent_from
from .room_page import own_room, room_page


@require_safe
def room(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Show the page of a room during or after the walk. Redirect if the walker has not entered it yet."""
    stop = own_room(request, walk_id, stop_id)
    ahead = stop.walk.state == State.APPROVED and not stop.visited
    if ahead or not may_note(request.user, stop):
        return redirect("observations:go", walk_id)
    return room_page(request, stop)


@sent_from("observations:room")
def save_note(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Save the note. A script that saves during typing gets an empty response, the button a page."""
    stop = own_room(request, walk_id, stop_id)
    form = save_room_form(request, stop, now=timezone.now())
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=422 if form.errors else 204)
    if form.errors:
        return room_page(request, stop, form, status=422)
    return _redirect_after_saving(request, stop)


def _redirect_after_saving(request: SignedInRequest, stop: Stop) -> HttpResponse:
    """Redirect to the page that the pressed button asks for."""
    then = request.POST.get("then", "")
    if then == "pause":
        return redirect("/")
    if then == "praise":
        return redirect("observations:praise", stop.walk_id, stop.next_to_thank.pk)
    page = reverse("observations:room", args=[stop.walk_id, stop.pk])
    if then == "new":
        return redirect(f"{page}?new=1")
    if then.startswith("note-"):
        return redirect(f"{page}?note={then.removeprefix('note-')[:36]}")
    if stop.walk.state != State.APPROVED:
        messages.success(request, _saved_words(stop))
    return redirect(page)


def _saved_words(stop: Stop) -> str:
    if is_private(stop.walk):
        return _("Saved. Only you can read it.")
    return f"{_('Saved.')} {readers_in_words(stop.walk, stop)}"


@require_POST
@sensitive_post_parameters()
def delete_note(request: SignedInRequest, note_id: uuid.UUID) -> HttpResponse:
    """Remove one note, which can be restored for an hour. Save the note in the form if it is another one."""
    note = get_object_or_404(Note.objects.visible_to(request.user), pk=note_id)
    stop = own_room(request, note.stop.walk_id, note.stop_id)
    if "text" in request.POST and request.POST.get("note_id") != str(note_id):
        form = save_room_form(request, stop, now=timezone.now())
        if form.errors:
            return room_page(request, stop, form, status=422)
    rules.remove(note, by=request.user, now=timezone.now())
    undo = reverse("observations:restore_note", args=[note_id])
    messages.success(request, _("Note removed."), extra_tags=f"undo:{undo}")
    return redirect("observations:room", stop.walk_id, stop.pk)


@require_POST
def restore_note(request: SignedInRequest, note_id: uuid.UUID) -> HttpResponse:
    note = get_object_or_404(Note.with_removed.visible_to(request.user).select_related("stop__walk"), pk=note_id)
    rules.restore(note, by=request.user)
    page = reverse("observations:room", args=[note.stop.walk_id, note.stop_id])
    return redirect(f"{page}?note={note_id}")
