"""When reminders of a walk are due, and when they are not sent because something changed."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import reminders
from notifications.models import Message, Reminder, ReminderState
from school.models import DayOff, School
from school.tests.factories import NOW, a_lesson
from walks.mail import emails, schedule
from walks.models import Walk
from walks.tests.factories import a_walk
from walks.workflow import approval

MORNING = dt.datetime(2026, 11, 12, 7, 30, tzinfo=dt.UTC)  # the day of the walk; London is on UTC


def due_at(kind):
    """Return when the only waiting reminder of a kind is due, or None if none waits."""
    found = Reminder.objects.filter(kind=kind, state=ReminderState.PENDING).first()
    return found and found.due_at


def subjects(kind):
    """Return the subjects of the mails of a kind."""
    return list(Message.objects.filter(kind=kind).values_list("subject", flat=True))


def utc(day, hour, minute=0, month=11):
    """Return a moment of 2026 in UTC."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC)


def finish(walk, now):
    """Finish the walk at that time."""
    Walk.objects.filter(pk=walk.pk).update(state="approved", started_at=now - dt.timedelta(minutes=20))
    walk.refresh_from_db()
    approval.finish(walk, by=walk.walker, now=now)


# --- Before the walk ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("requested_at", "expected"),
    [
        (utc(11, 7, 0), utc(12, 7, 30)),  # Wednesday 07:00: Thursday 07:30 is more than a day later
        (utc(11, 9, 0), utc(13, 7, 30)),  # Wednesday 09:00: Thursday is too early
        (utc(12, 9, 0), utc(16, 7, 30)),  # Thursday 09:00: over the weekend
    ],
)
def test_the_digest_is_due_on_the_first_morning_a_full_day_after_the_request(
    requested_at, expected, walker, hosts, head
):
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=requested_at)
    assert due_at(schedule.DIGEST) == expected


def test_a_walk_approved_twice_for_one_day_gets_one_reminder(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    approval.change(walk, by=walker, now=NOW, was_agreed=True)
    approval.take_back(walk, by=walker, now=NOW)
    approval.request(walk, by=walker, now=NOW)
    approval.approve(walk, by=head, now=NOW)
    assert (due_at(schedule.TODAY), due_at(schedule.MISSED)) == (MORNING, utc(13, 7, 30))
    reminders.sweep(MORNING)
    assert len(subjects(schedule.TODAY)) == 1


def test_all_waiting_walks_are_counted_in_one_digest(walker, colleague, hosts, head):
    for person in (walker, colleague):
        approval.request(a_walk(person, hosts, state="draft"), by=person, now=NOW)
    assert Reminder.objects.filter(kind=schedule.DIGEST).count() == 1
    reminders.sweep(utc(13, 7, 30))
    assert subjects(schedule.DIGEST) == ["2 walks are waiting for you"]


def test_the_digest_is_sent_again_while_walks_wait(walker, hosts, head):
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    reminders.sweep(utc(13, 7, 30))
    assert due_at(schedule.DIGEST) == utc(16, 7, 30)


def test_no_digest_is_sent_once_everything_is_decided(walker, hosts, head):
    walk = a_walk(walker, hosts, state="draft")
    approval.request(walk, by=walker, now=NOW)
    approval.approve(walk, by=head, now=NOW)
    reminders.sweep(utc(13, 7, 30))
    assert subjects(schedule.DIGEST) == []


def test_the_walker_is_reminded_on_the_morning_of_the_walk(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    walk.focus.update(look_fors="Pairs talk\nEverybody speaks")
    approval.approve(walk, by=head, now=NOW)
    assert due_at(schedule.TODAY) == MORNING
    reminders.sweep(MORNING)
    assert subjects(schedule.TODAY) == ["Your walk is today at 10:10"]
    mail = Message.objects.get(kind=schedule.TODAY)
    assert "You’re looking for: Student talk.\n\nLook for: Pairs talk · Everybody speaks" in mail.body_text
    assert "Look for: Pairs talk · Everybody speaks" in mail.body_html


def test_a_walk_approved_on_its_own_day_gets_no_reminder(walker, hosts, head):
    approval.approve(a_walk(walker, hosts, state="requested"), by=head, now=utc(12, 8))
    assert due_at(schedule.TODAY) is None


def test_reminders_wait_for_the_end_of_late_quiet_hours(walker, hosts, head):
    School.objects.update(quiet_until=dt.time(8, 0))
    walk = Walk.objects.get(pk=a_walk(walker, hosts, state="requested").pk)
    approval.approve(walk, by=head, now=NOW)
    assert due_at(schedule.TODAY) == utc(12, 8)


@pytest.mark.parametrize("change", [{"state": "requested"}, {"started_at": NOW}, {"date": dt.date(2026, 11, 13)}])
def test_no_reminder_is_sent_if_the_walk_changed_or_started(change, walker, hosts, head):
    approval.approve(a_walk(walker, hosts, state="requested"), by=head, now=NOW)
    Walk.objects.update(**change)
    reminders.sweep(MORNING)
    assert subjects(schedule.TODAY) == []


def test_nobody_is_reminded_of_a_cancelled_walk(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    approval.cancel(walk, by=walker, now=NOW)
    assert not Reminder.objects.filter(state=ReminderState.PENDING).exists()


def test_a_walker_who_missed_the_slot_gets_a_mail_the_next_morning(walker, hosts, head):
    approval.approve(a_walk(walker, hosts, state="requested"), by=head, now=NOW)
    assert due_at(schedule.MISSED) == utc(13, 7, 30)
    reminders.sweep(utc(13, 7, 30))
    assert subjects(schedule.MISSED) == ["Another time for Thursday’s walk?"]


def test_the_mail_about_a_missed_slot_offers_two_other_times(walker, hosts, colleague, head):
    a_lesson(colleague, "210", period=3)
    approval.approve(a_walk(walker, hosts, state="requested"), by=head, now=NOW)
    reminders.sweep(utc(13, 7, 30))
    body = Message.objects.get(kind=schedule.MISSED).body_text
    assert [line for line in body.splitlines() if line.startswith("- ")] == [
        "- Monday 16 November, Period 3",
        "- Tuesday 17 November, Period 3",
    ]


@pytest.mark.parametrize("kind", [schedule.DIGEST, schedule.MISSED])
def test_the_timetable_is_read_before_the_reminder_is_locked(kind, walker, hosts, colleague, head):
    a_lesson(colleague, "210", period=3)
    walk = a_walk(walker, hosts, state="draft")
    approval.request(walk, by=walker, now=NOW)
    if kind == schedule.MISSED:
        approval.approve(walk, by=head, now=NOW)
    Reminder.objects.exclude(kind=kind).delete()
    with CaptureQueriesContext(connection) as queries:
        reminders.sweep(utc(13, 7, 30))
    statements = [query["sql"] for query in queries]
    claimed = next(n for n, sql in enumerate(statements) if sql.startswith('UPDATE "notifications_reminder"'))
    assert {n < claimed for n, sql in enumerate(statements) if 'FROM "school_lesson"' in sql} == {True}
    assert len(subjects(kind)) == 1


def test_a_finished_walk_gets_no_mail_about_a_missed_slot(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    finish(walk, utc(12, 10, 35))
    reminders.sweep(utc(13, 7, 30))
    assert subjects(schedule.MISSED) == []


def test_the_same_reminder_is_never_sent_twice(walker, hosts):
    walk = a_walk(walker, hosts)
    assert [emails.send_reminder(walk, schedule.TODAY, "today", now=NOW) for _ in range(2)] == [True, False]


# --- After the walk -----------------------------------------------------------------------------
def test_three_praise_reminders_are_scheduled_after_a_walk(walker, hosts):
    finish(a_walk(walker, hosts), utc(11, 10, 34))
    assert due_at(schedule.AT_FINISH) == utc(11, 10, 34)
    assert due_at(schedule.FOUR_HOURS) == utc(12, 7, 0)  # 06:34 is quiet, and 07:00 is in time
    assert due_at(schedule.LATE) == utc(13, 7, 30)


def test_before_a_weekend_the_praise_reminder_is_due_earlier(walker, hosts):
    finish(a_walk(walker, hosts), utc(13, 13, 0))
    assert due_at(schedule.FOUR_HOURS) == utc(13, 17, 45)
    assert due_at(schedule.LATE) == utc(16, 7, 30)


def test_the_late_reminder_waits_for_the_school_day_after_a_holiday(walker, hosts, school):
    DayOff.objects.create(school=school, date=dt.date(2026, 11, 13))
    finish(a_walk(walker, hosts), utc(11, 13, 0))
    assert due_at(schedule.LATE) == utc(16, 7, 30)


@pytest.mark.parametrize(
    ("finished_at", "praise_due_at", "reminder_due_at"),
    [
        # before and after Sunday 25 October 2026, when the clocks go back
        (utc(22, 13, 0, month=10), utc(23, 13, 0, month=10), utc(23, 9, 0, month=10)),
        (utc(26, 14, 0, month=10), utc(27, 14, 0, month=10), utc(27, 10, 0, month=10)),
    ],
)
def test_the_reminder_is_due_four_real_hours_before_the_24_hours_end(
    finished_at, praise_due_at, reminder_due_at, walker, hosts
):
    walk = a_walk(walker, hosts)
    finish(walk, finished_at)
    assert (walk.praise_due_at, due_at(schedule.FOUR_HOURS)) == (praise_due_at, reminder_due_at)


def test_the_24_hours_are_real_hours_when_the_clocks_change(walker, hosts):
    walk = a_walk(walker, hosts)
    finish(walk, utc(24, 16, 0, month=10))  # a Saturday; Sunday has 25 hours
    assert walk.praise_due_at == utc(25, 16, 0, month=10)
    assert due_at(schedule.LATE) == utc(26, 7, 30, month=10)


def test_a_complete_walk_has_no_praise_reminders(walker, hosts):
    walk = a_walk(walker, hosts)
    finish(walk, utc(11, 10, 34))
    schedule.drop_reminders(walk, now=utc(11, 11))
    assert due_at(schedule.FOUR_HOURS) is due_at(schedule.LATE) is None


def test_taking_praise_back_schedules_the_late_reminder_again(walker, hosts):
    walk = a_walk(walker, hosts)
    finish(walk, utc(11, 10, 34))
    schedule.drop_reminders(walk, now=utc(11, 11))
    schedule.after_reopening(walk, now=utc(11, 11), times=1)
    assert (due_at(schedule.AT_FINISH), due_at(schedule.LATE)) == (None, utc(13, 7, 30))


def test_a_school_without_school_days_gets_no_digest(walker, hosts, head, school):
    school.day_types.all().delete()
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    assert due_at(schedule.DIGEST) is None
