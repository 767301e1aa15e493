"""After an outage of the mail server, a waiting mail is sent only if it is still true."""

import datetime as dt

import pytest

from notifications import reminders
from notifications.models import Message
from notifications.sending import delivery, outbox
from school.models import DayOff
from school.tests.factories import NOW, a_lesson
from walks.mail import emails, schedule
from walks.models import Walk
from walks.semester import nudges
from walks.tests.factories import a_walk
from walks.workflow import approval

MORNING = dt.datetime(2026, 11, 12, 7, 30, tzinfo=dt.UTC)  # the day of the walk, which is from 10:10 to 10:25
NEXT_MORNING = MORNING + dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


def states(kind):
    """Return the states of the mails of a kind."""
    return set(Message.objects.filter(kind=kind).values_list("state", flat=True))


def move_by_a_week(walk, now):
    """Move the walk, and approve it again."""
    head = walk.decided_by
    walk.date, walk.starts_at, walk.ends_at = (day + WEEK for day in (walk.date, walk.starts_at, walk.ends_at))
    walk.save()
    approval.change(walk, by=walk.walker, now=now, was_agreed=True)
    approval.approve(walk, by=head, now=now)


@pytest.fixture
def approved(walker, hosts, head):
    """A walk that was approved on the day before."""
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    return walk


@pytest.fixture
def reminded(approved):
    """A walk whose reminder was written in the morning and waits for the mail server."""
    reminders.sweep(MORNING)
    return approved


@pytest.fixture
def missed(approved):
    """A walk that nobody walked. The mail of the next morning waits for the mail server."""
    reminders.sweep(NEXT_MORNING)
    return approved


# --- The reminder on the day -------------------------------------------------------------------------
def test_a_delayed_reminder_is_sent_if_the_walk_is_still_ahead(reminded):
    delivery.sweep(MORNING + HOUR)
    assert states(schedule.TODAY) == {"sent"}


@pytest.mark.parametrize("later", [3 * HOUR, DAY, 2 * DAY])
def test_a_delayed_reminder_is_cancelled_after_the_walk(reminded, later):
    delivery.sweep(MORNING + later)
    assert states(schedule.TODAY) == {"cancelled"}


def test_a_delayed_reminder_is_cancelled_if_the_walk_was_cancelled(reminded, walker):
    approval.cancel(reminded, by=walker, now=MORNING)
    delivery.sweep(MORNING + HOUR)
    assert states(schedule.TODAY) == {"cancelled"}


def test_a_delayed_reminder_is_cancelled_if_the_walk_began_early(reminded, walker):
    approval.start(reminded, by=walker, now=MORNING)
    delivery.sweep(MORNING + HOUR)
    assert states(schedule.TODAY) == {"cancelled"}


def test_a_delayed_reminder_is_cancelled_if_the_walk_was_moved(reminded):
    move_by_a_week(reminded, MORNING + HOUR)
    delivery.sweep(MORNING + 2 * HOUR)
    assert states(schedule.TODAY) == {"cancelled"}


def test_a_delayed_reminder_is_cancelled_if_the_school_has_a_day_off(reminded):
    DayOff.objects.create(school=reminded.walker.school, date=reminded.date)
    delivery.sweep(MORNING + HOUR)
    assert states(schedule.TODAY) == {"cancelled"}


# --- Mails to hosts and cover ------------------------------------------------------------------
@pytest.fixture
def covered(walker, hosts, head, colleague):
    """A walk during which a colleague covers the walker's lesson."""
    a_lesson(walker, "210", period=3)
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW, cover=colleague)
    return walk


@pytest.mark.parametrize(("later", "state"), [(DAY, "sent"), (3 * DAY - HOUR, "cancelled")])
@pytest.mark.parametrize("kind", [emails.HOST, emails.COVER])
def test_mails_to_hosts_and_cover_are_sent_before_the_walk_or_cancelled(covered, kind, later, state):
    delivery.sweep(NOW + later)
    assert states(kind) == {state}


def test_mails_to_hosts_are_cancelled_if_the_walk_is_no_longer_announced(approved):
    Walk.objects.update(announced=False)
    delivery.sweep(NOW + HOUR)
    assert states(emails.HOST) == {"cancelled"}


def test_a_teacher_who_is_no_longer_a_host_gets_no_mail(approved, hosts, colleague):
    approved.stops.filter(host=hosts[0]).update(host=colleague)
    delivery.sweep(NOW + HOUR)
    recipients = Message.objects.filter(kind=emails.HOST, state="sent").values_list("recipient", flat=True)
    assert set(recipients) == {host.pk for host in hosts[1:]}


@pytest.mark.parametrize("kind", [emails.HOST, emails.COVER])
def test_a_queued_mail_about_an_older_approval_is_cancelled(covered, colleague, kind):
    old = list(Message.objects.filter(kind=kind).values_list("pk", flat=True))
    approval.change(covered, by=covered.walker, now=NOW + HOUR, was_agreed=True)
    Message.objects.filter(pk__in=old).update(state="queued")  # as if they were being sent and could not be cancelled
    approval.approve(covered, by=covered.walker.grade.heads.get(), now=NOW + 2 * HOUR, cover=colleague)
    delivery.sweep(NOW + 3 * HOUR)
    assert set(Message.objects.filter(pk__in=old).values_list("state", flat=True)) == {"cancelled"}
    assert states(kind) == {"cancelled", "sent"}


# --- Missed slots, digests and nudges ----------------------------------------------------------
def test_a_delayed_mail_about_a_missed_slot_is_still_sent(missed):
    delivery.sweep(NEXT_MORNING + DAY)
    assert states(schedule.MISSED) == {"sent"}


@pytest.mark.parametrize("meanwhile", ["logged", "planned again", "cancelled"])
def test_a_mail_about_a_missed_slot_is_cancelled_if_the_walk_was_settled(missed, walker, meanwhile):
    at = NEXT_MORNING + HOUR
    if meanwhile == "logged":
        approval.log(missed, by=walker, now=at, started_at=missed.starts_at, finished_at=missed.ends_at)
    elif meanwhile == "planned again":
        move_by_a_week(missed, at)
    else:
        approval.cancel(missed, by=walker, now=at)
    delivery.sweep(at)
    assert states(schedule.MISSED) == {"cancelled"}


# --- Mails to the walker about decisions ------------------------------------------------------------
def test_a_delayed_approval_mail_is_not_sent_after_the_cancellation(approved, walker):
    approval.cancel(approved, by=walker, now=NOW + HOUR)
    delivery.sweep(NOW + 2 * HOUR)
    found = Message.objects.filter(kind=emails.OWN).order_by("pk").values_list("state", flat=True)
    assert list(found) == ["cancelled", "sent"]


def test_only_the_newer_of_two_approval_mails_is_sent(approved):
    move_by_a_week(approved, NOW + HOUR)
    delivery.sweep(NOW + 2 * HOUR)
    sent = Message.objects.filter(kind=emails.OWN, state="sent")
    assert ["METHOD:REQUEST" in mail.calendar_text for mail in sent] == [True]


def test_a_digest_that_was_refused_is_cancelled_days_later(walker, hosts, head):
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    reminders.sweep(NEXT_MORNING)
    Message.objects.filter(kind=schedule.DIGEST).update(
        state="failed", error_code="sender 550", settled_at=NEXT_MORNING
    )
    assert outbox.send_refused_again(NEXT_MORNING + 3 * DAY) == 1
    delivery.sweep(NEXT_MORNING + 3 * DAY)
    assert states(schedule.DIGEST) == {"cancelled"}


@pytest.mark.parametrize(("later", "state"), [(HOUR, "sent"), (3 * DAY - HOUR, "cancelled")])
def test_a_digest_is_sent_only_on_its_own_day(walker, hosts, head, later, state):
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    reminders.sweep(NEXT_MORNING)
    delivery.sweep(NEXT_MORNING + later)
    assert states(schedule.DIGEST) == {state}


def test_a_waiting_digest_is_cancelled_once_everything_is_decided(walker, hosts, head):
    walk = a_walk(walker, hosts, state="draft", date=dt.date(2026, 11, 19))
    approval.request(walk, by=walker, now=NOW)
    reminders.sweep(NEXT_MORNING)
    approval.approve(walk, by=head, now=NEXT_MORNING)
    delivery.sweep(NEXT_MORNING + HOUR)
    assert states(schedule.DIGEST) == {"cancelled"}


@pytest.mark.parametrize(("planned", "state"), [(False, "sent"), (True, "cancelled")])
def test_a_waiting_nudge_is_cancelled_if_the_person_planned(walker, hosts, planned, state):
    six_weeks_before = dt.datetime(2026, 11, 6, 9, tzinfo=dt.UTC)
    nudges.store_upcoming(six_weeks_before)
    reminders.sweep(six_weeks_before)
    if planned:
        a_walk(walker, hosts, state="requested")
    delivery.sweep(six_weeks_before + DAY)
    assert Message.objects.get(kind=nudges.NUDGE, recipient=walker).state == state
