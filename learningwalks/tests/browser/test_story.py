"""The story of the README from beginning to end, with the four demo people, in a real browser."""

import csv
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from .conftest import DESKTOP, PHONE
from .tours import look_for, open_step

pytestmark = pytest.mark.browser
NOTE = "Every table holds up the answer and how they got there."
PRAISE = "I noticed every table hold up the answer and the how. Because of that, the quiet ones spoke first."


class Colleague:
    """A demo person with their own browser."""

    def __init__(self, visit, name, width):
        self.page, self.width = visit(width=width), width
        self.page.goto("/sign-in/")
        self.press(re.compile(f"Sign in as {name}"))
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible()

    def press(self, name, where=None):
        """Press the visible button with this name."""
        self.page.wait_for_load_state()  # before the style sheets load, hidden buttons are visible too
        (where or self.page).get_by_role("button", name=name).locator("visible=true").first.click()

    def follow(self, name, where=None):
        """Follow the visible link with this name."""
        self.page.wait_for_load_state()
        (where or self.page).get_by_role("link", name=name).locator("visible=true").first.click()

    def open_from_menu(self, name):
        """Open a page from the menu of this screen."""
        bar = "Main, phone" if self.width == PHONE else "Main"
        self.follow(name, self.page.get_by_role("navigation", name=bar, exact=True))

    def sees(self, words, level=None):
        """Check that the page shows these words (in a heading of that level)."""
        if level:
            expect(self.page.get_by_role("heading", level=level, name=words)).to_be_visible()
        else:
            expect(self.page.locator("main")).to_contain_text(words)

    def sees_message(self, words):
        """Check that a message with these words appears."""
        expect(self.page.locator("#messages")).to_contain_text(words)


# test_keyboard.py plans and walks on a desktop.
@pytest.mark.parametrize("width", [PHONE, pytest.param(DESKTOP, marks=pytest.mark.long)])
def test_from_the_plan_to_the_report(visit, site, width, tmp_path):
    amara = Colleague(visit, "Amara", width)
    plan(amara)
    approve(Colleague(visit, "Lucía", width))
    site.advance(seconds=31)
    site.deliver()
    find_invitation(amara)
    walk(amara, site, a_photo(tmp_path))
    thank_everybody(amara)
    site.advance(seconds=31)
    site.deliver()
    read_praise(Colleague(visit, "Jonas", width))
    try_one_thing(amara)
    look_at_report(Colleague(visit, "Daniel", width))


def plan(amara):
    """Plan with one focus, a free period and a hallway in another order; send it to Lucía."""
    page = amara.page
    amara.open_from_menu("Plan") if amara.width == PHONE else amara.follow("Plan another walk")
    amara.sees("Plan a walk", level=1)
    look_for(page, "Student talk")
    open_step(page, "when")
    slot = page.get_by_role("group", name="Your next free periods").get_by_role("button").nth(1)
    slot.click()
    expect(slot).to_have_attribute("aria-pressed", "true")
    open_step(page, "rooms")
    amara.press("Second-floor hallway")
    expect(page.get_by_role("button", name="Second-floor hallway")).to_have_attribute("aria-pressed", "true")
    rooms = page.locator("#plan-side .plate")
    expect(rooms).to_have_count(5)
    first, second = rooms.nth(0).inner_text(), rooms.nth(1).inner_text()
    amara.press("Order and minutes")
    amara.press(f"Visit later: Room {first}")
    expect(rooms.nth(0)).to_have_text(second)
    amara.press(f"Visit earlier: Room {first}")
    expect(rooms.nth(0)).to_have_text(first)
    amara.press(re.compile("Send to Lucía"))
    amara.sees_message("Sent to Lucía")
    amara.sees("Waiting for Lucía")


def approve(lucia):
    """Approve her request with one press."""
    lucia.open_from_menu("Appro")
    lucia.sees("Walks to approve", level=1)
    lucia.press("Approve Amara Osei’s walk")
    lucia.sees_message("Amara")
    lucia.page.wait_for_load_state()  # the message can appear before the list below it has loaded
    expect(lucia.page.get_by_role("button", name="Approve Amara Osei’s walk")).to_have_count(0)


def find_invitation(amara):
    """The mail with the calendar entry is in the demo's mailbox."""
    amara.page.goto("/demo/mailbox/?to=walker%40maplehill.example")
    amara.follow("Your walk is approved")
    mail = amara.page.frame_locator("iframe")
    expect(mail.get_by_text("A calendar invitation comes with this e-mail.")).to_be_visible()
    amara.sees("Calendar invitation")


def walk(amara, site, photo):
    """Visit four rooms for four minutes each: a note, a skipped room, a sentence starter, a photo in Jonas's room."""
    amara.open_from_menu("Home")
    amara.follow("Start walk")
    first_room(amara, site)
    amara.press("Bad moment? Skip this room")
    next_room(amara, site)
    room_with_photo(amara, site, photo)
    amara.sees(re.compile("Three rooms, 1[2-4] minutes"), level=1)
    amara.press("Finish my walk")
    amara.sees("A few sentences each while it’s fresh")


def step_in(amara):
    """Enter the room; the clock starts."""
    amara.press("I’m in, start the clock")
    expect(amara.page.get_by_role("timer")).to_contain_text("in the room")


def first_room(amara, site):
    """The note saves itself while she types."""
    amara.sees("“I’m on a learning walk – just ignore me.”")
    step_in(amara)
    amara.page.get_by_label("What are you learning?").fill(NOTE)
    expect(amara.page.locator("[data-save-line]")).to_contain_text("Saved")
    site.advance(minutes=4)
    amara.press(re.compile("Done here"))


def next_room(amara, site):
    """Begin the note with a sentence starter; Done here saves the rest."""
    step_in(amara)
    amara.press("I noticed…")
    box = amara.page.get_by_label("What are you learning?")
    expect(box).to_have_value("I noticed ")
    box.press_sequentially("calm")
    site.advance(minutes=4)
    amara.press(re.compile("Done here"))


def room_with_photo(amara, site, photo):
    """Upload a photo of the wall in Jonas's room while she is there."""
    amara.sees("Jonas Lindqvist", level=1)
    step_in(amara)
    amara.page.get_by_label("What are you learning?").fill(NOTE)
    amara.page.get_by_label("Photo of work or walls").set_input_files(photo)
    shown = amara.page.get_by_role("img", name="Photo from Room 206")
    expect(shown).to_be_visible()
    site.advance(minutes=4)
    amara.press(re.compile("Done here"))


def a_photo(folder):
    file = folder / "wall.jpg"
    Image.effect_noise((1200, 900), 60).convert("RGB").save(file)
    return file


def thank_everybody(amara):
    """Take the first praise back and send it again, thank one colleague in person, send Jonas the photo."""
    amara.follow(re.compile("Write your praise"))
    amara.sees(NOTE)
    name = first_name(amara)
    send(amara, name)
    amara.press("Undo")
    amara.sees(f"To {name}", level=2)
    expect(amara.page.get_by_label("Your praise", exact=True)).to_have_value(PRAISE)
    amara.press(f"Send to {name}")
    amara.sees_message(f"Sent to {name}")
    amara.press(f"Mark {first_name(amara)} as thanked")
    amara.sees("To Jonas", level=2)
    amara.page.get_by_label("Include this photo").check()
    send(amara, "Jonas")


def first_name(amara):
    """Return the first name of the host on the page."""
    return (
        amara.page.locator(".composer")
        .locator("xpath=ancestor::form")
        .get_by_role("heading", name=re.compile("^To "))
        .inner_text()[3:]
    )


def send(amara, name):
    """Write the praise and send it."""
    amara.page.get_by_label("Your praise", exact=True).fill(PRAISE)
    amara.press(f"Send to {name}")
    amara.sees_message(f"Sent to {name}")


def read_praise(jonas):
    """Jonas finds the praise with its photo and says thanks."""
    jonas.open_from_menu("Praise")
    received = jonas.page.get_by_role("article", name="From Amara Osei")
    expect(received).to_contain_text(PRAISE)
    assert received.evaluate("letter => getComputedStyle(letter, '::before').height") == "5px"  # the airmail edge
    photo = received.get_by_role("img", name="Photo from Room 206")
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
    jonas.press("Say thanks", received)
    expect(received).to_contain_text("You thanked Amara")


def try_one_thing(amara):
    """Write the takeaway; the walk is complete."""
    amara.sees("One thing I’ll try", level=1)
    amara.page.get_by_label("What will you try in your own room?").fill("Boards at every table, on Monday")
    amara.press("Save my takeaway")
    amara.sees("Your autumn walk, done")
    amara.sees("Three rooms, three colleagues thanked, one idea to try.")


def look_at_report(daniel):
    """The walk is complete in the report and in its file."""
    daniel.open_from_menu(re.compile("[Rr]eport"))
    if daniel.width == PHONE:
        daniel.follow("Find a teacher")
    daniel.page.get_by_role("searchbox").fill("Osei")
    daniel.press("Show")
    row = daniel.page.get_by_role("row").filter(has_text="Osei, Amara")
    expect(row).to_contain_text("Complete")
    expect(row).to_contain_text("11 Nov")
    with daniel.page.expect_download() as download:
        daniel.follow("CSV")
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert [row["Required walk"] for row in csv.DictReader(file)] == ["Complete"]
