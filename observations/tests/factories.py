"""Notes, photos, praise and takeaways for tests, without going through the pages."""

import datetime as dt

from observations.models import Note, Photo, Praise, Takeaway
from school.tests.factories import NOW


def a_note(stop, text="Every table held up the answer and how.", *, at=NOW):
    """What the walker wrote in that room."""
    return Note.objects.create(stop=stop, text=text, created_at=at, updated_at=at)


def a_photo(stop, description="Mini whiteboards", *, at=NOW):
    """A photo from that room; its file is only a name."""
    return Photo.objects.create(
        stop=stop, file="photos/00/test.jpg", width=4, height=3, description=description, taken_at=at
    )


def a_praise(stop, text="I noticed every table held up the answer and how.", *, sent_at=None, **fields):
    """A praise of the walker to the host of the stop: a draft, or sent at that moment."""
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
    """The takeaway of the walk."""
    return Takeaway.objects.create(walk=walk, text=text, updated_at=at, **fields)
