"""Every page, file and mail is searched: private words appear only where the product’s rules allow it."""

import logging

import pytest
import time_machine
from celery.signals import before_task_publish
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, connection
from django.test import override_settings

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery
from observations.tests import addresses as observation_words
from observations.words import praise
from operations import logs
from school.models import Person
from walks.tests import addresses as walk_words

from .canaries import CANARY, private_forms, words_found_by, words_in_mails
from .matrix import SIGNED_IN, SIGNED_OUT
from .world import DAY, NOW, a_world, canary, fast_requests, place_photos, rolled_back

# Querysets decide what a person sees. test_random_walks.py and the access matrix run them on both databases; these
# searches open hundreds of pages each, so one database is enough.
pytestmark = [pytest.mark.django_db, pytest.mark.not_on_postgresql]

MAY_FIND = observation_words.MAY_FIND | walk_words.MAY_FIND
MAY_BE_MAILED = observation_words.MAY_BE_MAILED | walk_words.MAY_BE_MAILED
# For these personas, the walks whose pages are all requested directly (None: all walks).
MAIN_WALKS = ("walked", "complete", "heads")
WALKS = {"walker": None, "head": None, "other_head": None, "admin_walker": (*MAIN_WALKS, "admins")}

EVERYBODY = (*SIGNED_IN, *SIGNED_OUT)


def may_find(persona):
    return {name for name, who in MAY_FIND.items() if persona in who}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world with its photos, once for this module."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), rolled_back(), override_settings(MEDIA_ROOT=media):
        world_with_photos = a_world()
        place_photos(world_with_photos)
        world_with_photos.media = media
        yield world_with_photos


@pytest.fixture
def search_as(world, settings):
    """Search as this person; a page that fails also fails the test."""
    settings.MEDIA_ROOT = world.media

    def search(persona, **options):
        with fast_requests():
            return words_found_by(world, persona, **options)

    return search


@pytest.mark.parametrize("persona", EVERYBODY)
def test_each_persona_finds_exactly_the_private_words_they_may_read(search_as, persona):
    found = search_as(persona, walks=WALKS.get(persona, MAIN_WALKS))
    assert {name: found.get(name) for name in set(found) ^ may_find(persona)} == {}


def test_the_host_can_read_praise_half_a_minute_after_it_was_sent(search_as):
    found = search_as("host", at=NOW + DAY / 1440, walks=["walked"])
    assert set(found) - may_find("host") == {"praise-just-now", "photo-walked", "bytes-walked", "focus-walked"}


def test_a_colleague_who_becomes_head_reads_what_heads_read(world, search_as):
    world.people["colleague"].headed_grades.add(*world.people["head"].headed_grades.all())
    assert set(search_as("colleague")) == may_find("head") | {"excused"}  # an excusal about the colleague


def test_a_host_who_becomes_administrator_still_reads_only_their_own_letters(world, search_as):
    Person.objects.filter(pk=world.people["host"].pk).update(is_administrator=True, is_staff=True, is_superuser=True)
    assert set(search_as("host", walks=MAIN_WALKS)) - may_find("host") == {"excused", "to-head", "from-head"}


def test_a_former_head_finds_only_their_own_words(world, search_as):
    world.people["head"].headed_grades.clear()
    own_words = {"asked", "again", "from-head", *(name for name in may_find("head") if name.startswith("agreed-"))}
    assert set(search_as("head", walks=MAIN_WALKS)) == own_words | {"focus-heads", "to-head", "door"}


def test_praise_taken_back_is_found_only_by_its_author(world, search_as):
    praise.unsend(world.praises["walked"], by=world.people["walker"], now=NOW)
    assert set(search_as("host", at=NOW + DAY / 12, walks=["complete"])) == may_find("host")


def test_mails_contain_private_words_only_for_their_recipients(world):
    assert words_in_mails(world) == MAY_BE_MAILED


def test_reminders_contain_only_the_walkers_own_focus(world):
    due = Reminder.objects.filter(state="pending", due_at__lte=NOW + 14 * DAY).order_by("due_at")
    for _n in range(100):
        reminders.sweep(due.values_list("due_at", flat=True).first() or NOW)
    assert not due.exists()
    assert words_in_mails(world) == MAY_BE_MAILED | {"focus-approved": {"walker"}}


def formatted(record):
    """Return a log record as text and as JSON."""
    return [f"{record.name} {form.format(record)}" for form in (logs.PrivateFormatter(), logs.JsonFormatter())]


def test_logs_and_tasks_contain_no_private_word(world, caplog, django_capture_on_commit_callbacks):
    published = []

    def publish(sender, body, headers, **kwargs):
        published.append(str((sender, body, headers)))

    before_task_publish.connect(publish)
    caplog.set_level(logging.DEBUG)
    with time_machine.travel(NOW, tick=False), django_capture_on_commit_callbacks(execute=True):
        forms = private_forms(world, canary("logged"))
        answers = [world.clients[who].post(url, data).status_code for who, url, data in forms]
        delivery.sweep(NOW + DAY)
    before_task_publish.disconnect(publish)
    lines = [line for r in caplog.records if r.name != "django.db.backends" for line in formatted(r)]
    assert answers == [302, 422, 302, 204, 422, 302, 302, 422, 302, 302, 302, 404, 302]
    assert published != []
    assert [line for line in [*lines, *published] if CANARY.search(line)] == []


@pytest.mark.parametrize("kind", [ValueError, DatabaseError, SuspiciousOperation])
def test_an_error_that_quotes_private_words_is_logged_without_them(world, caplog, kind):
    def fail_and_quote(execute, sql, params, many, context):
        if '"observations_praise"' not in sql or sql.startswith("SELECT"):
            return execute(sql, params, many, context)
        words = canary("quoted")
        try:
            raise KeyError(words)
        except KeyError as error:
            raise kind(f"cannot store {words}, {params}") from error

    client, stop = world.clients["walker"], world.stops["walked"][1]
    client.raise_request_exception = False
    with time_machine.travel(NOW, tick=False), connection.execute_wrapper(fail_and_quote):
        response = client.post(f"/walks/{stop.walk_id}/praise/{stop.pk}/", {"action": "send", "text": canary("broken")})
    client.raise_request_exception = True
    lines = [line for record in caplog.records for line in formatted(record)]
    assert response.status_code in (400, 422, 500)
    assert CANARY.findall("".join(lines)) == []
    if response.status_code != 422:  # a page with 422 still shows the author's own text
        assert CANARY.findall(response.content.decode()) == []
        assert any("test_canaries.py" in line for line in lines)  # the log says where it happened


def test_failed_deliveries_log_no_private_word(world, caplog, settings):
    settings.EMAIL_URL = "smtp://x"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    caplog.set_level(logging.DEBUG)
    delivery.sweep(NOW + DAY)
    assert Message.objects.filter(error_code__startswith="ConnectionRefused").exists()
    lines = [line for record in caplog.records for line in formatted(record)]
    assert CANARY.findall("".join(lines) + str(list(Message.objects.values_list("error_text", "error_code")))) == []
