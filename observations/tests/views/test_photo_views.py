"""Photo pages: who may see a photo, which uploads are refused, and that notes are kept when a photo fails."""

import datetime as dt
import io
import threading
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from observations import retention
from observations.models import Note, Photo
from observations.photos import images, photos, uploads
from observations.tests.factories import a_jpeg, a_note_form, a_photo, a_praise, an_upload
from observations.words import notes
from walks.tests.factories import TEN_PAST_TEN


@pytest.fixture
def url(live, room):
    return reverse("observations:add_photo", args=[live.pk, room.pk])


@pytest.fixture
def as_walker(client, walker, clock):
    """The walker, signed in at the time of the walk."""
    client.force_login(walker)
    return client


@pytest.fixture
def photo(room, walker):
    return photos.add(room, a_jpeg(), photo_id=uuid.uuid4(), by=walker, now=TEN_PAST_TEN)


def a_form(*photos, text="Boards at every table."):
    return a_note_form(text, photos=list(photos))


def get(client, photo):
    return client.get(reverse("observations:photo", args=[photo.pk]))


# --- Who gets the picture -------------------------------------------------------------------------
def test_the_walker_gets_the_picture_and_no_cache_may_store_it(as_walker, photo):
    answer = get(as_walker, photo)
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).size == (40, 30)
    expected = {
        "Content-Type": "image/jpeg",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": 'inline; filename="photo.jpg"',
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }
    assert {name: answer[name] for name in expected} == expected


def test_nobody_else_gets_the_picture(client, photo, host, head, administrator, colleague, stranger):
    for person in (host, head, administrator, colleague, stranger):
        client.force_login(person)
        assert get(client, photo).status_code == 404


def test_only_the_host_gets_a_picture_and_only_once_its_praise_is_sent(client, photo, host, second_host, room, clock):
    praise = a_praise(room, photo=photo)
    client.force_login(host)
    assert get(client, photo).status_code == 404  # a draft
    praise.sent_at = timezone.now() - dt.timedelta(seconds=31)
    praise.save()
    answer = get(client, photo)
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 0
    client.force_login(second_host)
    assert get(client, photo).status_code == 404


def test_a_removed_picture_is_hidden_at_once_until_it_is_restored(as_walker, photo):
    undo = reverse("observations:restore_photo", args=[photo.pk])
    page = as_walker.post(reverse("observations:delete_photo", args=[photo.pk]), a_form(), follow=True).content.decode()
    assert (get(as_walker, photo).status_code, Photo.objects.count(), Note.objects.count()) == (404, 0, 1)
    assert "Photo removed." in page and undo in page
    as_walker.post(undo)
    assert b"".join(get(as_walker, photo).streaming_content) != b""
    removed = as_walker.post(reverse("observations:delete_photo", args=[photo.pk]), headers={"x-upload": "1"})
    assert undo in removed.content.decode()
    assert f"description-{photo.pk}" in as_walker.post(undo, headers={"x-upload": "1"}).content.decode()


def test_a_removed_picture_cannot_be_restored_if_twelve_others_were_added(as_walker, photo, room):
    undo = reverse("observations:restore_photo", args=[photo.pk])
    as_walker.post(reverse("observations:delete_photo", args=[photo.pk]), a_form())
    for _number in range(12):
        a_photo(room)
    answer = as_walker.post(undo, headers={"x-upload": "1"})
    assert answer.status_code == 422
    assert "Twelve photos" in answer.content.decode()
    assert "Twelve photos" in as_walker.post(undo, follow=True).content.decode()
    last = Photo.objects.last()
    assert (get(as_walker, photo).status_code, Photo.objects.count()) == (404, 12)
    assert as_walker.post(reverse("observations:restore_photo", args=[last.pk]), follow=True).status_code == 200


def test_a_picture_without_its_file_is_not_found(as_walker, photo):
    photo.file.storage.delete(photo.file.name)
    assert get(as_walker, photo).status_code == 404


def test_a_signed_out_visitor_gets_no_picture(client, photo):
    assert get(client, photo).status_code == 302


# --- Uploads --------------------------------------------------------------------------------------
def test_one_form_sends_several_photos_and_the_note(as_walker, url, room):
    as_walker.post(url, a_form(an_upload("1.jpg"), an_upload("2.jpg", "red")))
    assert (room.photos.count(), notes.notes_of(room).count()) == (2, 1)


def test_photos_of_one_form_stay_in_their_order(as_walker, url, room):
    as_walker.post(url, a_form(*(an_upload(f"{number}.jpg") for number in range(4))))
    assert len(set(room.photos.values_list("taken_at", flat=True))) == 4


def test_a_form_sent_twice_stores_its_photo_once(as_walker, url, room):
    sent = a_form(an_upload())
    as_walker.post(url, sent)
    as_walker.post(url, {**sent, "photos": [an_upload()]})
    assert room.photos.count() == 1


def test_a_script_that_uploads_a_photo_gets_its_html(as_walker, url):
    answer = as_walker.post(url, {"photo_id": str(uuid.uuid4()), "photos": an_upload()}, headers={"X-Upload": "1"})
    assert answer.status_code == 201
    assert 'value="Photo from Room 204"' in answer.content.decode()


def test_the_upload_error_names_the_file(as_walker, url):
    plan = SimpleUploadedFile("plan.pdf", b"%PDF-1.4", "application/pdf")
    answer = as_walker.post(url, {"photos": plan}, headers={"X-Upload": "1"})
    assert (answer.status_code, answer.content.decode()) == (422, f"plan.pdf: {images.NOT_A_PHOTO}")


@pytest.fixture
def many_photos(monkeypatch):
    """The server is cleaning as many photos as it can at once."""
    all_in_use = threading.BoundedSemaphore(1)
    all_in_use.acquire()
    monkeypatch.setattr(images, "UPLOADS_AT_ONCE", all_in_use)


def test_a_script_is_asked_to_try_again_while_many_photos_come_in(as_walker, url, room, many_photos):
    answer = as_walker.post(url, {"photo_id": str(uuid.uuid4()), "photos": an_upload()}, headers={"X-Upload": "1"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.text == f"IMG_1.jpg: {images.BUSY}"
    assert room.photos.count() == 0


def test_the_note_is_kept_while_many_photos_come_in(as_walker, url, room, many_photos):
    answer = as_walker.post(url, a_form(an_upload("a.jpg"), an_upload("b.jpg"), text="Seen"))
    assert answer.status_code == 422
    assert "a.jpg: Many photos are coming in right now." in answer.text
    assert "b.jpg: Many photos are coming in right now." in answer.text
    assert room.notes.get().text == "Seen"


def test_a_bad_photo_is_named_and_the_rest_is_kept(as_walker, url, room):
    answer = as_walker.post(url, a_form(an_upload(), SimpleUploadedFile("plan.pdf", b"%PDF-1.4")))
    shown = answer.content.decode()
    assert (answer.status_code, room.photos.count(), notes.notes_of(room).count()) == (422, 1, 1)
    assert "plan.pdf: " in shown and "Boards at every table.</textarea>" in shown


def test_a_photo_over_15_mb_is_refused_and_the_note_is_saved(as_walker, url, room, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    answer = as_walker.post(url, a_form(SimpleUploadedFile("huge.jpg", b"\xff\xd8\xff" + bytes(2000)), an_upload()))
    assert "huge.jpg: That photo is bigger than 15 MB." in answer.content.decode()
    assert (room.photos.count(), notes.notes_of(room).count()) == (1, 1)


def test_a_form_with_too_many_bytes_of_photos_saves_only_the_note(as_walker, url, room, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_REQUEST_BYTES", 500)
    answer = as_walker.post(url, a_form(an_upload()))
    assert (answer.status_code, room.photos.count(), notes.notes_of(room).count()) == (422, 0, 1)
    assert "much at once" in answer.content.decode()


def test_a_form_that_arrived_only_in_part_is_not_saved(as_walker, url, room):
    """The web server marks such a request (operations/web/connections.py). Half a note would look like a whole one."""
    fields = {"note_id": uuid.uuid4(), "page": uuid.uuid4(), "copy": "k3x9k3x9k3x9", "text": "Boards at ev"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    kind = "multipart/form-data; boundary=b"
    answer = as_walker.post(url, "\r\n".join(parts), kind, **{"learningwalks.body_dropped": True})
    assert (answer.status_code, answer["Retry-After"], notes.notes_of(room).count()) == (503, "30", 0)
    assert "lw-kept" not in answer.cookies
    assert all(words in answer.content.decode() for words in ("We can’t save this right now", "Nothing was saved."))


def test_if_uploads_cannot_be_stored_the_page_says_so_and_the_note_is_saved(as_walker, url, room, settings, tmp_path):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")
    answer = as_walker.post(url, a_form(an_upload()))
    assert (answer.status_code, notes.notes_of(room).count()) == (422, 1)
    assert "IMG_1.jpg: There is no space for the photo right now." in answer.content.decode()


def test_if_the_disk_is_full_the_page_says_so_and_keeps_the_words(as_walker, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "full"
    settings.MEDIA_ROOT.write_text("a file where the folder should be")
    answer = as_walker.post(url, a_form(an_upload()))
    assert (answer.status_code, Photo.objects.count()) == (422, 0)
    assert "Boards at every table.</textarea>" in answer.content.decode()


def test_done_here_saves_the_chosen_photo(as_walker, live, room):
    as_walker.post(reverse("observations:leave", args=[live.pk, room.pk]), a_form(an_upload()))
    room.refresh_from_db()
    assert (room.photos.count(), room.left_at) == (1, TEN_PAST_TEN)


def test_a_school_without_photos_shows_no_camera_and_refuses_uploads(as_walker, live, room, url, school):
    school.photos_on = False
    school.save()
    page = as_walker.get(reverse("observations:room", args=[live.pk, room.pk])).content.decode()
    assert 'type="file"' not in page
    assert "At our school we walk without photos." in as_walker.post(url, a_form(an_upload())).content.decode()


def test_the_photo_rule_is_shown_before_the_camera(as_walker, live, room):
    page = as_walker.get(reverse("observations:room", args=[live.pk, room.pk])).content.decode()
    assert page.index("Photograph work and walls, not faces.") < page.index('capture="environment"')
    assert page.count("Photograph work and walls, not faces.") == 1


def test_a_description_is_saved_with_the_note(as_walker, live, room, photo):
    sent = a_form() | {f"description-{photo.pk}": "Boards with answers"}
    as_walker.post(reverse("observations:save_note", args=[live.pk, room.pk]), sent)
    photo.refresh_from_db()
    assert photo.description == "Boards with answers"


def test_characters_that_no_database_stores_are_removed_from_a_description(as_walker, photo):
    url = reverse("observations:describe_photo", args=[photo.pk])
    assert as_walker.post(url, {"description": "Bo\0ards"}).status_code == 302
    photo.refresh_from_db()
    assert photo.description == "Bo ards"


@pytest.mark.parametrize("address", ["save_note", "leave", "skip"])
def test_a_description_that_is_too_long_stays_on_the_page_with_the_note(as_walker, live, room, photo, address):
    sent = a_form() | {f"description-{photo.pk}": "Boards " * 30, "text": "A quiet table."}
    answer = as_walker.post(reverse(f"observations:{address}", args=[live.pk, room.pk]), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“What it shows” can have up to 200 characters; yours has 209. Shorten it a little." in page
    assert ("Boards " * 30).strip() in page
    assert "A quiet table.</textarea>" in page


def test_a_description_can_be_sent_alone(as_walker, photo):
    as_walker.post(reverse("observations:describe_photo", args=[photo.pk]), {"description": "Boards"})
    photo.refresh_from_db()
    assert photo.description == "Boards"


@pytest.mark.parametrize("name", ["describe_photo", "delete_photo", "restore_photo"])
def test_nobody_else_changes_a_photo(client, photo, host, head, administrator, name):
    for person in (host, head, administrator):
        client.force_login(person)
        assert client.post(reverse(f"observations:{name}", args=[photo.pk])).status_code == 404


@pytest.mark.parametrize("name", ["describe_photo", "delete_photo"])
def test_the_receiver_of_a_photo_cannot_change_it(client, photo, host, room, name):
    a_praise(room, photo=photo, sent_at=timezone.now() - dt.timedelta(seconds=31))
    client.force_login(host)
    before = b"".join(get(client, photo).streaming_content)
    answer = client.post(reverse(f"observations:{name}", args=[photo.pk]), {"description": "Mine"})
    assert (answer.status_code, Photo.objects.get().description) == (404, photo.description)
    assert b"".join(get(client, photo).streaming_content) == before != b""


# --- Files without a photo ---------------------------------------------------------------------------------
def test_a_file_without_its_row_is_deleted_after_a_day(photo):
    storage, name = photo.file.storage, photo.file.name
    stored_at = storage.get_modified_time(name)
    retention.remove_orphan_photos(now=stored_at + dt.timedelta(hours=25))
    assert storage.exists(name)
    Photo.objects.all().delete()
    retention.remove_orphan_photos(now=stored_at + dt.timedelta(hours=23))
    assert storage.exists(name)
    retention.remove_orphan_photos(now=stored_at + dt.timedelta(hours=25))
    assert not storage.exists(name)
