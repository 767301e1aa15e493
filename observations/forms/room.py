"""Save the form of the room page: the note, the descriptions of photos, and new photos."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.http import SignedInRequest
from walks.models import Stop

from ..models import Photo
from ..photos import photos, uploads
from ..photos.images import BusyError, PhotoError
from ..words import notes
from ..words.copies import mark_kept
from .notes import NoteForm
from .photos import DESCRIPTION, PHOTOS, UploadForm


def save_room_form(request: SignedInRequest, stop: Stop, *, now: dt.datetime) -> NoteForm:
    """Save the note, the descriptions and the photos. The returned form has an error for each unsaved part."""
    form = NoteForm(request.POST, walk=stop.walk)
    if form.is_valid():
        try:
            _save_note(request, stop, form, now)
            mark_kept(request, f"note-{stop.pk}")
        except NotAllowedError:
            raise
        except RuleError as error:
            form.add_error("text", str(error))
    for words in _save_descriptions(request, stop):
        form.add_error(None, words)
    for words in save_photos(request, stop, now=now).problems:
        form.add_error(None, words)
    return form


def _save_note(request: SignedInRequest, stop: Stop, form: NoteForm, now: dt.datetime) -> None:
    saved = notes.save(stop, form.draft(), by=request.user, now=now)
    if saved.is_second_version:
        messages.info(request, _("This note was changed on another device too. Both versions are here."))


def _save_descriptions(request: SignedInRequest, stop: Stop) -> list[str]:
    """Save the descriptions of photos. Return the reasons why some were not saved."""
    if not any(key.startswith(DESCRIPTION) for key in request.POST):
        return []
    problems = []
    for photo in own_photos(request, stop):
        words = request.POST.get(f"{DESCRIPTION}{photo.pk}")
        if words is not None and words != photo.description:
            photo.stop = stop
            try:
                photos.describe(photo, words=words, by=request.user)
            except photos.LongDescriptionError as error:
                problems.append(str(error))
    return problems


def own_photos(request: SignedInRequest, stop: Stop) -> QuerySet[Photo]:
    """Return the walker's photos of the room."""
    found: QuerySet[Photo] = Photo.objects.visible_to(request.user).own(request.user).filter(stop=stop)
    return found


@dataclass
class SavedPhotos:
    """Which photos of a form were saved, and why others were not."""

    saved: list[Photo]
    problems: list[str]  # one sentence for each photo that was not saved, with its name
    too_busy: bool = False  # the script should send the photo again in a few seconds


def save_photos(request: SignedInRequest, stop: Stop, *, now: dt.datetime) -> SavedPhotos:
    """Save the photos of the form. Once the server is too busy for one, the rest is not tried."""
    ids = UploadForm(request.POST)
    result = SavedPhotos(saved=[], problems=uploads.refused_uploads(request))
    for number, upload in enumerate(request.FILES.getlist(PHOTOS)):
        taken_at = now + dt.timedelta(microseconds=number)  # photos are shown in this order
        try:
            if result.too_busy:
                raise BusyError
            photo_id = ids.id_of(upload)
            result.saved.append(photos.add(stop, upload, photo_id=photo_id, by=request.user, now=taken_at))
        except PhotoError as error:
            result.problems.append(f"{upload.name}: {error}")
            result.too_busy = result.too_busy or isinstance(error, BusyError)
    return result
