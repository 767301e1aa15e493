"""What administrators read about walks when they add days off."""

import datetime as dt

import pytest

from school.tests.pages import text_of
from walks.tests.factories import THURSDAY, a_walk

FRIDAY = THURSDAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("", "One walk is planned on that day; the walker and the Head of Grade will see that there is no school."),
        (
            "2026-11-16",
            "Two walks are planned on these days; the walkers and Heads of Grade will see that there is no school.",
        ),
    ],
)
def test_days_off_say_how_many_walks_are_planned_then(until, words, administrator, walker, colleague, host, sign_in):
    a_walk(walker, [host], state="approved", date=THURSDAY)
    a_walk(colleague, [host], state="requested", date=FRIDAY)
    a_walk(walker, [host], state="cancelled", date=THURSDAY)
    form = {"date": THURSDAY.isoformat(), "until": until, "label": "Fair"}
    assert words in text_of(sign_in(administrator).post("/settings/days-off/new/", form, follow=True))


def test_days_off_without_walks_are_only_saved(administrator, school, sign_in):
    form = {"date": THURSDAY.isoformat(), "label": "Fair"}
    page = text_of(sign_in(administrator).post("/settings/days-off/new/", form, follow=True))
    assert "Saved." in page
    assert "planned on" not in page
