"""Text typed in a room is never lost: no signal, a phone that reloads, an expired session."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from observations.models import Note, Praise
from walks.models import State

from .conftest import PHONE

pytestmark = pytest.mark.browser
TEXT = "The quiet table explained it to the loud one."


def note_field(page):
    """Return the note's text field."""
    return page.locator("#id_text")


def expect_save_line(page, words):
    """Wait until the line about saving says this."""
    expect(page.locator("#save-line")).to_contain_text(words)


def notes_on_server():
    """Return the notes on the server."""
    return list(Note.objects.values_list("text", flat=True).filter(text=TEXT))


def go_offline(page, watch):
    """Block all requests."""
    watch.allow("net::ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)


def test_without_a_signal_the_note_stays_on_the_phone(room_page, visit, watch):
    go_offline(room_page, watch)
    note_field(room_page).fill(TEXT)
    expect_save_line(room_page, "Saved on this device, later on the site.")
    address, storage = room_page.url, room_page.context.storage_state()
    room_page.context.close()  # still without a signal; the phone restarts with its stored copies
    again = visit(None, PHONE, storage_state=storage)
    again.route("**/note/", lambda route: route.abort("internetdisconnected"))
    again.goto(address)
    expect(note_field(again)).to_have_value(TEXT)
    expect_save_line(again, "Saved on this device")
    assert notes_on_server() == []
    again.unroute("**/note/")
    again.evaluate("dispatchEvent(new Event('online'))")
    expect(again.locator("#save-line")).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    assert notes_on_server() == [TEXT]
    assert copies(again) == []


def copies(page):
    """Return the copies stored on the phone, once the page's scripts have run."""
    page.wait_for_load_state()
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('lw:'))")


def test_a_note_typed_after_the_session_expired_is_saved_after_signing_in(room_page, site):
    address, amara = room_page.url, site.person("walker")
    amara.set_password("learning-walks")
    amara.save()
    Session.objects.all().delete()
    note_field(room_page).fill(TEXT)
    expect_save_line(room_page, "Sign in again. Your note is waiting.")
    room_page.on("dialog", lambda dialog: dialog.accept())
    room_page.goto(address)
    room_page.get_by_label("E-mail").fill("walker@maplehill.example")
    room_page.get_by_label("Password").fill("learning-walks")
    room_page.get_by_role("button", name="Sign in", exact=True).click()
    expect(note_field(room_page)).to_have_value(TEXT)
    expect(room_page.locator("#save-line")).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    assert notes_on_server() == [TEXT]


def expire_session_while_typing(page):
    """Let the session expire while the person types."""
    Session.objects.all().delete()
    note_field(page).fill(TEXT)
    expect_save_line(page, "Sign in again. Your note is waiting.")


def sign_in_as(page, name):
    """Press the demo's button for this person."""
    page.get_by_role("button", name=f"Sign in as {name}").click()


def expect_saved(page):
    """Wait until the note is on the server and no copy is left on the phone."""
    expect(note_field(page)).to_have_value(TEXT)
    expect(page.locator("#save-line")).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    assert (notes_on_server(), copies(page)) == ([TEXT], [])


def test_the_message_about_the_expired_session_leads_back_to_the_note(room_page):
    address = room_page.url
    expire_session_while_typing(room_page)
    expect(room_page.locator("#save-line svg")).to_be_hidden()
    ring = note_field(room_page).bounding_box()["y"] - 6
    message = room_page.locator("#save-line").bounding_box()
    assert message["y"] + message["height"] <= ring
    room_page.get_by_role("link", name="Sign in again. Your note is waiting.").click()
    expect(room_page.get_by_text("What you wrote is waiting on this device.")).to_be_visible()
    sign_in_as(room_page, "Amara")
    expect(room_page).to_have_url(address)
    expect_saved(room_page)


def test_done_here_after_the_session_expired_leads_back_to_the_note(room_page, watch):
    for words in (
        "blocked by CORS policy",
        "net::ERR_FAILED",
    ):  # leaving the page may stop a save on its way to sign-in
        watch.allow(words)
    expire_session_while_typing(room_page)
    room_page.get_by_role("button", name="Done here").click()
    sign_in_as(room_page, "Amara")
    expect_saved(room_page)


def test_a_copy_is_announced_on_any_page_after_signing_in(room_page, site):
    expire_session_while_typing(room_page)
    room_page.on("dialog", lambda dialog: dialog.accept())
    room_page.goto("/sign-in/")
    sign_in_as(room_page, "Amara")
    expect(room_page).to_have_url(f"{site.url}/")
    room_page.goto("/walks/")
    room_page.get_by_role("link", name="Go back to it").click()
    expect_saved(room_page)


def test_another_person_on_the_phone_sees_and_deletes_nothing(room_page):
    address = room_page.url
    expire_session_while_typing(room_page)
    room_page.on("dialog", lambda dialog: dialog.accept())
    room_page.goto("/sign-in/")
    sign_in_as(room_page, "Lucía")
    expect(room_page.get_by_text("only on this device so far")).to_be_hidden()
    room_page.goto("/sign-out/")
    room_page.get_by_role("button", name="Sign out", exact=True).click()
    room_page.goto(address)
    sign_in_as(room_page, "Amara")
    expect_saved(room_page)


def test_text_that_a_page_lost_in_transit_is_still_on_the_phone(room_page, site, watch):
    watch.allow("net::ERR_FAILED")
    note_field(room_page).fill(TEXT)
    room_page.route("**/note/", lambda route: route.abort())
    room_page.route("**/leave/", lambda route: route.fulfill(status=303, headers={"Location": site.url}))
    room_page.get_by_role("button", name="Done here").click()
    expect(room_page.get_by_text("Something you wrote is only on this device so far.")).to_be_visible()
    room_page.unroute("**/note/")
    room_page.get_by_role("link", name="Go back to it").click()
    expect_saved(room_page)


def test_signing_out_leaves_no_text_on_the_phone(room_page, watch):
    watch.allow("net::ERR_FAILED")
    room_page.route("**/note/", lambda route: route.abort())
    note_field(room_page).fill(TEXT)
    expect_save_line(room_page, "Saved on this device")
    room_page.on("dialog", lambda dialog: dialog.accept())
    room_page.goto("/sign-out/")
    expect(room_page.get_by_text("only on this device so far")).to_be_visible()
    room_page.get_by_role("button", name="Sign out", exact=True).click()
    expect(room_page.get_by_label("Password")).to_be_visible()
    assert copies(room_page) == []


def test_signing_out_leaves_no_text_whatever_the_server_answers(room_page, watch):
    watch.allow("net::ERR_FAILED")
    room_page.route("**/note/", lambda route: route.abort())
    note_field(room_page).fill(TEXT)
    expect_save_line(room_page, "Saved on this device")
    room_page.on("dialog", lambda dialog: dialog.accept())
    room_page.goto("/sign-out/")
    assert len(copies(room_page)) == 1
    room_page.route("**/sign-out/", lambda route: route.fulfill(content_type="text/html", body="The database is away"))
    room_page.get_by_role("button", name="Sign out", exact=True).click()
    expect(room_page.get_by_text("The database is away")).to_be_visible()
    room_page.goto("/")
    assert copies(room_page) == []


def test_done_here_without_a_signal_stays_in_the_room(room_page, watch):
    go_offline(room_page, watch)
    note_field(room_page).fill(TEXT)
    room_page.get_by_role("button", name="Done here").click()
    expect_save_line(room_page, "No signal. Your words are safe here. Press the button again when the signal is back.")
    expect(note_field(room_page)).to_have_value(TEXT)
    room_page.context.set_offline(False)
    expect(room_page.locator("#save-line")).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    room_page.get_by_role("button", name="Done here").click()
    expect(room_page).to_have_url(re.compile(r"/go/$"))
    assert notes_on_server() == [TEXT]


def test_a_refused_note_is_not_called_saved(room_page, watch):
    watch.allow("422")
    note_field(room_page).fill("x" * 4001)
    expect_save_line(room_page, "Not saved yet. Press “Done here” to see why.")
    assert notes_on_server() == []


def test_empty_praise_is_not_called_saved(visit, site, watch):
    stop = site.walks(state=State.WALKED).get().stops.filter(praise=None).first()
    page = visit("walker")
    page.goto(f"/walks/{stop.walk_id}/praise/{stop.pk}/")
    watch.allow("422")
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_role("alert").first).to_contain_text("Write a sentence to")
    page.wait_for_timeout(1000)  # no save begins
    expect(page.locator("#save-line")).to_have_text("")


def test_an_old_copy_of_praise_is_shown_beside_the_newer_version(visit, site, watch):
    stop = site.walks(state=State.WALKED).get().stops.filter(praise=None).first()
    address = f"/walks/{stop.walk_id}/praise/{stop.pk}/"
    phone = visit("walker", PHONE)
    phone.goto(address)
    go_offline(phone, watch)
    note_field(phone).fill("Monday, on the phone")
    expect_save_line(phone, "Saved on this device")
    storage = phone.context.storage_state()
    phone.context.close()
    laptop = visit("walker")
    laptop.goto(address)
    note_field(laptop).fill("Tuesday, on the laptop")
    laptop.get_by_role("button", name="Save", exact=True).click()
    watch.allow("409")
    again = visit(None, PHONE, storage_state=storage)
    again.goto(address)
    expect_save_line(again, "Both versions are here.")
    expect(note_field(again)).to_have_value("Monday, on the phone")
    expect(again.get_by_label("Your other version")).to_have_value("Tuesday, on the laptop")
    assert Praise.objects.get(stop=stop).text == "Tuesday, on the laptop"
    again.get_by_role("button", name="Save", exact=True).click()
    expect(again.get_by_text("Saved. Only you can read it until you send it.")).to_be_visible()
    assert (Praise.objects.get(stop=stop).text, copies(again)) == ("Monday, on the phone", [])


def sign_in_again(page):
    """Sign in in another tab, so that the first tab's form has an outdated token."""
    page.context.clear_cookies(name="sessionid")
    tab = page.context.new_page()
    tab.goto("/sign-in/")
    sign_in_as(tab, "Amara")
    expect(tab).not_to_have_url(re.compile("/sign-in/"))
    tab.close()


def test_a_page_opened_before_a_new_sign_in_still_saves(room_page, watch):
    watch.allow("403")
    sign_in_again(room_page)
    note_field(room_page).fill(TEXT)
    expect_saved(room_page)
    room_page.get_by_role("button", name="Done here").click()
    expect(room_page).to_have_url(re.compile(r"/go/$"))


def test_a_page_without_any_cookie_asks_to_sign_in_and_then_saves(room_page, watch):
    watch.allow("403")
    room_page.context.clear_cookies()
    note_field(room_page).fill(TEXT)
    expect_save_line(room_page, "Sign in again. Your note is waiting.")
    sign_in_again(room_page)
    expect_saved(room_page)


def test_done_here_without_any_cookie_leads_back_to_the_note(room_page, watch):
    watch.allow("403")
    room_page.context.clear_cookies()
    note_field(room_page).fill(TEXT)
    expect_save_line(room_page, "Sign in again. Your note is waiting.")
    room_page.get_by_role("button", name="Done here").click()
    sign_in_as(room_page, "Amara")
    expect_saved(room_page)


def test_a_form_from_before_a_new_sign_in_is_sent_again_with_one_button(room_page, watch):
    watch.allow("403")
    room_page.route("**/note/", lambda route: route.abort())
    watch.allow("net::ERR_FAILED")
    sign_in_again(room_page)
    note_field(room_page).fill(TEXT)
    room_page.get_by_role("button", name="Done here").click()
    expect(room_page.get_by_label("What you typed")).to_have_value(TEXT)
    room_page.get_by_role("button", name="Try again").click()
    expect(room_page).to_have_url(re.compile(r"/go/$"))
    assert (notes_on_server(), copies(room_page)) == ([TEXT], [])
