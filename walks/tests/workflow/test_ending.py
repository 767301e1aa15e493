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
from walks.tests.workflow.steps import minute
from walks.workflow import ending, time_limits, walking

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
EVENING = dt.datetime(2026, 11, 12, 17, tzinfo=dt.UTC)


@pytest.fixture
def after_two_rooms(stops, live, walker):
    """Two rooms were visited. The walker left the second at 10:21, and has not pressed Finish."""
    walking.leave(stops[0], by=walker, now=minute(4))
    walking.arrive(stops[1], by=walker, now=minute(6))
    walking.leave(stops[1], by=walker, now=minute(11))
    return live


def mails():
    return list(Message.objects.filter(kind=schedule.FORGOTTEN))


# --- Is your walk over? -------------------------------------------------------------------------
def test_a_walk_is_forgotten_an_hour_after_it_should_be_over(live):
    assert not status.is_forgotten(live, minute(75))
    assert status.is_forgotten(live, minute(76))


def test_the_walker_is_asked_in_the_evening(after_two_rooms, walker):
    reminders.sweep(EVENING - HOUR)
    assert mails() == []
    reminders.sweep(EVENING)
    (mail,) = mails()
    assert (mail.recipient, mail.subject) == (walker, "Is your walk over?")
    assert f"/walks/{after_two_rooms.pk}/go/done/" in mail.body_text
    assert "we record 10:21 as the end" in mail.body_text


def test_on_a_late_friday_the_question_comes_before_the_weekend(walker, hosts, head):
    friday = dt.datetime(2026, 11, 13, 17, 20, tzinfo=dt.UTC)
    walk = a_walk(walker, hosts, date=friday.date())
    walking.arrive(walk.stops.first(), by=walker, now=friday)
    assert Reminder.objects.get(kind=schedule.FORGOTTEN).due_at == dt.datetime(2026, 11, 13, 17, 45, tzinfo=dt.UTC)


def test_a_person_who_has_finished_is_not_asked(after_two_rooms, walker):
    walking.finish(after_two_rooms, by=walker, now=minute(20))
    reminders.sweep(EVENING)
    assert mails() == []


def test_a_waiting_question_is_cancelled_once_the_walk_is_finished(after_two_rooms, walker):
    reminders.sweep(EVENING)
    walking.finish(after_two_rooms, by=walker, now=EVENING)
    delivery.sweep(EVENING + HOUR)
    assert {mail.state for mail in mails()} == {"cancelled"}


def test_a_walk_finished_in_the_evening_ends_when_its_last_room_was_left(after_two_rooms, walker):
    walking.finish(after_two_rooms, by=walker, now=EVENING)
    assert (after_two_rooms.finished_at, after_two_rooms.praise_due_at) == (minute(11), minute(11) + DAY)


# --- The system ends the walk ------------------------------------------------------------------------
def test_a_day_later_the_system_ends_the_walk_when_its_last_room_was_left(after_two_rooms):
    assert time_limits.sweep(minute(14) + DAY) == 0
    assert time_limits.sweep(minute(15) + DAY) == 1
    after_two_rooms.refresh_from_db()
    assert (after_two_rooms.state, after_two_rooms.finished_at, after_two_rooms.praise_due_at) == (
        State.WALKED,
        minute(11),
        minute(11) + DAY,
    )
    assert [bool(stop.skipped_at) for stop in after_two_rooms.stops.all()] == [False, False, True]
    event = WalkEvent.objects.latest("pk")
    assert (event.action, event.actor) == ("finish_forgotten", None)


def test_a_room_that_was_never_left_takes_its_planned_minutes(live):
    time_limits.sweep(minute(0) + 2 * DAY)
    live.refresh_from_db()
    assert (live.finished_at, live.stops.first().left_at) == (minute(4), minute(4))


def test_a_second_sweep_does_not_end_the_walk_again(after_two_rooms):
    assert [time_limits.sweep(minute(15) + DAY) for _sweep in range(2)] == [1, 0]
    with pytest.raises(AlreadyDecidedError):
        ending.end_forgotten(after_two_rooms, now=minute(15) + DAY)
    assert WalkEvent.objects.filter(action="finish_forgotten").count() == 1


def test_the_walker_of_a_walk_ended_by_the_system_is_reminded_of_praise(after_two_rooms):
    time_limits.sweep(minute(15) + DAY)
    waiting = Reminder.objects.filter(kind=schedule.LATE, state="pending")
    assert [reminder.due_at for reminder in waiting] == [dt.datetime(2026, 11, 16, 7, 30, tzinfo=dt.UTC)]


def test_a_walk_without_a_visited_room_counts_as_missed(stops, live, walker):
    walking.skip(stops[0], by=walker, now=minute(1))
    time_limits.sweep(minute(80))
    live.refresh_from_db()
    assert (live.state, live.started_at, status.of(live, minute(80)).key) == (State.APPROVED, None, "missed")
    reminders.sweep(dt.datetime(2026, 11, 13, 7, 30, tzinfo=dt.UTC))
    assert Message.objects.filter(kind=schedule.MISSED).count() == 1


def test_no_room_can_be_entered_on_another_day(stops, live, walker):
    with pytest.raises(walking.OtherDayError, match=r"This walk began on Thursday 12 November\. Finish it first\."):
        walking.arrive(stops[1], by=walker, now=minute(0) + DAY)


# --- The walker corrects the times --------------------------------------------------------------
@pytest.fixture
def finished(after_two_rooms, walker):
    """Finished at 10:30."""
    walking.finish(after_two_rooms, by=walker, now=minute(20))
    return after_two_rooms


def test_correcting_the_times_moves_the_24_hours_for_praise(finished, walker):
    end = minute(15)
    ending.correct_times(finished, started_at=minute(-5), finished_at=end, by=walker, now=minute(60))
    assert (finished.started_at, finished.finished_at, finished.praise_due_at) == (minute(-5), end, end + DAY)
    assert WalkEvent.objects.latest("pk").action == "correct"


def test_times_of_rooms_are_moved_into_the_corrected_times(finished, walker):
    ending.correct_times(finished, started_at=minute(2), finished_at=minute(8), by=walker, now=minute(60))
    first, second = finished.stops.visited()
    assert (first.arrived_at, first.left_at) == (minute(2), minute(4))
    assert (second.arrived_at, second.left_at) == (minute(6), minute(8))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (minute(5), minute(5)),
        (minute(5), minute(1)),
        (minute(0), minute(61)),
        (minute(0) - DAY, minute(9)),
        (minute(-150), minute(31)),
    ],
    ids=["same", "backwards", "in the future", "another day", "more than three hours"],
)
def test_impossible_times_are_refused(start, end, finished, walker):
    with pytest.raises(RuleError):
        ending.correct_times(finished, started_at=start, finished_at=end, by=walker, now=minute(60))
    assert Walk.objects.get().finished_at == minute(20)


def test_correcting_the_times_does_not_make_late_praise_punctual(finished, walker):
    due_at = finished.praise_due_at
    now = minute(0) + 2 * DAY
    later = minute(170)
    ending.correct_times(finished, started_at=minute(0), finished_at=later, by=walker, now=now)
    assert (finished.finished_at, finished.praise_due_at) == (later, due_at)


def test_only_the_walker_corrects_times(finished, head):
    with pytest.raises(NotAllowedError):
        ending.correct_times(finished, started_at=minute(0), finished_at=minute(9), by=head, now=minute(60))


def test_the_times_of_an_unfinished_walk_cannot_be_corrected(after_two_rooms, walker):
    with pytest.raises(RuleError, match="finished yet"):
        ending.correct_times(after_two_rooms, started_at=minute(0), finished_at=minute(9), by=walker, now=minute(60))
