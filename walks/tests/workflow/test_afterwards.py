"""Walks logged afterwards: planned walks, and walks that nobody planned."""

import datetime as dt
import uuid

import pytest

from notifications.models import Message
from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.tests.factories import a_lesson, a_person
from walks.models import Walk
from walks.permissions import may_decide
from walks.tests.factories import TEN_PAST_TEN, a_second_teacher, a_walk
from walks.tests.workflow.steps import minute, room_states
from walks.workflow import afterwards, walking
from walks.workflow.afterwards import UnplannedWalk


def test_nobody_else_can_log_the_walk(live, head):
    with pytest.raises(NotAllowedError):
        afterwards.log_planned(live, visited=[], started_at=TEN_PAST_TEN, minutes=20, by=head, now=minute(30))


# --- A planned walk -----------------------------------------------------------------------------
def test_a_logged_walk_divides_its_minutes_among_the_rooms(walk, stops, walker):
    visited = [stops[0].pk, stops[2].pk]
    afterwards.log_planned(walk, visited=visited, started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minute(90))
    assert room_states(walk) == ["left", "skipped", "left"]
    assert walk.stops.last().arrived_at == minute(10)
    assert (walk.state, walk.finished_at) == ("walked", minute(20))


def test_logging_needs_a_visited_room(walk, walker):
    with pytest.raises(walking.NothingVisitedError):
        afterwards.log_planned(walk, visited=[], started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minute(90))


def test_a_walk_is_logged_in_its_own_semester(walk, stops, walker):
    august = TEN_PAST_TEN.replace(month=8)
    with pytest.raises(RuleError, match="Choose a day in Autumn 2026"):
        afterwards.log_planned(walk, visited=[stops[0].pk], started_at=august, minutes=20, by=walker, now=minute(90))


def test_a_started_walk_cannot_be_logged(live, stops, walker):
    with pytest.raises(RuleError, match="This walk can’t be logged now"):
        afterwards.log_planned(
            live, visited=[stops[0].pk], started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minute(90)
        )


def test_rooms_are_added_and_dropped_while_logging(walk, stops, walker, school):
    other = a_lesson(a_person(school, "Tom", "Baker"), "210", title="7D Art")
    afterwards.log_planned(
        walk, visited=[stops[1].pk], added=[other], started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minute(90)
    )
    added = walk.stops.last()
    assert room_states(walk) == ["skipped", "left", "skipped", "left"]
    assert added.host == other.teacher
    assert added.lesson_title == "7D Art"
    assert added.added_on_the_way
    assert (added.arrived_at, added.left_at) == (minute(10), minute(20))


def test_a_room_with_two_teachers_gets_one_share_of_a_logged_walk(walk, stops, walker, colleague, school):
    a_lesson(colleague, "204")
    a_second_teacher(stops[0], colleague)
    together = [a_lesson(a_person(school, name, "Baker"), "210") for name in ("Tom", "Ann")]
    afterwards.log_planned(
        walk, visited=[stops[0].pk], added=together, started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minute(90)
    )
    assert room_states(walk) == ["left", "left", "skipped", "skipped", "left", "left"]
    times = [(stop.room.code, stop.arrived_at, stop.left_at) for stop in walk.stops.visited()]
    assert times == 2 * [("204", minute(0), minute(10))] + 2 * [("210", minute(10), minute(20))]


# --- A walk that nobody planned -----------------------------------------------------------------
@pytest.fixture
def classes(hosts, school):
    """The lessons of the three hosts in period 3."""
    return afterwards.classes_during(
        a_person(school, "Ben", "Cole"), TEN_PAST_TEN, minute(20), calendar=Calendar(school)
    )


def unplanned(walker, lessons, **fields):
    usual = {"started_at": TEN_PAST_TEN, "finished_at": minute(24), "own_focus": "Quiet starts"}
    return UnplannedWalk(walker=walker, lessons=tuple(lessons), **(usual | fields))


def log(done, *, by=None, now=None, token=None):
    calendar = Calendar(done.walker.school)
    return afterwards.log_unplanned(done, calendar=calendar, by=by or done.walker, now=now or minute(60), token=token)


def test_an_unplanned_walk_counts_as_walked_at_once(walker, head, classes):
    walk = log(unplanned(walker, classes))
    assert walk.state == "walked"
    assert walk.period.position == 3
    assert not walk.announced
    assert (walk.started_at, walk.finished_at) == (TEN_PAST_TEN, minute(24))
    assert walk.praise_due_at == minute(24) + dt.timedelta(hours=24)  # from its end, not from now
    assert [stop.left_at for stop in walk.stops.all()] == [minute(8), minute(16), minute(24)]
    assert list(walk.stops.owed_thanks()) == list(walk.stops.all())


def test_the_head_of_grade_gets_a_mail_and_may_see_the_unplanned_walk(walker, head, administrator, host, classes):
    walk = log(unplanned(walker, classes))
    mail = Message.objects.get(kind="walks.unplanned")
    assert mail.recipient == head
    assert "Amara logged an unplanned walk" in mail.subject
    assert "10:10 to 10:34" in mail.body_text and "204, 206, 208" in mail.body_text
    readers = [person for person in (walker, head, administrator, host) if Walk.objects.visible_to(person).exists()]
    assert readers == [walker, head]
    assert may_decide(head, walk)


def test_the_mail_to_an_administrator_leaves_out_the_rooms(walker, administrator, classes):
    log(unplanned(walker, classes))
    mail = Message.objects.get(kind="walks.unplanned")
    assert mail.recipient == administrator
    assert "10:10 to 10:34" in mail.body_text
    assert "204" not in mail.body_text


def test_an_unplanned_walk_is_refused_if_nobody_can_be_informed(walker, classes):
    with pytest.raises(RuleError, match="Your grade has no Head of Grade yet"):
        log(unplanned(walker, classes))
    assert not Walk.objects.exists()


def test_logging_twice_makes_one_walk(walker, head, classes):
    token = uuid.uuid4()
    assert log(unplanned(walker, classes), token=token) == log(unplanned(walker, classes), token=token)
    assert Message.objects.filter(kind="walks.unplanned").count() == 1


def test_nobody_logs_a_walk_for_another_person(walker, head, classes):
    with pytest.raises(NotAllowedError):
        log(unplanned(walker, classes), by=head)


A_DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("shift", "field", "words"),
    [
        (A_DAY, "date", "Choose a day that isn’t in the future"),
        (-A_DAY * 120, "date", "Choose a day in Autumn 2026"),
        (-A_DAY * 4, "date", "There’s no school on 8 November"),
        (dt.timedelta(minutes=40), "time", "That time isn’t over yet"),
        (-dt.timedelta(hours=8), "time", "There is no class at that time"),
    ],
)
def test_an_impossible_time_of_an_unplanned_walk_is_refused(walker, head, classes, shift, field, words):
    done = unplanned(walker, classes, started_at=TEN_PAST_TEN + shift, finished_at=minute(24) + shift)
    found = afterwards.problems(done, calendar=Calendar(walker.school), now=minute(60))
    assert [(problem.field, words in problem.words) for problem in found] == [(field, True)]


def test_an_unplanned_walk_is_refused_before_the_school_opens(walker, head, classes, school):
    school.opened_at = None
    with pytest.raises(RuleError, match="isn’t open at your school yet"):
        log(unplanned(walker, classes))


def test_an_unplanned_walk_is_refused_if_there_is_another_at_that_time(walker, hosts, head, classes):
    a_walk(walker, hosts)
    with pytest.raises(RuleError, match="You planned a walk for that time"):
        log(unplanned(walker, classes))
    Walk.objects.all().delete()
    log(unplanned(walker, classes))
    with pytest.raises(RuleError, match="You have logged another walk at that time already"):
        log(unplanned(walker, classes))


def test_an_unplanned_walk_needs_two_rooms_and_a_focus(walker, head, classes):
    done = unplanned(walker, classes[:1], own_focus="")
    found = afterwards.problems(done, calendar=Calendar(walker.school), now=minute(60))
    assert [problem.words for problem in found] == [
        "Choose at least two rooms",
        "Choose one or two things to look for",
    ]
