"""Requests whose day has passed become drafts again."""

import datetime as dt

import pytest
import time_machine

from notifications.models import Message
from notifications.sending import delivery
from school.models import Period, School
from school.tests.factories import NOW, THURSDAY, row_of
from walks import tasks
from walks.errors import AlreadyDecidedError, NotReadyError, TimePassedError
from walks.models import State, Walk, WalkEvent
from walks.tests.factories import a_walk
from walks.workflow import approval, drafts, time_limits

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
PLANNED_END = dt.datetime(2026, 11, 12, 10, 25, tzinfo=dt.UTC)


def a_request(walker, hosts, **fields):
    """A request whose Head got a mail about it."""
    walk = a_walk(walker, hosts, state="draft", **fields)
    approval.request(walk, by=walker, now=NOW)
    delivery.sweep(NOW)
    return walk


def lapse_mails():
    """Return the mails about a day that has passed, first the one to the walker."""
    return list(Message.objects.filter(kind="walks.lapsed").order_by("pk"))


# --- A request whose day has passed -----------------------------------------------------------
def test_a_request_becomes_a_draft_again_when_its_time_is_over(walker, hosts, head):
    walk = a_request(walker, hosts)
    assert time_limits.sweep(PLANNED_END - HOUR) == 0
    assert time_limits.sweep(PLANNED_END) == 1
    walk.refresh_from_db()
    assert (walk.state, walk.stops.count(), walk.focus.count()) == (State.DRAFT, 3, 1)
    event = WalkEvent.objects.latest("pk")
    assert (event.action, event.actor) == ("lapse", None)


def test_walker_and_head_get_one_mail_however_often_the_sweep_runs(walker, hosts, head):
    a_request(walker, hosts)
    for _sweep in range(3):
        time_limits.sweep(PLANNED_END)
    to_walker, to_head = lapse_mails()
    assert (to_walker.recipient, to_walker.subject) == (walker, "Another day for your Thursday walk?")
    assert "your rooms and focus are kept" in to_walker.body_text
    assert (to_head.recipient, to_head.subject) == (head, "Amara’s Thursday walk no longer needs your approval")
    assert "the day passed without an approval" in to_head.body_text


def test_a_head_who_got_no_request_mail_gets_no_mail_about_lapsing(walker, hosts, head):
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    time_limits.sweep(PLANNED_END)
    assert [mail.recipient for mail in lapse_mails()] == [walker]
    delivery.sweep(PLANNED_END)
    assert not Message.objects.filter(kind="walks.request", state="sent").exists()


def test_after_an_outage_in_the_evening_the_mails_wait_for_the_morning(walker, hosts, head):
    a_request(walker, hosts)
    time_limits.sweep(PLANNED_END + 12 * HOUR)
    assert {mail.due_at for mail in lapse_mails()} == {dt.datetime(2026, 11, 13, 7, tzinfo=dt.UTC)}


def test_no_mail_is_written_about_a_day_that_passed_long_ago(walker, hosts, head):
    walk = a_request(walker, hosts)
    time_limits.sweep(PLANNED_END + 30 * DAY)
    walk.refresh_from_db()
    assert (walk.state, lapse_mails()) == (State.DRAFT, [])


def test_a_waiting_mail_is_cancelled_once_another_day_is_chosen(walker, hosts, head):
    walk = a_request(walker, hosts)
    time_limits.sweep(PLANNED_END + 12 * HOUR)
    Walk.objects.update(starts_at=walk.starts_at + 7 * DAY, ends_at=walk.ends_at + 7 * DAY)
    delivery.sweep(PLANNED_END + DAY)
    assert {mail.state for mail in lapse_mails()} == {"cancelled"}


def test_a_question_without_an_answer_lapses_when_the_day_has_passed(walker, hosts, head):
    walk = a_request(walker, hosts)
    approval.ask_change(walk, words="Another week?", by=head, now=NOW)
    time_limits.sweep(PLANNED_END)
    walk.refresh_from_db()
    assert (walk.state, walk.decided_by) == (State.DRAFT, None)


def test_a_question_does_not_lapse_before_its_suggested_time(walker, hosts, head):
    walk = a_request(walker, hosts)
    friday = {"suggested_date": THURSDAY + DAY, "suggested_period": row_of(walker.school, Period, position=3)}
    approval.ask_change(walk, words="Friday?", by=head, now=NOW, **friday)
    assert time_limits.sweep(PLANNED_END) == 0
    assert time_limits.sweep(PLANNED_END + DAY) == 1


def test_a_walk_that_was_moved_meanwhile_does_not_lapse(walker, hosts, head):
    walk = a_request(walker, hosts)
    Walk.objects.update(starts_at=walk.starts_at + 7 * DAY, ends_at=walk.ends_at + 7 * DAY)
    with pytest.raises(AlreadyDecidedError):
        approval.lapse(walk, now=PLANNED_END)
    assert Walk.objects.get().state == State.REQUESTED


def test_one_broken_walk_does_not_stop_the_others(walker, hosts, head, stranger, caplog):
    a_walk(stranger, [stranger], state="requested")
    School.objects.filter(pk=stranger.school_id).update(time_zone="Nowhere/Land")
    walk = a_request(walker, hosts)
    assert time_limits.sweep(PLANNED_END) == 1
    walk.refresh_from_db()
    assert walk.state == State.DRAFT
    assert "ZoneInfoNotFoundError" in caplog.text


def test_the_scheduled_task_makes_passed_requests_drafts(walker, hosts, head):
    walk = a_request(walker, hosts)
    with time_machine.travel(PLANNED_END, tick=False):
        tasks.sweep_time_limits()
    walk.refresh_from_db()
    assert walk.state == State.DRAFT


# --- Before the sweep has run ---------------------------------------------------------------
def test_a_walk_whose_time_has_passed_cannot_be_approved(walker, hosts, head):
    walk = a_request(walker, hosts)
    with pytest.raises(TimePassedError, match="It goes back to Amara, who can pick another day"):
        approval.approve(walk, by=head, now=PLANNED_END)
    with pytest.raises(TimePassedError):
        approval.adjust(walk, by=head, now=PLANNED_END)
    assert Walk.objects.get().state == State.REQUESTED


def test_a_walk_can_be_approved_until_its_planned_end(walker, hosts, head):
    walk = a_request(walker, hosts)
    approval.approve(walk, by=head, now=PLANNED_END - dt.timedelta(minutes=10))
    assert walk.state == State.APPROVED


def test_a_suggested_time_that_has_passed_cannot_be_accepted(walker, hosts, head):
    walk = a_request(walker, hosts)
    friday = {"suggested_date": THURSDAY + DAY, "suggested_period": row_of(walker.school, Period, position=3)}
    approval.ask_change(walk, words="Friday?", by=head, now=NOW, **friday)
    with pytest.raises(NotReadyError, match="That time has passed"):
        drafts.accept_suggestion(walk, by=walker, now=PLANNED_END + DAY)


def test_a_late_decider_reads_that_the_day_has_passed(walker, hosts, head):
    walk = a_request(walker, hosts)
    time_limits.sweep(PLANNED_END)
    with pytest.raises(AlreadyDecidedError, match="The day of this walk passed before it was approved"):
        approval.approve(walk, by=head, now=PLANNED_END)
