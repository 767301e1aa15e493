"""Notes, photos, praise and takeaways for tests, without going through the pages."""

import datetime as dt
import io
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from observations.models import Note, Photo, Praise, Takeaway
from school.tests.factories import NOW


def a_note(stop, text="Every table held up the answer and how.", *, at=NOW):
    """Create a note of the walker about that room."""
    return Note.objects.create(stop=stop, text=text, created_at=at, updated_at=at)


def a_photo(stop, description="Mini whiteboards", *, at=NOW):
    """Create a photo from that room, without a file."""
    return Photo.objects.create(
        stop=stop, file="photos/00/test.jpg", width=4, height=3, description=description, taken_at=at
    )


def a_praise(stop, text="I noticed every table held up the answer and how.", *, sent_at=None, **fields):
    """Create praise of the walker for the host of the stop: a draft, or sent at that moment."""
    if sent_at is not None:
        stop.thanked_at = sent_at
        stop.save()
    return Praise.objects.create(
        stop=stop,
        author=stop.walk.walker,
        host=stop.host,
        text=text,
        updated_at=sent_at or NOW,
        sent_at=sent_at,
        send_count=1 if sent_at else 0,
        **fields,
    )


def a_takeaway(walk, text="Answer-and-how boards", *, at=NOW + dt.timedelta(days=1), **fields):
    """Create the takeaway of the walk."""
    return Takeaway.objects.create(walk=walk, text=text, updated_at=at, **fields)


def a_jpeg(colour="green"):
    """Return a file with a small picture of this colour."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "JPEG")
    file.seek(0)
    return file


def an_upload(name="IMG_1.jpg", colour="green"):
    """Return a picture as a form uploads it."""
    return SimpleUploadedFile(name, a_jpeg(colour).read(), "image/jpeg")


def a_note_form(text="Boards at every table.", **fields):
    """Return what the page of a room posts when a note was typed."""
    return {"note_id": str(uuid.uuid4()), "page": str(uuid.uuid4()), "text": text, **fields}
