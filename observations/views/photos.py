"""Add, describe, remove and show photos."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from school.http import SignedInRequest
from walks.models import Stop

from ..forms.notes import NoteForm
from ..forms.photos import DESCRIPTION
from ..forms.room import save_photos, save_room_form
from ..models import Photo
from ..photos import photos as rules
from ..photos.images import RETRY_AFTER, PhotoError
from .live import sent_from
from .room_page import own_room, room_page


@sent_from("observations:room")
def add_photo(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Add photos: the page's script sends them one by one, the form several at once."""
    stop = own_room(request, walk_id, stop_id)
    if request.headers.get("X-Upload"):
        return _answer_script(request, stop)
    form = save_room_form(request, stop, now=timezone.now())
    if form.errors:
        return room_page(request, stop, form, status=422)
    return _back_to_room(stop)


def _answer_script(request: SignedInRequest, stop: Stop) -> HttpResponse:
    """Send the page's script the HTML of the new photo, or the reason why the photo was refused."""
    result = save_photos(request, stop, now=timezone.now())
    if result.too_busy:
        return _try_later("\n".join(result.problems), seconds=RETRY_AFTER)
    if result.problems or not result.saved:
        return _refuse("\n".join(result.problems))
    context = {"photo": result.saved[0], "stop": stop}
    return TemplateResponse(request, "observations/live/_photo.html", context, status=201)


def _refuse(words: str) -> HttpResponse:
    return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")


def _try_later(words: str, *, seconds: int) -> HttpResponse:
    headers = {"Retry-After": str(seconds)}
    return HttpResponse(words, status=503, content_type="text/plain; charset=utf-8", headers=headers)


def _back_to_room(stop: Stop) -> HttpResponse:
    return redirect(f"{reverse('observations:room', args=[stop.walk_id, stop.pk])}#photos")


def _own_photo(request: SignedInRequest, photo_id: uuid.UUID) -> tuple[Photo, Stop]:
    photo = get_object_or_404(Photo.objects.visible_to(request.user).own(request.user), pk=photo_id)
    photo.stop = own_room(request, photo.stop.walk_id, photo.stop_id)
    return photo, photo.stop


@require_POST
def describe_photo(request: SignedInRequest, photo_id: uuid.UUID) -> HttpResponse:
    """Save the description of a photo and the rest of the form."""
    photo, stop = _own_photo(request, photo_id)
    words = request.POST.get("description", request.POST.get(f"{DESCRIPTION}{photo_id}", ""))
    try:
        rules.describe(photo, words=words, by=request.user)
    except rules.LongDescriptionError as error:
        typed = request.POST.copy()
        typed[f"{DESCRIPTION}{photo_id}"] = words
        request.POST = typed  # type: ignore[assignment]
        form = NoteForm(typed, walk=stop.walk)
        form.add_error(None, str(error))
        return room_page(request, stop, form, status=422)
    return _save_note(request, stop)


@require_POST
def delete_photo(request: SignedInRequest, photo_id: uuid.UUID) -> HttpResponse:
    """Remove a photo, which can be restored for an hour. A script gets the HTML of a line with Undo, not a page."""
    photo, stop = _own_photo(request, photo_id)
    rules.remove(photo, by=request.user, now=timezone.now())
    if request.headers.get("X-Upload"):
        return TemplateResponse(request, "observations/live/_photo_removed.html", {"photo": photo})
    undo = reverse("observations:restore_photo", args=[photo_id])
    messages.success(request, _("Photo removed."), extra_tags=f"undo:{undo}")
    return _save_note(request, stop)


@require_POST
def restore_photo(request: SignedInRequest, photo_id: uuid.UUID) -> HttpResponse:
    """Restore a removed photo. A script gets the HTML of the photo, or the reason of a refusal, not a page."""
    photo = get_object_or_404(Photo.with_removed.own(request.user).select_related("stop__walk"), pk=photo_id)
    is_script = bool(request.headers.get("X-Upload"))
    try:
        rules.restore(photo, by=request.user)
    except PhotoError as error:
        if is_script:
            return _refuse(str(error))
        messages.warning(request, str(error))
    if is_script:
        return TemplateResponse(request, "observations/live/_photo.html", {"photo": photo, "stop": photo.stop})
    return _save_note(request, photo.stop)


def _save_note(request: SignedInRequest, stop: Stop) -> HttpResponse:
    """Save the rest of the form, if the browser sent it, and return to the room."""
    if "text" in request.POST:
        form = save_room_form(request, stop, now=timezone.now())
        if form.errors:
            return room_page(request, stop, form, status=422)
    return _back_to_room(stop)


@require_safe
def photo(request: SignedInRequest, photo_id: uuid.UUID) -> HttpResponse | FileResponse:
    """Return the picture to its walker and, if it was sent with praise, to the host."""
    found = get_object_or_404(Photo.objects.visible_to(request.user), pk=photo_id)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    except OSError:  # the disk or the photo store does not answer
        return _try_later(_("We can’t show the photo right now. Try again in a minute."), seconds=60)
    return FileResponse(
        content,
        filename="photo.jpg",
        content_type="image/jpeg",
        headers={
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
