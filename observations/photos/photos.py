"""Photos of work and walls: add, describe and remove them. They are private until put into a praise."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.models import Person
from school.save_errors import will_be_retried
from school.text.typed import one_line
from walks.activity import Activity, activity_source
from walks.models import Stop, Walk

from ..models import Photo, photo_path
from ..permissions import may_note, owns_photo
from . import images

MAX_PHOTOS = 12  # photos of one room
MAX_DESCRIPTION = 200


class PhotosOffError(images.PhotoError):
    """The school has switched photos off."""


class LongDescriptionError(RuleError):
    """The description is too long."""


@activity_source
def photo_times(walk: Walk) -> Iterable[Activity]:
    """Return when photos were taken, so that it is known when an unfinished walk ended (walks/activity.py)."""
    found: Iterable[Activity] = Photo.objects.filter(stop__walk=walk).values_list("stop_id", "taken_at")
    return found


def usual_description(stop: Stop) -> str:
    """Return the description of a photo until its walker writes one."""
    return _("Photo from Room %(room)s") % {"room": stop.room.code}


def add(stop: Stop, upload: images.Upload, *, photo_id: uuid.UUID, by: Person, now: dt.datetime) -> Photo:
    """Clean and store a photo. The page chooses the id, so that the same upload sent twice becomes one photo.

    The file is written before the row, so that there is never a row without its file. The hourly round deletes files
    without a row. Raise PhotoError, whose text the person reads.
    """
    _require_may_add(stop, by)
    already_stored = _find_photo(stop, photo_id)
    if already_stored is not None:
        return already_stored
    _refuse_too_many(stop)
    image = images.clean(upload)
    photo = Photo(pk=photo_id, stop=stop, width=image.width, height=image.height, taken_at=now)
    photo.description = usual_description(stop)
    return _store(photo, image.bytes)


def _require_may_add(stop: Stop, by: Person) -> None:
    if not may_note(by, stop):
        raise NotAllowedError(_("Only the walker can add photos, once the walk has begun."))
    if not stop.walk.walker.school.photos_on:
        raise PhotosOffError(_("At our school we walk without photos. Words are enough."))


def _refuse_too_many(stop: Stop) -> None:
    if stop.photos.count() >= MAX_PHOTOS:
        raise images.PhotoError(_("Twelve photos of one room are plenty. Remove one to add another."))


def _find_photo(stop: Stop, photo_id: uuid.UUID) -> Photo | None:
    """Return the photo with this id if there is one. Raise PhotoError if it belongs to another room."""
    found = Photo.with_removed.filter(pk=photo_id).first()
    if found is not None and found.stop_id != stop.pk:
        raise images.PhotoError(images.DAMAGED)
    return found


def _store(photo: Photo, content: bytes) -> Photo:
    storage = photo.file.storage
    name = ""
    try:
        name = _write(storage, photo_path(photo, ""), content)
        photo.file.name = name
        with transaction.atomic():
            Stop.objects.select_for_update(no_key=True).get(pk=photo.stop_id)
            _refuse_too_many(photo.stop)
            photo.save(force_insert=True)
    except IntegrityError as error:  # the same upload was sent twice at once, and the other request was first
        delete_file(storage, name)
        first = Photo.with_removed.filter(pk=photo.pk, stop=photo.stop_id).first()
        if first is None:  # the id belongs to a photo of another room, which was stored at the same time
            raise images.PhotoError(images.NOT_STORED) from error
        return first
    except (DatabaseError, OSError) as error:
        delete_file(storage, name)
        if will_be_retried(error):
            raise
        raise images.PhotoError(images.NOT_STORED) from error
    except images.PhotoError:
        delete_file(storage, name)
        raise
    return photo


def _write(storage: Storage, path: str, content: bytes) -> str:
    """Write the file. If that fails, for example on a full disk, delete the partial file."""
    name = storage.get_available_name(path)
    try:
        return storage.save(name, ContentFile(content))
    except OSError:
        delete_file(storage, name)
        raise


def delete_file(storage: Storage, name: str) -> None:
    """Delete a file. If the storage fails, the hourly round deletes it later."""
    try:
        if name:
            storage.delete(name)
    except OSError:
        pass


def describe(photo: Photo, *, words: str, by: Person) -> None:
    """Store the description of a photo, for people who cannot see it. Empty words restore the default."""
    _require_owner(photo, by)
    line = one_line(words) or usual_description(photo.stop)
    if len(line) > MAX_DESCRIPTION:
        too_long = _("“What it shows” can have up to %(most)s characters; yours has %(n)s. Shorten it a little.")
        raise LongDescriptionError(too_long % {"most": MAX_DESCRIPTION, "n": len(line)})
    Photo.objects.filter(pk=photo.pk).update(description=line)


@transaction.atomic
def remove(photo: Photo, *, by: Person, now: dt.datetime) -> None:
    """Remove a photo, also from a praise. It can be restored for an hour, but not into the praise."""
    _require_owner(photo, by)
    Photo.with_removed.filter(pk=photo.pk, removed_at__isnull=True).update(removed_at=now)
    photo.praises.update(photo=None)


@transaction.atomic
def restore(photo: Photo, *, by: Person) -> None:
    """Restore a removed photo. Raise PhotoError if the room has twelve others by now."""
    _require_owner(photo, by)
    Stop.objects.select_for_update(no_key=True).get(pk=photo.stop_id)
    removed = Photo.with_removed.filter(pk=photo.pk, removed_at__isnull=False)
    if removed.exists():
        _refuse_too_many(photo.stop)
        removed.update(removed_at=None)


def _require_owner(photo: Photo, by: Person) -> None:
    if not owns_photo(by, photo):
        raise NotAllowedError(_("Photos belong to the walker who took them."))
