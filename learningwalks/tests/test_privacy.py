"""The privacy page promises what the querysets do: every cell of its table is proved here."""

import datetime as dt

import pytest
from django.utils import timezone

from learningwalks import privacy
from observations.tests.factories import a_note, a_photo, a_praise, a_takeaway
from school.models import Grade, Semester
from school.tests.factories import NOW, a_person
from walks.models import Excusal
from walks.tests.factories import a_walk

STATES = {
    "draft": "draft",
    "asked_head": "requested",
    "asked_administrator": "requested",
    "announced": "approved",
    "unannounced": "approved",
}


@pytest.fixture
def people(school, walker, host, head, other_head, colleague, stranger, administrator):
    """Every kind of reader."""
    left = a_person(school, "Tom", "Park", is_administrator=True, is_active=False)
    Grade.objects.get(school=school, name="Grade 7").heads.add(left)
    elsewhere = a_person(stranger.school, "Ada", "Wolf", is_administrator=True)
    return {
        privacy.WALKER: walker,
        privacy.HOST: host,
        privacy.HEAD: head,
        privacy.ADMINISTRATOR: administrator,
        "other_head": other_head,
        "colleague": colleague,
        "stranger": stranger,
        "other_administrator": elsewhere,
        "someone_who_left": left,
    }


def a_situation(name, people):
    """A walk with a note, a photo, a praise and a takeaway, as far as it has come, of somebody excused next time."""
    if name == "asked_administrator":
        people[privacy.HEAD].headed_grades.clear()
        people[privacy.HEAD].__dict__.pop("headed_grade_ids", None)
    walker = people[privacy.WALKER]
    spring = {"starts_on": dt.date(2027, 1, 11), "ends_on": dt.date(2027, 6, 25)}
    semester = Semester.objects.create(school=walker.school, name="Spring 2027", **spring)
    Excusal.objects.create(person=walker, semester=semester, reason="On leave", excused_at=NOW)
    walk = a_walk(
        walker,
        [people[privacy.HOST]],
        state=STATES.get(name, "walked"),
        announced=name != "unannounced",
    )
    stop = walk.stops.get()
    a_note(stop)
    photo = a_photo(stop)
    a_takeaway(walk)
    now = timezone.now()
    sent = {"just_sent": now}.get(name, now - dt.timedelta(days=1) if name in privacy.SENT else None)
    a_praise(stop, sent_at=sent, photo=photo if name != "praised" else None)
    return walk


@pytest.mark.parametrize("situation", privacy.SITUATIONS)
@pytest.mark.parametrize("row", privacy.ROWS, ids=lambda row: row.key)
def test_every_cell_is_what_the_querysets_do(row, situation, people):
    walk = a_situation(situation, people)
    found = {name for name, reader in people.items() if row.finds(reader, walk, NOW)}
    expected = {reader for reader, cell in row.cells.items() if situation in cell.when}
    assert found == expected


def test_everybody_else_finds_nothing_in_any_row():
    assert [row.key for row in privacy.ROWS if row.cells.get(privacy.OTHERS, privacy.NEVER) != privacy.NEVER] == []


def test_a_condition_is_always_said_in_words():
    cells = [cell for row in privacy.ROWS for cell in row.cells.values() if cell.mark == "some"]
    assert [cell for cell in cells if not cell.words] == []


def test_no_role_reads_notes_or_takeaways():
    private = [row for row in privacy.ROWS if row.key in ("notes", "takeaway")]
    readers = {name for row in private for name, cell in row.cells.items() if cell.mark != "no"}
    assert readers == {privacy.WALKER}
