"""Photos are stored completely or not at all, once each, and deleted after they are removed."""

import datetime as dt
import io
import uuid
from pathlib import Path

import pytest
from django.db import connection

from observations import retention
from observations.models import Photo
from observations.photos import photos
from observations.photos.images import PhotoError
from observations.tests.factories import a_jpeg, a_photo, a_praise
from school.errors import NotAllowedError
from school.tests.concurrency import in_two_threads, move_database_to_disk
from walks.tests.factories import TEN_PAST_TEN


@pytest.fixture
def add(room, walker):
    """Return a function that adds a photo."""

    def added(upload=None, stop=room, photo_id=None):
        return photos.add(stop, upload or a_jpeg(), photo_id=photo_id or uuid.uuid4(), by=walker, now=TEN_PAST_TEN)

    return added


@pytest.fixture
def files(settings):
    """Return a function that lists the names of all stored files."""

    def stored():
        return sorted(str(path.name) for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())

    return stored


def test_a_photo_is_stored_under_a_random_name(add, files):
    photo = add()
    assert (files(), photo.width, photo.height) == ([f"{photo.pk.hex}.jpg"], 40, 30)
    assert photo.description == "Photo from Room 204"


def test_a_photo_that_is_sent_twice_is_stored_once(add, files):
    photo_id = uuid.uuid4()
    assert add(photo_id=photo_id) == add(photo_id=photo_id)
    assert (Photo.objects.count(), len(files())) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_is_sent_twice_at_once_is_stored_once(add, files, tmp_path, monkeypatch):
    move_database_to_disk(tmp_path, monkeypatch)
    photo_id = uuid.uuid4()
    first, second = in_two_threads(lambda: add(photo_id=photo_id))
    assert first == second
    assert len(files()) == 1


def test_the_id_of_a_photo_from_another_room_is_refused(add, live):
    photo_id = uuid.uuid4()
    add(photo_id=photo_id)
    with pytest.raises(PhotoError):
        add(photo_id=photo_id, stop=live.stops.all()[1])


def test_no_more_than_twelve_photos_of_a_room_are_stored(add, files, room):
    for _number in range(12):
        a_photo(room)
    with pytest.raises(PhotoError, match="Twelve photos"):
        add()
    assert files() == []


def test_a_file_that_is_no_photo_is_not_stored(add, files):
    with pytest.raises(PhotoError):
        add(io.BytesIO(b"%PDF-1.4"))
    assert (Photo.objects.count(), files()) == (0, [])


def test_a_photo_is_refused_if_the_school_switched_photos_off(add, room):
    room.walk.walker.school.photos_on = False
    with pytest.raises(photos.PhotosOffError, match="without photos"):
        add()


def test_no_row_is_stored_if_the_file_cannot_be_stored(add, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "full"
    settings.MEDIA_ROOT.write_text("a file where the folder should be")
    with pytest.raises(PhotoError, match="There is no space for the photo right now"):
        add()
    assert Photo.objects.count() == 0


@pytest.mark.not_on_postgresql  # the trigger is written for SQLite
def test_no_file_is_stored_if_the_row_cannot_be_stored(add, files, room):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TRIGGER full BEFORE INSERT ON observations_photo BEGIN SELECT RAISE(FAIL, 'full'); END")
    with pytest.raises(PhotoError, match="There is no space"):
        add()
    assert files() == []


def test_a_removed_photo_can_be_restored_for_an_hour(add, files, room, walker):
    photo = add()
    praise = a_praise(room, photo=photo)
    photos.remove(photo, by=walker, now=TEN_PAST_TEN)
    praise.refresh_from_db()
    assert (Photo.objects.count(), praise.photo, len(files())) == (0, None, 1)
    photos.restore(photo, by=walker)
    assert Photo.objects.get() == photo
    photos.remove(photo, by=walker, now=TEN_PAST_TEN)
    for minutes, left in ((59, 1), (61, 0)):
        retention.remove_photos(retention.removed_photos(walker.school, TEN_PAST_TEN + dt.timedelta(minutes=minutes)))
        assert (Photo.with_removed.count(), len(files())) == (left, left)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (" Boards \n with answers ", "Boards with answers"),
        ("  ", "Photo from Room 204"),
        ("Bo\0ards\x0b \u202ewith", "Bo ards with"),
        ("\0", "Photo from Room 204"),
    ],
)
def test_a_description_is_stored_as_one_line(add, walker, words, kept):
    photo = add()
    photos.describe(photo, words=words, by=walker)
    photo.refresh_from_db()
    assert photo.description == kept


def test_only_the_walker_can_add_remove_and_describe_photos(add, room, host, head):
    photo = add()
    with pytest.raises(NotAllowedError):
        photos.add(room, a_jpeg(), photo_id=uuid.uuid4(), by=host, now=TEN_PAST_TEN)
    with pytest.raises(NotAllowedError):
        photos.remove(photo, by=head, now=TEN_PAST_TEN)
    with pytest.raises(NotAllowedError):
        photos.restore(photo, by=head)
    with pytest.raises(NotAllowedError):
        photos.describe(photo, words="x", by=host)
