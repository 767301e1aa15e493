"""Everything works without JavaScript: plan, walk, thank and try."""

import re

import pytest
from playwright.sync_api import expect

from walks.models import State, Stop

from .conftest import PHONE
from .tours import look_for, open_step

pytestmark = pytest.mark.browser


def press(page, name):
    """Press the visible button with this name."""
    page.wait_for_load_state()  # before the style sheets load, buttons for the other screen size are visible too
    page.get_by_role("button", name=name).locator("visible=true").first.click()


@pytest.fixture
def page(visit):
    """Amara's phone without JavaScript."""
    return visit("walker", PHONE, java_script_enabled=False)


def test_a_walk_is_planned_and_sent(page):
    page.goto("/walks/new/")
    look_for(page, "Student talk")
    open_step(page, "when")
    slots = page.get_by_role("group", name="Your next free periods")
    slots.get_by_role("button").nth(1).click()
    expect(slots.get_by_role("button").nth(1)).to_have_attribute("aria-pressed", "true")
    open_step(page, "rooms")
    press(page, "Second-floor hallway")
    expect(page.get_by_role("button", name="Second-floor hallway")).to_have_attribute("aria-pressed", "true")
    rooms = page.locator("#plan-side .plate")
    expect(rooms).to_have_count(5)
    first = rooms.first.inner_text()
    press(page, "Order and minutes")
    press(page, f"Visit later: Room {first}")
    expect(rooms.nth(1)).to_have_text(first)
    expect(page.get_by_label("Student talk")).to_be_checked()
    press(page, re.compile("Send to Lucía"))
    expect(page.locator("#messages")).to_contain_text("Sent to Lucía")


def test_done_here_saves_the_note(page, site):
    walk = site.walks(state=State.APPROVED).get()
    page.goto(f"/walks/{walk.pk}/go/")
    press(page, "I’m in, start the clock")
    expect(page.get_by_role("timer")).to_contain_text("since")
    page.locator("#id_text").fill("Every table holds up the answer.")
    press(page, re.compile("Done here"))
    expect(page.get_by_role("button", name="I’m in, start the clock")).to_be_visible()
    page.goto(f"/walks/{walk.pk}/go/{Stop.objects.filter(walk=walk).first().pk}/")
    expect(page.locator("main")).to_contain_text("Every table holds up the answer.")


def test_praise_is_sent_and_can_be_taken_back(page, site):
    page.goto(f"/walks/{site.walks(state=State.WALKED).get().pk}/praise/")
    page.get_by_label("Your praise", exact=True).fill("Every table held up the answer and the how.")
    press(page, re.compile("Send to "))
    expect(page.locator("#messages")).to_contain_text("Sent to")
    press(page, "Undo")
    expect(page.get_by_label("Your praise", exact=True)).to_have_value("Every table held up the answer and the how.")


def test_the_takeaway_is_saved(page, site):
    page.goto(f"/walks/{site.walks(state=State.WALKED).get().pk}/takeaway/")
    page.get_by_label("What will you try in your own room?").fill("Boards at every table")
    press(page, "Save my takeaway")
    expect(page.locator("main")).to_contain_text("Boards at every table")
    expect(page.locator("main")).to_contain_text("Three colleagues still to thank")
