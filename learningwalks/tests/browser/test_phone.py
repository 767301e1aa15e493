"""What is where on a phone: the button of a walk, and Save."""

import pytest
from playwright.sync_api import expect

from .conftest import PHONE

pytestmark = pytest.mark.browser


def test_the_button_of_a_walk_is_below_its_rooms(visit):
    page = visit("walker", PHONE)
    page.goto("/walks/")
    walk = page.locator(".walk-card").first
    rooms = walk.get_by_role("list", name="Rooms on this walk").bounding_box()
    button = walk.get_by_role("link").last.bounding_box()
    assert rooms["y"] + rooms["height"] <= button["y"]


def test_save_comes_to_the_bottom_of_the_window_with_the_number_of_changes(visit):
    page = visit("admin", PHONE)
    page.goto("/settings/")
    save = page.get_by_role("button", name="Save", exact=True)
    expect(save).not_to_be_in_viewport()
    name, photos = page.get_by_label("Name of the school"), page.get_by_label("Photos of work and walls are welcome")
    before = name.input_value()
    name.press_sequentially("!")
    expect(save).to_be_in_viewport()
    expect(page.get_by_text("1 change", exact=True)).to_be_in_viewport()
    photos.click()
    expect(page.get_by_text("2 changes", exact=True)).to_be_in_viewport()
    name.fill(before)
    expect(page.get_by_text("1 change", exact=True)).to_be_in_viewport()
    photos.click()
    expect(save).not_to_be_in_viewport()
