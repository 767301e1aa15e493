"""The download of one's own data: everything about the person, nothing private of others, no secrets."""

import datetime as dt
import io
import json
import zipfile

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.files.base import ContentFile
from django.utils import timezone

from learningwalks.privacy import my_data
from notifications.models import Message
from observations import my_data as words
from observations.tests.factories import a_note, a_photo, a_praise, a_takeaway
from school.models import Person
from school.tests.factories import NOW
from walks.models import WalkEvent
from walks.tests.factories import a_walk

LATER = NOW + dt.timedelta(days=2)


def columns_that_point_to_people():
    """Return all foreign keys and many-to-many fields that point to a person, in our models and third-party ones."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            if field.remote_field and field.remote_field.model is Person:
                found.add(f"{model._meta.label_lower}.{field.name}")
    return found


def test_every_column_that_points_to_a_person_has_a_section():
    assert columns_that_point_to_people() == set(my_data.SECTION_OF_COLUMN)


def test_every_section_exists():
    assert set(my_data.SECTION_OF_COLUMN.values()) - set(my_data.SECTIONS) == set()


def a_finished_walk(walker, host):
    """Create a finished walk with everything that belongs to it."""
    walk = a_walk(walker, [host], state="walked")
    stop = walk.stops.get()
    a_note(stop, "They explained it to each other")
    a_takeaway(walk, "Boards")
    a_praise(stop, "I noticed the boards", sent_at=timezone.now() - dt.timedelta(days=1))
    WalkEvent.objects.create(walk=walk, actor=walker, action="request", at=NOW, words="May I?")
    return walk


def test_the_walker_gets_walk_notes_and_takeaway(walker, host):
    a_finished_walk(walker, host)
    walk = my_data.collect(walker, now=LATER)["walks"][0]
    texts = (walk["stops"][0]["notes"][0]["text"], walk["takeaway"]["text"], walk["events"][0]["words"])
    assert texts == ("They explained it to each other", "Boards", "May I?")


def test_the_zip_has_a_page_to_read(walker, host):
    walk = a_finished_walk(walker, host)
    note = walk.stops.get().notes.get()
    note.text = "<b>They</b> explained"
    note.save()
    a_photo(walk.stops.get())
    target = io.BytesIO()
    my_data.write_zip(walker, target, now=LATER)
    page = zipfile.ZipFile(target).read("my-data.html").decode()
    assert f"Everything about {walker.full_name}" in page and "<h2>Praise you wrote</h2>" in page
    assert "&lt;b&gt;They&lt;/b&gt; explained" in page and '<img src="photos/' in page
    assert "None" not in page


def test_praise_is_in_the_data_of_author_and_receiver(walker, host):
    a_finished_walk(walker, host)
    written = my_data.collect(walker, now=LATER)["praise_written"]
    received = my_data.collect(host, now=LATER)["praise_received"]
    assert [p["text"] for p in written + received] == ["I noticed the boards"] * 2


def test_the_host_gets_no_note_and_no_takeaway_of_the_walker(walker, host):
    a_finished_walk(walker, host)
    words = json.dumps(my_data.collect(host, now=LATER), default=str)
    assert [private for private in ("explained it", '"Boards"', "May I?") if private in words] == []


def test_unsent_praise_is_not_in_its_receivers_data(walker, host):
    a_praise(a_walk(walker, [host], state="walked").stops.get(), "Still thinking")
    assert my_data.collect(host, now=LATER)["praise_received"] == []


def test_an_unannounced_visit_is_not_in_the_hosts_data(walker, host):
    a_walk(walker, [host], announced=False)
    assert my_data.collect(host, now=NOW)["visits_to_my_room"] == []


def test_my_data_contains_no_secret(walker):
    Authenticator.objects.create(user=walker, type="totp", data={"secret": "JBSWY3DP"})
    words = json.dumps(my_data.collect(walker, now=NOW), default=str)
    assert [secret for secret in ("JBSWY3DP", walker.password) if secret in words] == []


def test_my_data_has_my_sent_mails(walker):
    common = {"recipient": walker, "kind": "k", "to_addr": walker.email, "due_at": NOW, "next_try": NOW}
    Message.objects.create(key="1", message_id="1", subject="Sent", state="sent", sent_at=NOW, created_at=NOW, **common)
    Message.objects.create(key="2", message_id="2", subject="Waits", created_at=NOW, **common)
    assert [mail["subject"] for mail in my_data.collect(walker, now=NOW)["mails_to_me"]] == ["Sent"]


def test_the_zip_contains_the_json_and_my_photos(walker, host):
    stop = a_walk(walker, [host], state="walked").stops.get()
    photo = a_photo(stop)
    photo.file.save("x.jpg", ContentFile(b"jpeg"))
    target = io.BytesIO()
    my_data.write_zip(walker, target, now=NOW)
    archive = zipfile.ZipFile(target)
    assert sorted(archive.namelist()) == ["my-data.html", "my-data.json", f"photos/{photo.pk}.jpg"]
    assert archive.read(f"photos/{photo.pk}.jpg") == b"jpeg"


def test_a_missing_photo_file_does_not_break_the_rest(walker, host):
    a_photo(a_walk(walker, [host], state="walked").stops.get())
    target = io.BytesIO()
    my_data.write_zip(walker, target, now=NOW)
    assert zipfile.ZipFile(target).namelist() == ["my-data.json", "my-data.html"]


def test_a_colleagues_private_photo_is_not_in_my_zip(walker, host):
    photo = a_photo(a_walk(walker, [host], state="walked").stops.get())
    photo.file.save("x.jpg", ContentFile(b"jpeg"))
    assert list(words.own_and_received_photos(host)) == []
