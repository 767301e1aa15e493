"""Photos in an S3 store, over real HTTP: they stay private, and a store that does not answer delays pages briefly."""

import datetime as dt
import io
import json
import threading
import time
import uuid
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse

from observations import retention
from observations.models import Note, Photo
from observations.photos import photos
from observations.tests.factories import a_jpeg, a_note_form, an_upload
from observations.tests.photos.s3 import frozen_store, running_store, storages
from school.tests.concurrency import in_two_threads, move_database_to_disk
from walks.tests.factories import TEN_PAST_TEN

pytestmark = [pytest.mark.services, pytest.mark.not_on_postgresql, pytest.mark.django_db]
REFUSED = "http://127.0.0.1:9"
OPEN_TO_ALL = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::*"}]}
)


@pytest.fixture(scope="module")
def server():
    """One store for all these tests."""
    with running_store() as store:
        yield store


@pytest.fixture
def store(server, settings, monkeypatch):
    """The store, empty, with the product using it."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = storages(settings, server.address)
    yield server
    server.empty()


@pytest.fixture
def add(store, room, walker):
    """Return a function that adds a photo."""

    def added(photo_id=None):
        return photos.add(room, a_jpeg(), photo_id=photo_id or uuid.uuid4(), by=walker, now=TEN_PAST_TEN)

    return added


def shown(client, photo):
    answer = client.get(reverse("observations:photo", args=[photo.pk]))
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else answer.content.decode()


def seconds_for(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def test_a_new_store_of_these_tests_is_empty():
    with running_store() as first:
        first.client.put_object(Bucket=first.bucket, Key="photos/left.jpg", Body=b"x")
    with running_store() as second:
        assert second.names == []


def test_a_photo_can_be_read_only_through_the_site(add, store, as_walker, host):
    photo = add()
    stored = store.client.get_object(Bucket=store.bucket, Key=store.names[0])
    assert store.names == [photo.file.name]
    assert shown(as_walker, photo) == (200, stored["Body"].read())
    as_walker.force_login(host)
    assert shown(as_walker, photo)[0] == 404


def test_an_object_is_private_and_has_no_link(add, store):
    photo = add()
    access = store.client.get_object_acl(Bucket=store.bucket, Key=photo.file.name)
    assert [grant["Grantee"]["Type"] for grant in access["Grants"]] == ["CanonicalUser"]
    assert store.client.head_object(Bucket=store.bucket, Key=photo.file.name)["ContentType"] == "image/jpeg"
    with pytest.raises(NotImplementedError):
        photo.file.url  # noqa: B018


def test_a_removed_photo_is_hidden_at_once_and_deleted_an_hour_later(add, store, as_walker, walker):
    photo = add()
    photos.remove(photo, by=walker, now=TEN_PAST_TEN)
    assert (shown(as_walker, photo)[0], len(store.names)) == (404, 1)
    retention.remove_photos(retention.removed_photos(walker.school, TEN_PAST_TEN + dt.timedelta(minutes=61)))
    assert store.names == []


def test_a_photo_removed_while_the_store_is_away_is_hidden_and_deleted_later(add, store, settings, as_walker, walker):
    photo = add()
    settings.STORAGES = storages(settings, REFUSED)
    photos.remove(Photo.objects.get(), by=walker, now=TEN_PAST_TEN)
    retention.remove_photos(retention.removed_photos(walker.school, TEN_PAST_TEN + dt.timedelta(minutes=61)))
    assert (shown(as_walker, photo)[0], len(store.names)) == (404, 1)
    settings.STORAGES = storages(settings, store.address)
    retention.remove_orphan_photos(now=dt.datetime.now(dt.UTC) + dt.timedelta(hours=25))
    assert store.names == []


@pytest.mark.django_db(transaction=True)
def test_one_object_is_stored_if_the_same_upload_comes_twice_at_once(add, store, tmp_path, monkeypatch):
    move_database_to_disk(tmp_path, monkeypatch)
    photo_id = uuid.uuid4()
    first, second = in_two_threads(lambda: add(photo_id))
    assert first == second
    assert store.names == [first.file.name]


def test_only_objects_without_a_row_are_deleted_after_a_day(add, store):
    photo = add()
    default_storage.save("photos/ab/orphan.jpg", ContentFile(b"x"))
    moment = default_storage.get_modified_time("photos/ab/orphan.jpg")
    retention.remove_orphan_photos(now=moment + dt.timedelta(hours=23))
    assert len(store.names) == 2
    retention.remove_orphan_photos(now=moment + dt.timedelta(hours=25))
    assert store.names == [photo.file.name]


def test_photos_are_deleted_after_the_schools_retention_period(add, store):
    photo = add()
    later = TEN_PAST_TEN + dt.timedelta(days=31)
    retention.remove_photos(retention.old_photos(photo.stop.walk.walker.school, later))
    assert (Photo.objects.count(), store.names) == (0, [])


def test_my_data_has_the_photos(add, store, as_walker):
    photo = add()
    with zipfile.ZipFile(io.BytesIO(b"".join(as_walker.get("/me/data/").streaming_content))) as archive:
        assert archive.read(f"photos/{photo.pk}.jpg") == shown(as_walker, photo)[1]


def test_my_data_names_photos_that_could_not_be_read(add, store, as_walker, settings):
    photo = add()
    settings.STORAGES = storages(settings, REFUSED)
    with zipfile.ZipFile(io.BytesIO(b"".join(as_walker.get("/me/data/").streaming_content))) as archive:
        assert archive.namelist() == ["my-data.json", "my-data.html", "photos/not-read.txt"]
        assert str(photo.pk) in archive.read("photos/not-read.txt").decode()


def test_a_frozen_store_delays_only_the_first_request(add, settings, as_walker):
    photo = add()
    with frozen_store() as address:
        settings.STORAGES = storages(settings, address)
        first = seconds_for(lambda: shown(as_walker, photo))
        again = seconds_for(lambda: shown(as_walker, photo))
        status, words = shown(as_walker, photo)
    assert first < 20
    assert again < 4
    assert (status, words) == (503, "We can’t show the photo right now. Try again in a minute.")


@pytest.mark.parametrize(("address", "bucket"), [(REFUSED, "learning-walks-photos"), ("", "no-such-bucket")])
def test_an_upload_that_the_store_refuses_saves_only_the_note(store, settings, as_walker, live, room, address, bucket):
    settings.STORAGES = storages(settings, address or store.address, bucket)
    answer = as_walker.post(
        reverse("observations:add_photo", args=[live.pk, room.pk]), a_note_form(photos=[an_upload()])
    )
    assert (answer.status_code, Photo.objects.count(), Note.objects.count()) == (422, 0, 1)
    assert "IMG_1.jpg: There is no space for the photo right now." in answer.content.decode()


def test_a_missing_object_is_404_and_a_missing_bucket_is_503(add, store, settings, as_walker):
    photo = add()
    store.empty()
    assert shown(as_walker, photo)[0] == 404
    settings.STORAGES = storages(settings, store.address, "no-such-bucket")
    assert shown(as_walker, photo)[0] == 503


def test_old_photos_are_removed_even_if_the_store_is_away(add, store, settings):
    school = add().stop.walk.walker.school
    settings.STORAGES = storages(settings, REFUSED)
    retention.remove_photos(retention.old_photos(school, TEN_PAST_TEN + dt.timedelta(days=31)))
    assert Photo.objects.count() == 0


class WithoutAcl(BaseHTTPRequestHandler):
    """A bucket that takes no ACL, as new ones at Amazon do."""

    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        refused = "x-amz-acl" in self.headers
        words = b"<Error><Code>AccessControlListNotSupported</Code></Error>" if refused else b""
        self.send_response(400 if refused else 200)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *words):
        pass


def test_a_bucket_without_access_lists_can_be_used(store, settings, add):
    with HTTPServer(("127.0.0.1", 0), WithoutAcl) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        settings.STORAGES = storages(settings, f"http://127.0.0.1:{other.server_port}")
        photo = add()
        other.shutdown()
    assert Path(photo.file.name).parent == Path(f"photos/{photo.pk.hex[:2]}")


def doctor_lines():
    output = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=output)
    return [line.strip() for line in output.getvalue().splitlines() if "photos:" in line or "Block" in line]


def test_the_doctor_command_tests_the_store_and_leaves_no_object(store):
    assert doctor_lines() == ["ok    photos: kept in the bucket learning-walks-photos"]
    assert store.names == []


def test_the_doctor_command_warns_of_a_bucket_that_anybody_can_read(store):
    store.client.put_bucket_policy(Bucket=store.bucket, Policy=OPEN_TO_ALL)
    assert doctor_lines() == [
        "WRONG photos: kept in the bucket learning-walks-photos, open to the whole world",
        "-> Block public access to it at once.",
    ]
    store.client.delete_bucket_policy(Bucket=store.bucket)


def test_the_doctor_command_says_that_the_store_does_not_answer(store, settings):
    settings.STORAGES = storages(settings, REFUSED)
    assert (
        "WRONG photos: kept in the bucket learning-walks-photos: The photo store does not answer" in doctor_lines()[0]
    )
