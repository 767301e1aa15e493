"""Tables of schools with a long day or many combined classes stay inside their cards."""

import datetime as dt

import pytest

from school.models import Lesson, Period
from walks.models import State, Walk

from .conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
COUNT_TOO_WIDE = """() => Array.from(document.querySelectorAll("main table")).filter(table => {
  const card = table.closest(".card-body, .req").getBoundingClientRect();
  return table.getBoundingClientRect().right > card.right + 1 || document.documentElement.scrollWidth > innerWidth;
}).length"""


@pytest.fixture
def long_day(site):
    """Twelve periods, and classes of six groups written without spaces."""
    school = site.person("walker").school
    last = Period.objects.filter(school=school).order_by("-position").first()
    for number in range(last.position + 1, 13):
        start = dt.time(15 + (number - last.position) // 2, (number - last.position) % 2 * 30)
        end = dt.time(start.hour, start.minute + 25)
        Period.objects.create(school=school, name=f"Period {number}", position=number, starts_at=start, ends_at=end)
    Lesson.objects.filter(semester__school=school).update(title="05a,05b,05c,05d,05e,05f_Sport_und_Bewegung")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_wide_tables_stay_in_their_cards(visit, site, long_day, width):
    page, too_wide = visit("head", width), {}
    page.goto("/approvals/")
    assert Walk.objects.filter(state=State.REQUESTED).exists()
    if width == PHONE:
        page.locator("#visitors-below summary").click()
    assert page.locator(".load:visible th[scope=col]").count() == 13
    too_wide["approvals"] = page.evaluate(COUNT_TOO_WIDE)
    page = visit("admin", width)
    page.goto("/settings/timetable/")
    too_wide["timetable"] = page.evaluate(COUNT_TOO_WIDE)
    assert too_wide == {"approvals": 0, "timetable": 0}
