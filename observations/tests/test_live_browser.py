"""In a real browser: typing saves itself, a dead connection loses nothing, the clock counts, photos go up."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from observations.models import Note, Photo
from observations.tests.test_photos import a_file
from walks.models import Stop, Walk
from walks.tests.factories import a_walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "Boards at every table."


@pytest.fixture(scope="session")
def base_url():
    """Addresses are written out in full."""
    return ""


def an_image(name):
    return {"name": name, "mimeType": "image/jpeg", "buffer": a_file().read()}


@pytest.fixture
def walk(walker, hosts, head):
    """Under way since just now, in the first room."""
    walk = a_walk(walker, hosts)
    Walk.objects.filter(pk=walk.pk).update(started_at=timezone.now())
    Stop.objects.filter(pk=walk.stops.first().pk).update(arrived_at=timezone.now())
    return walk


@pytest.fixture
def address(walk, live_server):
    return live_server.url + reverse("observations:room", args=[walk.pk, walk.stops.first().pk])


@pytest.fixture
def phone(page, walker, address, live_server):
    """The room's page on the walker's phone."""
    session = Client()
    session.force_login(walker)
    cookie = session.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    return page


def saved(phone):
    phone.locator("[data-save-line]", has_text=re.compile(r"Saved \d")).wait_for()


def text(phone):
    return phone.locator("#id_text").input_value()


def test_typing_saves_itself_and_is_there_after_a_reload(phone):
    phone.locator("#id_text").press_sequentially(WORDS)
    saved(phone)
    phone.reload()
    assert (text(phone), Note.objects.get().text) == (WORDS, WORDS)


def test_without_the_server_the_phone_keeps_the_words_and_sends_them_later(phone):
    opened = []  # the server is back for the page that is opened anew, not for the last words of the old one
    phone.route("**/note/", lambda route: route.continue_() if opened else route.abort())
    phone.locator("#id_text").press_sequentially(WORDS)
    phone.locator("[data-save-line]", has_text="Saved on this phone").wait_for()
    assert Note.objects.count() == 0
    phone.on("framenavigated", lambda frame: opened.append(frame))
    phone.on("dialog", lambda dialog: dialog.accept())  # "leave this page?", as a save failed
    phone.reload()
    saved(phone)
    assert (text(phone), Note.objects.get().text) == (WORDS, WORDS)


def test_words_typed_after_the_session_ended_come_back(phone, walker, address):
    session = [c for c in phone.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME]
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.locator("#id_text").press_sequentially(WORDS)
    phone.locator("button.go").click()
    phone.wait_for_url("**/sign-in/**")
    phone.context.add_cookies(session)
    phone.goto(address)
    saved(phone)
    assert Note.objects.get().text == WORDS


def test_another_note_starts_empty_even_with_a_copy_on_the_phone(phone):
    phone.locator("#id_text").press_sequentially(WORDS)
    phone.get_by_role("button", name="Start another note").click()
    phone.wait_for_url("**new=1")
    assert (text(phone), Note.objects.count()) == ("", 1)
    assert phone.evaluate("Object.keys(localStorage).length") == 0


def test_the_clock_counts_and_speaks_only_at_its_minutes(phone, walk):
    phone.locator(".clock b", has_text=re.compile(r"0:0[2-9]|0:1\d")).wait_for()
    assert phone.locator("[role=status][data-pace]").inner_text() == "Plenty of time"
    Stop.objects.filter(pk=walk.stops.first().pk).update(arrived_at=timezone.now() - dt.timedelta(minutes=7))
    phone.reload()
    assert phone.locator(".clock b").inner_text().startswith("7:0")
    assert phone.locator("[role=status][data-pace]").inner_text() == "Time to move on"
    assert phone.locator(".pace .v rect").last.get_attribute("width") == "58.0"


def test_a_photo_goes_up_and_away_without_leaving_the_page(phone):
    phone.locator("#cam").set_input_files(an_image("IMG_1.jpg"))
    row = phone.locator("[data-photo]")
    row.wait_for()
    assert Photo.objects.count() == 1
    row.locator("[data-remove-photo]").click()
    row.wait_for(state="detached")
    assert Photo.objects.count() == 0


def test_a_photo_that_is_too_big_is_named_before_it_is_sent(phone):
    phone.evaluate("document.getElementById('uploads').dataset.max = '10'")
    phone.locator("#library").set_input_files(an_image("IMG_2.jpg"))
    phone.locator(".upload-problem", has_text="IMG_2.jpg: bigger than 15 MB").wait_for()
    assert Photo.objects.count() == 0


def test_what_was_no_photo_is_forgotten_with_the_next_one(phone):
    phone.locator("#library").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"words"})
    phone.locator(".upload-problem", has_text="a.jpg").wait_for()
    phone.locator("#library").set_input_files(an_image("IMG_2.jpg"))
    phone.locator("[data-photo]").wait_for()
    assert phone.locator(".upload-problem").count() == 0


def test_a_photo_that_did_not_get_through_is_sent_again(phone):
    phone.route("**/photos/", lambda route: route.abort())
    phone.locator("#library").set_input_files(an_image("IMG_3.jpg"))
    again = phone.get_by_role("button", name="Try again")
    again.wait_for()
    phone.unroute("**/photos/")
    again.click()
    phone.locator("[data-photo]").wait_for()
    assert Photo.objects.count() == 1


def test_done_here_waits_for_a_photo_on_its_way(phone, walk):
    phone.route("**/photos/", lambda route: (phone.wait_for_timeout(600), route.continue_()))
    phone.locator("#cam").set_input_files(an_image("IMG_4.jpg"))
    phone.locator("button.go").click()
    phone.get_by_role("heading", name="Leila Haddad").wait_for()
    assert Photo.objects.count() == 1
