"""The clock in a room stays on one line, whatever the name, time, font and phone."""

import pytest

from school.models import Person
from walks.models import State, Stop
from walks.workflow import walking

pytestmark = pytest.mark.browser
LONG = {"given_name": "Konstantina-Alexandra", "family_name": "Papadopoulou Vandenberghe-Wojciechowska"}
WIDTHS = (195, 320, 390, 1280)  # the first is a phone at 200 % zoom
MEASURE = """() => {
  const clock = document.querySelector(".clock").getBoundingClientRect();
  const name = document.querySelector(".live-now h1").getBoundingClientRect();
  return {
    lines: Array.from(document.querySelectorAll(".clock b, .clock small"), part => part.getClientRects().length),
    clockIsInside: clock.left >= 0 && clock.right <= innerWidth,
    nameIsWide: name.width >= 120,
    apart: name.right <= clock.left || name.bottom <= clock.top,
    sideways: document.documentElement.scrollWidth > innerWidth,
  };
}"""
EXPECTED = {"lines": [1, 1], "clockIsInside": True, "nameIsWide": True, "apart": True, "sideways": False}


@pytest.fixture
def address(site):
    """The URL of a room of a colleague with a long name."""
    walk = site.walks(state=State.APPROVED).get()
    stop = Stop.objects.filter(walk=walk).first()
    Person.objects.filter(pk=stop.host_id).update(**LONG)
    walking.arrive(stop, by=site.person("walker"), now=site.now)
    return f"/walks/{walk.pk}/go/{stop.pk}/"


@pytest.mark.parametrize(("minutes", "options"), [(11, {}), (59, {}), (125, {}), (0, {"java_script_enabled": False})])
def test_the_clock_stays_on_one_line(visit, site, address, minutes, options):
    site.advance(minutes=minutes, seconds=21)
    page, seen = visit("walker", 390, **options), {}
    page.goto(address)
    for family in ("", "DejaVu Sans", "DejaVu Serif"):
        page.evaluate(f"document.body.style.fontFamily = '{family}'")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            seen[family, width] = page.evaluate(MEASURE)
    assert {where: found for where, found in seen.items() if found != EXPECTED} == {}
