"""The planner on a phone: what is in the way of Send is visible everywhere, and one press solves it."""

import pytest
from playwright.sync_api import expect

from school.models import Room

from .conftest import PHONE

pytestmark = pytest.mark.browser


def test_an_empty_room_is_named_above_send_and_one_press_below_the_error_drops_it(visit, site, watch):
    watch.allow("422")
    page = visit("walker", PHONE)
    page.goto("/walks/new/")
    school = site.person("walker").school
    empty = Room.objects.create(school=school, hallway=school.rooms.first().hallway, code="Z99")
    chosen = [f"{name}={page.locator(f'#id_{name}').input_value()}" for name in ("date", "period")]
    rooms = page.locator("input[name=order]").evaluate_all("all => all.map(one => `stop=${one.value}`)")
    page.goto("/walks/new/?" + "&".join([*chosen, *rooms[:3], f"stop={empty.pk}"]))
    expect(page.locator("#plan-bar-words")).to_contain_text("Nobody teaches in Room Z99 at that time.")
    page.get_by_role("button", name="Send to Lucía").click()
    expect(page.locator(".errors")).to_be_in_viewport()
    # As extensions of browsers do. A redraw that copied the style would put an error into the console.
    page.locator("#plan-side").evaluate("side => { side.style.scrollMargin = '1px'; }")
    page.locator("#plan-errors").get_by_role("button", name="Remove Room Z99").click()
    expect(page.locator("#plan-bar-words")).to_contain_text("3 rooms")
    expect(page.locator("main")).not_to_contain_text("Z99")
    expect(page.locator("#plan-side-title")).to_be_focused()


def test_an_unticked_room_keeps_its_place_until_the_step_is_opened_again(visit):
    page = visit("walker", PHONE)
    page.goto("/walks/new/")
    rooms = page.locator("[data-rooms] [name=stop]")
    step = page.locator("#step-rooms > summary")
    step.click()
    chosen = page.locator("[data-rooms] :checked").count()
    rooms.first.uncheck()
    expect(page.locator("#plan-bar-words")).to_contain_text(f"{chosen - 1} rooms")
    expect(rooms.first).not_to_be_checked()
    step.click()
    step.click()
    expect(rooms.first).to_be_checked()
    expect(rooms.nth(chosen - 1)).not_to_be_checked()
