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


def wait_until_saved(room_page):
    """Wait until the page says that the note is saved."""
    room_page.locator("[data-save-line]", has_text=re.compile(r"Saved \d")).wait_for()


def text(room_page):
    """Return the text in the note."""
    return room_page.locator("#id_text").input_value()


def notes():
    """Return the notes on the server that this test wrote."""
    return list(Note.objects.filter(text=WORDS).values_list("text", flat=True))


def test_typed_text_is_saved_and_still_there_after_a_reload(room_page):
    room_page.locator("#id_text").press_sequentially(WORDS)
    wait_until_saved(room_page)
    room_page.reload()
    assert (text(room_page), notes()) == (WORDS, [WORDS])


def test_without_the_server_the_phone_keeps_the_note_and_sends_it_later(room_page, watch):
    watch.allow("net::ERR_FAILED")
    opened = []  # requests fail until the page was opened again, so that the old page's last save fails, too
    room_page.route("**/note/", lambda route: route.continue_() if opened else route.abort())
    room_page.locator("#id_text").press_sequentially(WORDS)
    room_page.locator("[data-save-line]", has_text="Saved on this device").wait_for()
    assert notes() == []
    room_page.on("framenavigated", lambda frame: opened.append(frame))
    room_page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?", because a save failed
    room_page.reload()
    wait_until_saved(room_page)
    assert (text(room_page), notes()) == (WORDS, [WORDS])


def test_a_note_typed_after_the_session_ended_is_saved_later(room_page, watch):
    watch.allow("Access to fetch")  # Chromium's words for a request that ends because the page is left
    watch.allow("net::ERR_FAILED")
    address, context = room_page.url, room_page.context
    session = [cookie for cookie in context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME]
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    room_page.locator("#id_text").press_sequentially(WORDS)
    room_page.get_by_role("button", name="Done here").click()
    room_page.wait_for_url("**/sign-in/**")
    context.add_cookies(session)
    room_page.goto(address)
    wait_until_saved(room_page)
    assert notes() == [WORDS]


def test_a_photo_chosen_before_the_script_arrives_is_uploaded(room_page):
    waiting = []  # the script is on its way
    room_page.route("**/photo_upload*.js", lambda route: waiting.append(route))
    room_page.reload(wait_until="commit")
    room_page.locator("#library").set_input_files(an_image("early.jpg"))
    expect(room_page.locator("[data-photo]")).to_have_count(0)
    waiting[0].continue_()
    expect(room_page.locator("[data-photo]")).to_have_count(1)


def test_another_note_starts_empty_and_the_phone_drops_its_copy_of_the_old_one(room_page):
    room_page.locator("#id_text").press_sequentially(WORDS)
    room_page.get_by_role("button", name="Another note").click()
    room_page.wait_for_url("**new=1")
    assert (text(room_page), notes()) == ("", [WORDS])
    assert room_page.evaluate("Object.keys(localStorage).length") == 0


def test_the_clock_counts_and_announces_when_to_move_on(room_page, site):
    room_page.locator(".clock b", has_text=re.compile(r"0:(0[2-9]|[1-5]\d)")).wait_for()
    assert room_page.locator("[role=status][data-pace]").inner_text() == "Plenty of time"
    site.advance(minutes=7)
    room_page.reload()
    assert room_page.locator(".clock b").inner_text().startswith("7:")
    assert room_page.locator("[role=status][data-pace]").inner_text() == "Time to move on"
    assert room_page.locator(".pace .v rect").last.get_attribute("width") == "58.0"


def test_a_photo_is_uploaded_removed_and_restored_without_leaving_the_page(room_page):
    room_page.locator("#cam").set_input_files(an_image("IMG_1.jpg"))
    remove = room_page.locator("[data-remove-photo]")
    remove.click()
    room_page.get_by_text("Photo removed.").wait_for()
    assert Photo.objects.count() == 0
    room_page.locator("[data-restore-photo]").press("Enter")  # it has the focus
    remove.wait_for()
    assert Photo.objects.count() == 1


def test_a_photo_that_is_too_big_is_refused_before_it_is_sent(room_page):
    room_page.evaluate("document.getElementById('uploads').dataset.max = '10'")
    room_page.locator("#library").set_input_files(an_image("IMG_2.jpg"))
    room_page.locator(".upload-problem", has_text="IMG_2.jpg: bigger than 15 MB").wait_for()
    assert Photo.objects.count() == 0


def test_the_error_about_a_wrong_file_disappears_with_the_next_photo(room_page, watch):
    watch.allow("422")
    room_page.locator("#library").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"words"})
    room_page.locator(".upload-problem", has_text="a.jpg").wait_for()
    room_page.locator("#library").set_input_files(an_image("IMG_2.jpg"))
    room_page.locator("[data-photo]").wait_for()
    expect(room_page.locator(".upload-problem")).to_have_count(0)


def test_a_failed_upload_is_sent_again(room_page, watch):
    watch.allow("net::ERR_FAILED")
    room_page.route("**/photos/", lambda route: route.abort())
    room_page.locator("#library").set_input_files(an_image("IMG_3.jpg"))
    again = room_page.get_by_role("button", name="Try again")
    again.wait_for()
    room_page.unroute("**/photos/")
    again.click()
    room_page.locator("[data-photo]").wait_for()
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "words", "tries"),
    [(413, "bigger than 15 MB", 1), (403, "not added.", 2), (404, "not added.", 2), (409, "not added.", 2)],
)
def test_a_refused_photo_shows_the_reason(room_page, watch, status, words, tries):
    watch.allow(str(status))
    requests = []
    room_page.route("**/photos/", lambda route: (requests.append(route), route.fulfill(status=status)))
    room_page.locator("#cam").set_input_files(an_image("IMG_4.jpg"))
    problem = room_page.locator(".upload-problem", has_text=f"IMG_4.jpg: {words}")
    problem.wait_for()
    expect(problem.get_by_role("button")).to_have_count(0)
    assert len(requests) == tries


def test_a_photo_with_an_outdated_token_is_sent_automatically(room_page, watch):
    watch.allow("403")
    room_page.evaluate("document.querySelector('#room-form [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    room_page.locator("#cam").set_input_files(an_image("IMG_4.jpg"))
    room_page.locator("[data-photo]").wait_for()
    assert Photo.objects.count() == 1


def test_done_here_waits_for_an_upload(room_page, site):
    room_page.route("**/photos/", lambda route: (room_page.wait_for_timeout(600), route.continue_()))
    room_page.locator("#cam").set_input_files(an_image("IMG_4.jpg"))
    room_page.get_by_role("button", name="Done here").click()
    next_stop = site.walks(state=State.APPROVED).get().stops.all()[1]
    room_page.get_by_role("heading", name=next_stop.host.full_name).wait_for()
    assert Photo.objects.count() == 1


def go_offline(room_page, watch):
    """Block all requests."""
    watch.allow("net::ERR_INTERNET_DISCONNECTED")
    room_page.context.set_offline(True)


def test_a_photo_taken_without_signal_is_sent_before_the_next_room(room_page, site, watch):
    go_offline(room_page, watch)
    room_page.locator("#cam").set_input_files(an_image("IMG_5.jpg"))
    room_page.locator(".upload-problem", has_text="IMG_5.jpg: not sent yet.").wait_for()
    room_page.get_by_role("button", name="Done here").click()
    room_page.locator(".upload-wait", has_text="A photo is not sent yet.").wait_for()
    room_page.context.set_offline(False)
    room_page.get_by_role("heading", name=next_host(site)).wait_for()
    assert Photo.objects.count() == 1


def next_host(site):
    """Return the host in the next room."""
    return site.walks(state=State.APPROVED).get().stops.all()[1].host.full_name


@pytest.mark.parametrize("button", ["Bad moment? Skip this room", "Leave for now", "Another note"])
def test_leaving_the_page_with_an_unsent_photo_asks_first(room_page, watch, button):
    watch.allow("net::ERR_FAILED")
    room_page.route("**/photos/", lambda route: route.abort())
    address = room_page.url
    room_page.locator("#id_text").press_sequentially(WORDS)  # without words there is no other note to start
    room_page.locator("#cam").set_input_files(an_image("IMG_6.jpg"))
    room_page.locator(".upload-problem").wait_for()
    room_page.get_by_role("button", name=button).click()
    room_page.get_by_role("button", name="Go on without it").wait_for()
    assert room_page.url == address
    room_page.get_by_role("button", name="Go on without it").click()
    room_page.wait_for_url(lambda url: url != address)
    assert Photo.objects.count() == 0


def test_closing_the_page_with_an_unsent_photo_asks_first(room_page, watch):
    watch.allow("net::ERR_FAILED")
    dialogs = []
    room_page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    room_page.route("**/photos/", lambda route: route.abort())
    room_page.locator("#cam").set_input_files(an_image("IMG_7.jpg"))
    room_page.locator(".upload-problem").wait_for()
    room_page.goto("/help/")
    assert dialogs == ["beforeunload"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_photo_that_a_busy_server_refused_is_sent_a_moment_later(room_page, watch, status):
    watch.allow(str(status))
    watch.allowed_statuses.add(status)
    busy = iter([True])
    headers = {"Retry-After": "1"}
    room_page.route(
        "**/photos/",
        lambda route: route.fulfill(status=status, headers=headers) if next(busy, False) else route.continue_(),
    )
    room_page.locator("#cam").set_input_files(an_image("IMG_8.jpg"))
    room_page.locator(".upload-problem", has_text="IMG_8.jpg: the server is busy.").wait_for()
    room_page.locator("[data-photo]").wait_for()
    expect(room_page.locator(".upload-problem")).to_have_count(0)
    assert Photo.objects.count() == 1


def test_a_photo_is_sent_after_a_new_sign_in(room_page, site, watch):
    watch.allow("403")
    context = room_page.context
    session = [cookie for cookie in context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME]
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    room_page.locator("#cam").set_input_files(an_image("IMG_9.jpg"))
    room_page.locator(".upload-problem", has_text="Sign in again in a new tab").wait_for()
    context.clear_cookies(name="csrftoken")  # the page's token is outdated, as after signing in
    context.add_cookies(session)
    room_page.locator("[data-photo]").wait_for()
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("width", [320, 390])
def test_the_sentences_are_one_row_and_no_focus_is_cut_off_at_the_edge(room_page, width):
    room_page.set_viewport_size({"width": width, "height": 844})
    sentences = room_page.locator("#room-form .sentence-starter").all()
    assert len({sentence.bounding_box()["y"] for sentence in sentences}) == 1 < len(sentences)
    sentences[-1].scroll_into_view_if_needed()
    tags = room_page.locator("#room-form .pick").locator("visible=true").all()
    assert len(tags) >= 2
    for choice in (*tags, sentences[-1]):
        box = choice.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, choice.inner_text()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_the_bar_covers_nothing_that_a_walker_may_need(room_page, width, height):
    room_page.set_viewport_size({"width": width, "height": height})
    bar = room_page.locator(".live-bar").bounding_box()
    helps = [room_page.get_by_text(words) for words in ("What to look for and ask", "Worried about a child?")]
    for part in (room_page.locator("#photos-private"), *helps):
        box = part.bounding_box()
        assert box["y"] + box["height"] <= bar["y"]


def test_a_note_gets_a_tag_and_loses_it_again(room_page):
    tags = room_page.get_by_role("radiogroup", name="This note is about")
    below = room_page.locator("#photos-private")
    place = below.bounding_box()
    room_page.locator("#id_text").fill(WORDS)
    tags.get_by_role("radio").first.check()
    assert below.bounding_box() == place
    wait_until_saved(room_page)
    room_page.reload()
    expect(tags.get_by_role("radio").first).to_be_checked()
    tags.get_by_label("Something else").check()
    room_page.get_by_role("button", name="Done here").click()
    room_page.get_by_role("button", name="I’m in").wait_for()
    assert Note.objects.get(text=WORDS).about == ""


def test_a_room_that_was_not_planned_is_found_while_typing(room_page):
    room_page.goto(f"{room_page.url.rsplit('/', 2)[0]}/rooms/")
    rows = room_page.locator(".room-row:visible")
    shown_at_once = rows.count()
    name = room_page.locator("details:not([open]) .room-row b").first.text_content()
    room_page.get_by_label("Room, colleague or class").press_sequentially(name)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(name)
    assert shown_at_once > 1
    rows.click()
    room_page.get_by_role("heading", name=name).wait_for()
