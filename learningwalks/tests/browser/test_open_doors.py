"""The story of an open door: opened on a phone, visited without an approval, and thanked."""

import re

import pytest

from walks.models import OpenDoor, State

from .conftest import PHONE
from .test_story import PRAISE, Colleague, send, step_in

pytestmark = pytest.mark.browser


def test_a_door_is_opened_visited_and_thanked(visit, site):
    jonas = Colleague(visit, "Jonas", PHONE)
    open_another_door(jonas)
    amara = Colleague(visit, "Amara", PHONE)
    door = OpenDoor.objects.get(title="Egg drop: first designs")
    amara.open_from_menu("Doors")
    amara.press(re.compile(f"I’ll come.*{door.title}"))
    amara.sees_message("You’re going: Room 206")
    jonas.open_from_menu("Doors")
    jonas.sees("Amara Osei")
    site.clock.move_to(door.starts_at)
    go_and_thank(Colleague(visit, "Amara", PHONE), site, door)
    site.advance(seconds=31)
    site.deliver()
    jonas = Colleague(visit, "Jonas", PHONE)
    jonas.open_from_menu("Praise")
    jonas.sees(PRAISE)


def open_another_door(jonas):
    """Open the first lesson that the page offers."""
    jonas.open_from_menu("Doors")
    jonas.follow("Open my door")
    jonas.page.get_by_label("What’s worth seeing?").fill("Maths journals, second try")
    jonas.press("Open my door")
    jonas.sees_message("Your door is open")
    jonas.sees("Maths journals, second try")


def go_and_thank(amara, site, door):
    """Start the visit in the room, finish it after five minutes, and thank Jonas."""
    walk = site.walks("walker", door=door, state=State.APPROVED).get()
    amara.page.goto(f"/walks/{walk.pk}/")
    amara.follow("Start walk")
    step_in(amara)
    site.advance(minutes=5)
    amara.press(re.compile("Done here"))
    amara.press(re.compile("Finish my"))
    amara.follow(re.compile("Write your praise"))
    send(amara, "Jonas")
