"""What the lists of the settings fold, and what the table of lessons leaves out."""

import datetime as dt

import pytest
from django.utils import timezone

from school.calendar import local_date
from school.models import DayOff
from school.tests.factories import a_lesson, a_person
from school.tests.pages import text_of

pytestmark = pytest.mark.not_on_postgresql


def test_days_off_that_are_over_are_folded_below_those_ahead(sign_in, administrator, school):
    client = sign_in(administrator)
    today = local_date(school, timezone.now())
    for label, days in (("Long ago", -30), ("Soon", 30)):
        DayOff.objects.create(school=school, date=today + dt.timedelta(days=days), label=label)
    page = client.get("/settings/days-off/").text
    assert page.index("Soon") < page.index("Earlier</summary>") < page.index("Long ago")


def test_the_timetable_names_the_room_of_most_lessons_once(sign_in, administrator, school):
    client = sign_in(administrator)
    teacher = a_person(school, "Mira", "Sand")
    for period, room in ((1, "204"), (2, "204"), (3, "206")):
        a_lesson(teacher, room, period=period)
    page = text_of(client.get("/settings/timetable/"))
    assert (page.count("204"), page.count("206")) == (1, 5)  # the other room once a day
    assert "Paste lessons" in page and "One lesson per line" in text_of(client.get("/settings/timetable/paste/"))
