"""Reminders after a walk are sent only if they are still true, and have no private words."""

import datetime as dt

import pytest

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery
from observations.models import Takeaway
from observations.tests.factories import a_note, a_praise
from observations.words import takeaway
from walks.models import Stop, Walk

KINDS = ["praise_at_finish", "praise_4h", "praise_late"]
MONDAY = dt.date(2026, 11, 16)
MORNING = dt.datetime(2026, 11, 16, 7, 30, tzinfo=dt.UTC)


def remind(kind, walk, now):
    """Let a reminder of this kind be due now, and return its mail."""
    Reminder.objects.all().delete()
    reminders.schedule(kind=kind, key=f"{kind}:{walk.pk}", person=walk.walker, about_id=walk.pk, due_at=now, now=now)
    reminders.sweep(now)
    return Message.objects.filter(kind="praise_reminder").first()


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("praise_at_finish", "Three colleagues to thank, while it’s fresh"),
        ("praise_4h", "Three colleagues to thank, by 10:25"),
        ("praise_late", "It’s not too late to send your praise"),
    ],
)
def test_the_walker_gets_a_reminder_of_each_kind(walk, walker, later, kind, subject):
    mail = remind(kind, walk, later)
    assert (mail.to_addr, mail.subject) == (walker.email, subject)
    assert f"/walks/{walk.pk}/praise/{walk.stops.first().pk}/" in mail.body_text


def test_the_reminder_names_hosts_without_praise(walk, later):
    a_praise(walk.stops.first(), sent_at=later)
    assert "Leila and Priya haven’t heard from you yet." in remind("praise_4h", walk, later).body_text


def test_the_reminder_uses_the_singular_for_one_colleague(walk, later):
    walk.stops.exclude(pk=walk.stops.last().pk).update(thanked_at=later)
    mail = remind("praise_4h", walk, later)
    assert mail.subject == "One colleague to thank, by 10:25"
    assert "Priya hasn’t heard from you yet." in mail.body_html


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_reminded_when_all_are_thanked(walk, later, kind):
    walk.stops.update(thanked_at=later)
    assert remind(kind, walk, later) is None


def test_the_four_hour_reminder_is_not_sent_after_the_24_hours(walk, later):
    assert remind("praise_4h", walk, walk.praise_due_at) is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_reminder_has_words_of_notes_or_drafts(walk, later, kind):
    a_note(walk.stops.first(), "A private note.")
    a_praise(walk.stops.first(), "A private draft.")
    mail = remind(kind, walk, later)
    assert "private" not in mail.body_text + mail.body_html


@pytest.mark.parametrize("kind", KINDS)
def test_a_waiting_reminder_is_cancelled_once_the_praise_is_sent(walk, later, kind):
    mail = remind(kind, walk, later)
    Stop.objects.update(thanked_at=later)
    delivery.sweep(later)
    mail.refresh_from_db()
    assert mail.state == "cancelled"


@pytest.mark.parametrize(("kind", "state"), list(zip(KINDS, ["cancelled", "cancelled", "sent"], strict=True)))
def test_a_reminder_delayed_beyond_the_24_hours_is_cancelled_unless_it_is_the_late_one(walk, later, kind, state):
    mail = remind(kind, walk, later)
    delivery.sweep(walk.praise_due_at)
    mail.refresh_from_db()
    assert mail.state == state


@pytest.mark.parametrize(("hours", "written"), [(1, 1), (19, 0)])
def test_after_an_outage_the_reminder_at_the_end_of_a_walk_is_dropped(walk, later, hours, written):
    """The worker was away. The reminder four hours before the deadline is still to come."""
    reminders.schedule(
        kind="praise_at_finish", key="x", person=walk.walker, about_id=walk.pk, due_at=walk.finished_at, now=later
    )
    reminders.sweep(walk.finished_at + dt.timedelta(hours=hours))
    assert Message.objects.count() == written


def test_a_reminder_at_the_end_of_a_walk_is_cancelled_if_it_waited_all_night(walk, later):
    mail = remind("praise_at_finish", walk, later)
    delivery.sweep(later + dt.timedelta(hours=19))
    mail.refresh_from_db()
    assert mail.state == "cancelled"


def test_a_reminder_that_is_still_true_is_sent(walk, later):
    mail = remind("praise_at_finish", walk, later)
    delivery.sweep(later)
    mail.refresh_from_db()
    assert mail.state == "sent"


@pytest.fixture
def idea(walk, later):
    return takeaway.write(Walk.objects.get(), text="A private idea", remind_on=MONDAY, by=walk.walker, now=later)


def test_the_walker_is_reminded_of_their_idea_on_the_chosen_morning(idea, walker):
    reminders.sweep(MORNING)
    mail = Message.objects.get(kind="takeaway_day")
    assert (mail.to_addr, mail.subject) == (walker.email, "Your borrowed idea: today is the day")
    assert "private" not in mail.body_text + mail.body_html


@pytest.mark.parametrize("change", [{"remind_on": None}, {"outcome": "tried"}, {"remind_on": dt.date(2026, 11, 17)}])
def test_no_reminder_is_sent_if_the_idea_was_tried_or_moved(idea, change):
    Takeaway.objects.update(**change)
    reminders.sweep(MORNING)
    assert not Message.objects.exists()


def test_a_waiting_reminder_is_cancelled_once_the_idea_was_tried(idea):
    reminders.sweep(MORNING)
    Takeaway.objects.update(outcome="tried")
    delivery.sweep(MORNING)
    assert Message.objects.get().state == "cancelled"
