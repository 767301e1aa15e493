"""The size of pages for slow phones."""

import gzip

import pytest
from django.conf import settings

from learningwalks.storage import without_comments
from school.models import Room
from school.tests.factories import a_hallway, a_lesson, a_person

STATIC = settings.BASE_DIR / "static"


def test_all_style_and_script_together_stay_under_82_kb_gzipped():
    files = [path for path in STATIC.rglob("*.*") if path.suffix in (".css", ".js")]
    theirs = [path.read_text() for path in files if "vendor" in path.parts]
    ours = [without_comments(path.read_text()) for path in files if "vendor" not in path.parts]
    assert sum(len(gzip.compress(text.encode(), 6)) for text in (*theirs, *ours)) <= 82_000


@pytest.fixture
def large_school(school, walker):
    """A hundred hallways, thirty of them with a class and a colleague."""
    for number in range(100):
        hallway = a_hallway(school, f"Hallway {number}", building=f"Building {number}")
        Room.objects.create(school=school, hallway=hallway, code=f"R{number}")
    for number in range(30):
        a_lesson(a_person(school, f"Colleague{number}", "Of Many"), f"R{number}", days=[3])
    return school


@pytest.mark.parametrize("path", ["/", "/walks/", "/walks/new/", "/people/", "/report/", "/approvals/", "/praise/"])
def test_a_page_of_a_large_school_stays_under_60_kb(path, large_school, walker, administrator, sign_in):
    person = administrator if path in ("/people/", "/report/", "/approvals/") else walker
    assert len(sign_in(person).get(path).content) <= 60_000


def test_hallways_that_are_not_shown_are_found_by_name(large_school, walker, sign_in):
    page = sign_in(walker).get("/walks/new/?q=hallway+77")
    assert "Hallway 77" in [route.name for route in page.context["routes"].at_once]
