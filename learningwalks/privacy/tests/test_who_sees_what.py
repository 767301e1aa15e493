"""The privacy page promises what the querysets do: every cell of its table is tested here."""

import datetime as dt

import pytest
from django.utils import timezone

from learningwalks.privacy.who_sees_what import ROWS
from observations.tests.factories import a_note, a_photo, a_praise, a_takeaway
from school.models import Grade, School, Semester
from school.tests.factories import NOW, a_person
from walks import who_sees_what
from walks.models import Excusal, Walk
from walks.tests.factories import a_walk

STATES = {
    "draft": "draft",
    "asked_head": "requested",
    who_sees_what.WAITS_FOR_ADMINISTRATOR: "requested",
    "announced": "approved",
    "unannounced": "approved",
}


@pytest.fixture
def people(school, walker, host, head, other_head, colleague, stranger, administrator):
    """One reader of every kind."""
    left = a_person(school, "Tom", "Park", is_administrator=True, is_active=False)
    Grade.objects.get(school=school, name="Grade 7").heads.add(left)
    elsewhere = a_person(stranger.school, "Ada", "Wolf", is_administrator=True)
    return {
        who_sees_what.WALKER: walker,
        who_sees_what.HOST: host,
        who_sees_what.HEAD: head,
        who_sees_what.ADMINISTRATOR: administrator,
        "other_head": other_head,
        "colleague": colleague,
        "stranger": stranger,
        "other_administrator": elsewhere,
        "someone_who_left": left,
    }


def a_situation(name, people):
    """Create a walk in the state that `name` describes; its walker is excused next semester."""
    if name == who_sees_what.WAITS_FOR_ADMINISTRATOR:
        people[who_sees_what.HEAD].headed_grades.clear()
        people[who_sees_what.HEAD].__dict__.pop("headed_grade_ids", None)
    walker = people[who_sees_what.WALKER]
    spring = {"starts_on": dt.date(2027, 1, 11), "ends_on": dt.date(2027, 6, 25)}
    semester = Semester.objects.create(school=walker.school, name="Spring 2027", **spring)
    Excusal.objects.create(person=walker, semester=semester, reason="On leave", excused_at=NOW)
    walk = a_walk(
        walker,
        [people[who_sees_what.HOST]],
        state=STATES.get(name, "walked"),
        announced=name != "unannounced",
    )
    stop = walk.stops.get()
    a_note(stop)
    photo = a_photo(stop)
    a_takeaway(walk)
    now = timezone.now()
    sent = {"just_sent": now}.get(name, now - dt.timedelta(days=1) if name in who_sees_what.SENT else None)
    a_praise(stop, sent_at=sent, photo=photo if name != "praised" else None)
    return walk


@pytest.mark.parametrize("situation", who_sees_what.SITUATIONS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_every_cell_matches_the_querysets(row, situation, people):
    walk = a_situation(situation, people)
    found = {name for name, reader in people.items() if row.finds(reader, walk, NOW)}
    expected = {reader for reader, cell in row.cells.items() if situation in cell.when}
    assert found == expected


def test_a_school_may_tell_hosts_what_a_walk_looks_for(people):
    row = next(row for row in ROWS if row.key == "focus")
    host = people[who_sees_what.HOST]
    walk = a_situation("announced", people)
    assert not row.finds(host, walk, NOW)
    School.objects.update(focus_in_heads_up=True)
    assert not row.finds(host, walk, NOW)  # it was planned before
    Walk.objects.update(tells_focus=True)
    assert row.finds(host, walk, NOW)
    assert "announced" in row.for_school(School.objects.get(pk=host.school_id)).cells[who_sees_what.HOST].when
    assert "announced" not in row.for_school(None).cells[who_sees_what.HOST].when


@pytest.mark.parametrize("situation", ["announced", "walked", "praised"])
def test_a_school_may_open_notes_to_the_host_after_the_walk(situation, people):
    row = next(row for row in ROWS if row.key == "notes")
    walk = a_situation(situation, people)
    School.objects.update(notes_about_a_room="host")
    assert {name for name, reader in people.items() if row.finds(reader, walk, NOW)} == {who_sees_what.WALKER}
    Walk.objects.update(notes_rule="host")  # it began under the rule
    cells = row.for_school(School.objects.get(pk=people[who_sees_what.HOST].school_id)).cells
    expected = {name for name, cell in cells.items() if situation in cell.when}
    assert {name for name, reader in people.items() if row.finds(reader, walk, NOW)} == expected


def test_no_row_allows_anything_to_everyone_else():
    never, others = who_sees_what.NEVER, who_sees_what.OTHERS
    assert [row.key for row in ROWS if row.cells.get(others, never) != never] == []


def test_every_condition_has_a_sentence():
    cells = [cell for row in ROWS for cell in row.cells.values() if cell.mark == "some"]
    assert [cell for cell in cells if not cell.words] == []


def test_no_role_reads_notes_or_takeaways():
    private = [row for row in ROWS if row.key in ("notes", "takeaway")]
    readers = {name for row in private for name, cell in row.cells.items() if cell.mark != "no"}
    assert readers == {who_sees_what.WALKER}
