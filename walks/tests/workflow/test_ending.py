"""A walk that the walker forgot to finish: who is asked, when it ends, and how its times are corrected."""

import datetime as dt

import pytest

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery
from school.errors import NotAllowedError, RuleError
from walks import status
from walks.errors import AlreadyDecidedError
from walks.mail import schedule
from walks.models import State, Walk, WalkEvent
from walks.tests.factories import a_walk
from walks.workflow import ending, time_limits, walking

TEN_PAST_TEN = dt.datetime(2026, 11, 12, 10, 10, tzinfo=dt.UTC)  # the walk's own day and time, planned until 10:25
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
EVENING = dt.datetime(2026, 11, 12, 17, tzinfo=dt.UTC)


def minutes(number):
    return TEN_PAST_TEN + dt.timedelta(minutes=number)


@pytest.fixture
def stops(walker, hosts, head):
    """The walker is in the first room, and never presses Finish."""
    walk = a_walk(walker, hosts)
    found = list(walk.stops.all())
    for stop in found:
        stop.walk = walk
    walking.arrive(found[0], by=walker, now=TEN_PAST_TEN)
    return found


@pytest.fixture
def walk(stops):
    return stops[0].walk


@pytest.fixture
def left(stops, walk, walker):
    """Two rooms were visited, the second was left at 10:21."""
    walking.leave(stops[0], by=walker, now=minutes(4))
    walking.arrive(stops[1], by=walker, now=minutes(6))
    walking.leave(stops[1], by=walker, now=minutes(11))
    return walk


def mails():
    return list(Message.objects.filter(kind=schedule.FORGOTTEN))


# --- Is your walk over? -------------------------------------------------------------------------
def test_a_walk_is_forgotten_an_hour_after_it_should_be_over(walk):
    assert not status.is_forgotten(walk, minutes(75))
    assert status.is_forgotten(walk, minutes(76))


def test_the_walker_is_asked_in_the_evening(left, walker):
    reminders.sweep(EVENING - HOUR)
    assert mails() == []
    reminders.sweep(EVENING)
    (mail,) = mails()
    assert (mail.recipient, mail.subject) == (walker, "Is your walk over?")
    assert f"/walks/{left.pk}/go/done/" in mail.body_text
    assert "its end will be 10:21" in mail.body_text


def test_on_a_late_friday_the_question_comes_before_the_weekend(walker, hosts, head):
    friday = dt.datetime(2026, 11, 13, 17, 20, tzinfo=dt.UTC)
    walk = a_walk(walker, hosts, date=friday.date())
    walking.arrive(walk.stops.first(), by=walker, now=friday)
    assert Reminder.objects.get(kind=schedule.FORGOTTEN).due_at == dt.datetime(2026, 11, 13, 17, 45, tzinfo=dt.UTC)


def test_a_person_who_has_finished_is_not_asked(left, walker):
    walking.finish(left, by=walker, now=minutes(20))
    reminders.sweep(EVENING)
    assert mails() == []


def test_a_waiting_question_is_cancelled_once_the_walk_is_finished(left, walker):
    reminders.sweep(EVENING)
    walking.finish(left, by=walker, now=EVENING)
    delivery.sweep(EVENING + HOUR)
    assert {mail.state for mail in mails()} == {"cancelled"}


def test_a_walk_finished_in_the_evening_ends_when_its_last_room_was_left(left, walker):
    walking.finish(left, by=walker, now=EVENING)
    assert (left.finished_at, left.praise_due_at) == (minutes(11), minutes(11) + DAY)


# --- The system ends the walk ------------------------------------------------------------------------
def test_a_day_later_the_system_ends_the_walk_when_its_last_room_was_left(left):
    assert time_limits.sweep(minutes(14) + DAY) == 0
    assert time_limits.sweep(minutes(15) + DAY) == 1
    left.refresh_from_db()
    assert (left.state, left.finished_at, left.praise_due_at) == (State.WALKED, minutes(11), minutes(11) + DAY)
    assert [bool(stop.skipped_at) for stop in left.stops.all()] == [False, False, True]
    event = WalkEvent.objects.latest("pk")
    assert (event.action, event.actor) == ("finish_forgotten", None)


def test_a_room_that_was_never_left_takes_its_planned_minutes(walk):
    time_limits.sweep(minutes(0) + 2 * DAY)
    walk.refresh_from_db()
    assert (walk.finished_at, walk.stops.first().left_at) == (minutes(4), minutes(4))


def test_a_second_sweep_does_not_end_the_walk_again(left):
    assert [time_limits.sweep(minutes(15) + DAY) for _sweep in range(2)] == [1, 0]
    with pytest.raises(AlreadyDecidedError):
        ending.end_forgotten(left, now=minutes(15) + DAY)
    assert WalkEvent.objects.filter(action="finish_forgotten").count() == 1


def test_the_walker_of_a_walk_ended_by_the_system_is_reminded_of_praise(left):
    time_limits.sweep(minutes(15) + DAY)
    waiting = Reminder.objects.filter(kind=schedule.LATE, state="pending")
    assert [reminder.due_at for reminder in waiting] == [dt.datetime(2026, 11, 16, 7, 30, tzinfo=dt.UTC)]


def test_a_walk_without_a_visited_room_counts_as_missed(stops, walk, walker):
    walking.skip(stops[0], by=walker, now=minutes(1))
    time_limits.sweep(minutes(80))
    walk.refresh_from_db()
    assert (walk.state, walk.started_at, status.of(walk, minutes(80)).key) == (State.APPROVED, None, "missed")
    reminders.sweep(dt.datetime(2026, 11, 13, 7, 30, tzinfo=dt.UTC))
    assert Message.objects.filter(kind=schedule.MISSED).count() == 1


def test_no_room_can_be_entered_on_another_day(stops, walk, walker):
    with pytest.raises(walking.OtherDayError, match=r"This walk began on Thursday 12 November\. Finish it first\."):
        walking.arrive(stops[1], by=walker, now=minutes(0) + DAY)


# --- The walker corrects the times --------------------------------------------------------------
@pytest.fixture
def finished(left, walker):
    """Finished at 10:30."""
    walking.finish(left, by=walker, now=minutes(20))
    return left


def test_correcting_the_times_moves_the_24_hours_for_praise(finished, walker):
    end = minutes(15)
    ending.correct_times(finished, started_at=minutes(-5), finished_at=end, by=walker, now=minutes(60))
    assert (finished.started_at, finished.finished_at, finished.praise_due_at) == (minutes(-5), end, end + DAY)
    assert WalkEvent.objects.latest("pk").action == "correct"


def test_times_of_rooms_are_moved_into_the_corrected_times(finished, walker):
    ending.correct_times(finished, started_at=minutes(2), finished_at=minutes(8), by=walker, now=minutes(60))
    first, second = finished.stops.visited()
    assert (first.arrived_at, first.left_at) == (minutes(2), minutes(4))
    assert (second.arrived_at, second.left_at) == (minutes(6), minutes(8))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (minutes(5), minutes(5)),
        (minutes(5), minutes(1)),
        (minutes(0), minutes(61)),
        (minutes(0) - DAY, minutes(9)),
        (minutes(-150), minutes(31)),
    ],
    ids=["same", "backwards", "in the future", "another day", "more than three hours"],
)
def test_impossible_times_are_refused(start, end, finished, walker):
    with pytest.raises(RuleError):
        ending.correct_times(finished, started_at=start, finished_at=end, by=walker, now=minutes(60))
    assert Walk.objects.get().finished_at == minutes(20)


def test_correcting_the_times_does_not_make_late_praise_punctual(finished, walker):
    due_at = finished.praise_due_at
    now = minutes(0) + 2 * DAY
    later = minutes(170)
    ending.correct_times(finished, started_at=minutes(0), finished_at=later, by=walker, now=now)
    assert (finished.finished_at, finished.praise_due_at) == (later, due_at)


def test_only_the_walker_corrects_times(finished, head):
    with pytest.raises(NotAllowedError):
        ending.correct_times(finished, started_at=minutes(0), finished_at=minutes(9), by=head, now=minutes(60))


def test_the_times_of_an_unfinished_walk_cannot_be_corrected(left, walker):
    with pytest.raises(RuleError, match="finished yet"):
        ending.correct_times(left, started_at=minutes(0), finished_at=minutes(9), by=walker, now=minutes(60))
