"""In a room: typed text is saved, a lost connection loses nothing, the clock counts, photos are uploaded."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from observations.models import Note, Photo
from observations.tests.factories import a_jpeg
from walks.models import State

pytestmark = pytest.mark.browser
WORDS = "Boards at every table."


def an_image(name):
    """Return a photo as a file on the phone."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": a_jpeg().read()}


def wait_until_saved(room):
    """Wait until the page says that the note is saved."""
    room.locator("[data-save-line]", has_text=re.compile(r"Saved \d")).wait_for()


def text(room):
    """Return the text in the note."""
    return room.locator("#id_text").input_value()


def notes():
    """Return the notes on the server that this test wrote."""
    return list(Note.objects.filter(text=WORDS).values_list("text", flat=True))


def test_typed_text_is_saved_and_still_there_after_a_reload(room):
    room.locator("#id_text").press_sequentially(WORDS)
    wait_until_saved(room)
    room.reload()
    assert (text(room), notes()) == (WORDS, [WORDS])


def test_without_the_server_the_phone_keeps_the_note_and_sends_it_later(room, watch):
    watch.expect("net::ERR_FAILED")
    opened = []  # the server is back for the newly opened page, but not for the old page's last save
    room.route("**/note/", lambda route: route.continue_() if opened else route.abort())
    room.locator("#id_text").press_sequentially(WORDS)
    room.locator("[data-save-line]", has_text="Saved on this device").wait_for()
    assert notes() == []
    room.on("framenavigated", lambda frame: opened.append(frame))
    room.on("dialog", lambda dialog: dialog.accept())  # "leave this page?", because a save failed
    room.reload()
    wait_until_saved(room)
    assert (text(room), notes()) == (WORDS, [WORDS])


def test_a_note_typed_after_the_session_ended_is_saved_later(room):
    address, context = room.url, room.context
    session = [cookie for cookie in context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME]
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    room.locator("#id_text").press_sequentially(WORDS)
    room.get_by_role("button", name="Done here").click()
    room.wait_for_url("**/sign-in/**")
    context.add_cookies(session)
    room.goto(address)
    wait_until_saved(room)
    assert notes() == [WORDS]


def test_a_photo_chosen_before_the_script_arrives_is_uploaded(room):
    waiting = []  # the script is on its way
    room.route("**/photo_upload*.js", lambda route: waiting.append(route))
    room.reload(wait_until="commit")
    room.locator("#library").set_input_files(an_image("early.jpg"))
    expect(room.locator("[data-photo]")).to_have_count(0)
    waiting[0].continue_()
    expect(room.locator("[data-photo]")).to_have_count(1)


def test_another_note_starts_empty_even_with_a_copy_on_the_phone(room):
    room.locator("#id_text").press_sequentially(WORDS)
    room.get_by_role("button", name="Start another note").click()
    room.wait_for_url("**new=1")
    assert (text(room), notes()) == ("", [WORDS])
    assert room.evaluate("Object.keys(localStorage).length") == 0


def test_the_clock_counts_and_announces_when_to_move_on(room, site):
    room.locator(".clock b", has_text=re.compile(r"0:(0[2-9]|[1-5]\d)")).wait_for()
    assert room.locator("[role=status][data-pace]").inner_text() == "Plenty of time"
    site.wait(7 * 60)
    room.reload()
    assert room.locator(".clock b").inner_text().startswith("7:")
    assert room.locator("[role=status][data-pace]").inner_text() == "Time to move on"
    assert room.locator(".pace .v rect").last.get_attribute("width") == "58.0"


def test_a_photo_is_uploaded_removed_and_restored_without_leaving_the_page(room):
    room.locator("#cam").set_input_files(an_image("IMG_1.jpg"))
    remove = room.locator("[data-remove-photo]")
    remove.click()
    room.get_by_text("Photo removed.").wait_for()
    assert Photo.objects.count() == 0
    room.locator("[data-restore-photo]").press("Enter")  # it has the focus
    remove.wait_for()
    assert Photo.objects.count() == 1


def test_a_photo_that_is_too_big_is_refused_before_it_is_sent(room):
    room.evaluate("document.getElementById('uploads').dataset.max = '10'")
    room.locator("#library").set_input_files(an_image("IMG_2.jpg"))
    room.locator(".upload-problem", has_text="IMG_2.jpg: bigger than 15 MB").wait_for()
    assert Photo.objects.count() == 0


def test_the_error_about_a_wrong_file_disappears_with_the_next_photo(room, watch):
    watch.expect("422")
    room.locator("#library").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"words"})
    room.locator(".upload-problem", has_text="a.jpg").wait_for()
    room.locator("#library").set_input_files(an_image("IMG_2.jpg"))
    room.locator("[data-photo]").wait_for()
    expect(room.locator(".upload-problem")).to_have_count(0)


def test_a_failed_upload_is_sent_again(room, watch):
    watch.expect("net::ERR_FAILED")
    room.route("**/photos/", lambda route: route.abort())
    room.locator("#library").set_input_files(an_image("IMG_3.jpg"))
    again = room.get_by_role("button", name="Try again")
    again.wait_for()
    room.unroute("**/photos/")
    again.click()
    room.locator("[data-photo]").wait_for()
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "words", "tries"),
    [(413, "bigger than 15 MB", 1), (403, "not added.", 2), (404, "not added.", 2), (409, "not added.", 2)],
)
def test_a_refused_photo_shows_the_reason(room, watch, status, words, tries):
    watch.expect(str(status))
    requests = []
    room.route("**/photos/", lambda route: (requests.append(route), route.fulfill(status=status)))
    room.locator("#cam").set_input_files(an_image("IMG_4.jpg"))
    problem = room.locator(".upload-problem", has_text=f"IMG_4.jpg: {words}")
    problem.wait_for()
    expect(problem.get_by_role("button")).to_have_count(0)
    assert len(requests) == tries


def test_a_photo_with_an_outdated_token_is_sent_automatically(room, watch):
    watch.expect("403")
    room.evaluate("document.querySelector('#room-form [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    room.locator("#cam").set_input_files(an_image("IMG_4.jpg"))
    room.locator("[data-photo]").wait_for()
    assert Photo.objects.count() == 1


def test_done_here_waits_for_an_upload(room, site):
    room.route("**/photos/", lambda route: (room.wait_for_timeout(600), route.continue_()))
    room.locator("#cam").set_input_files(an_image("IMG_4.jpg"))
    room.get_by_role("button", name="Done here").click()
    next_stop = site.walks(state=State.APPROVED).get().stops.all()[1]
    room.get_by_role("heading", name=next_stop.host.full_name).wait_for()
    assert Photo.objects.count() == 1


def go_offline(room, watch):
    """Block all requests."""
    watch.expect("net::ERR_INTERNET_DISCONNECTED")
    room.context.set_offline(True)


def test_a_photo_taken_without_signal_is_sent_before_the_next_room(room, site, watch):
    go_offline(room, watch)
    room.locator("#cam").set_input_files(an_image("IMG_5.jpg"))
    room.locator(".upload-problem", has_text="IMG_5.jpg: not sent yet.").wait_for()
    room.get_by_role("button", name="Done here").click()
    room.locator(".upload-wait", has_text="A photo is not sent yet.").wait_for()
    room.context.set_offline(False)
    room.get_by_role("heading", name=next_host(site)).wait_for()
    assert Photo.objects.count() == 1


def next_host(site):
    """Return the host in the next room."""
    return site.walks(state=State.APPROVED).get().stops.all()[1].host.full_name


@pytest.mark.parametrize("button", ["Bad moment? Skip this room", "Leave for now", "Start another note"])
def test_leaving_the_page_with_an_unsent_photo_asks_first(room, watch, button):
    watch.expect("net::ERR_FAILED")
    room.route("**/photos/", lambda route: route.abort())
    address = room.url
    room.locator("#id_text").press_sequentially(WORDS)  # without words there is no other note to start
    room.locator("#cam").set_input_files(an_image("IMG_6.jpg"))
    room.locator(".upload-problem").wait_for()
    room.get_by_role("button", name=button).click()
    room.get_by_role("button", name="Go on without it").wait_for()
    assert room.url == address
    room.get_by_role("button", name="Go on without it").click()
    room.wait_for_url(lambda url: url != address)
    assert Photo.objects.count() == 0


def test_closing_the_page_with_an_unsent_photo_asks_first(room, watch):
    watch.expect("net::ERR_FAILED")
    requests = []
    room.on("dialog", lambda dialog: (requests.append(dialog.type), dialog.accept()))
    room.route("**/photos/", lambda route: route.abort())
    room.locator("#cam").set_input_files(an_image("IMG_7.jpg"))
    room.locator(".upload-problem").wait_for()
    room.goto("/help/")
    assert requests == ["beforeunload"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_photo_that_a_busy_server_refused_is_sent_a_moment_later(room, watch, status):
    watch.expect(str(status))
    watch.expected_statuses.add(status)
    busy = iter([True])
    headers = {"Retry-After": "1"}
    room.route(
        "**/photos/",
        lambda route: route.fulfill(status=status, headers=headers) if next(busy, False) else route.continue_(),
    )
    room.locator("#cam").set_input_files(an_image("IMG_8.jpg"))
    room.locator(".upload-problem", has_text="IMG_8.jpg: the server is busy.").wait_for()
    room.locator("[data-photo]").wait_for()
    expect(room.locator(".upload-problem")).to_have_count(0)
    assert Photo.objects.count() == 1


def test_a_photo_is_sent_after_a_new_sign_in(room, site, watch):
    watch.expect("403")
    context = room.context
    session = [cookie for cookie in context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME]
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    room.locator("#cam").set_input_files(an_image("IMG_9.jpg"))
    room.locator(".upload-problem", has_text="Sign in again in a new tab").wait_for()
    context.clear_cookies(name="csrftoken")  # the page's token is outdated, as after signing in
    context.add_cookies(session)
    room.locator("[data-photo]").wait_for()
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("width", [320, 390])
def test_no_focus_and_no_sentence_is_cut_off_at_the_edge(room, width):
    room.set_viewport_size({"width": width, "height": 844})
    choices = room.locator("#room-form .pick, #room-form .sentence-starter").all()
    assert len(choices) >= 6
    for choice in choices:
        box = choice.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, choice.inner_text()


def test_a_room_that_was_not_planned_is_found_while_typing(room):
    room.goto(f"{room.url.rsplit('/', 2)[0]}/rooms/")
    rows = room.locator(".room-row:visible")
    shown_at_once = rows.count()
    name = room.locator("details:not([open]) .room-row b").first.text_content()
    room.get_by_label("Room, colleague or class").press_sequentially(name)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(name)
    assert shown_at_once > 1
    rows.click()
    room.get_by_role("heading", name=name).wait_for()
