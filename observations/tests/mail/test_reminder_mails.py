"""Reminders after a walk: true in the moment they leave, and without a private word."""

import datetime as dt

import pytest

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery
from observations.models import Takeaway
from observations.tests.factories import a_note, a_praise
from observations.words import takeaway
from walks.models import Stop, Walk
from walks.tests.factories import a_walk

KINDS = ["praise_at_finish", "praise_4h", "praise_late"]
MONDAY = dt.date(2026, 11, 16)
MORNING = dt.datetime(2026, 11, 16, 7, 30, tzinfo=dt.UTC)


@pytest.fixture
def walk(walker, hosts):
    return a_walk(walker, hosts, state="walked")


@pytest.fixture
def later(walk):
    return walk.finished_at + dt.timedelta(hours=1)


def remind(kind, walk, now):
    """The reminder of this kind is due now."""
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
def test_the_walker_is_reminded(walk, walker, later, kind, subject):
    mail = remind(kind, walk, later)
    assert (mail.to_addr, mail.subject) == (walker.email, subject)
    assert f"/walks/{walk.pk}/praise/{walk.stops.first().pk}/" in mail.body_text


def test_those_who_have_not_heard_are_named(walk, later):
    a_praise(walk.stops.first(), sent_at=later)
    assert "Leila and Priya haven’t heard from you yet." in remind("praise_4h", walk, later).body_text


def test_one_colleague_is_one(walk, later):
    walk.stops.exclude(pk=walk.stops.last().pk).update(thanked_at=later)
    mail = remind("praise_4h", walk, later)
    assert (mail.subject, "Priya hasn’t heard from you yet." in mail.body_html) == (
        "One colleague to thank, by 10:25",
        True,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_reminded_when_all_are_thanked(walk, later, kind):
    walk.stops.update(thanked_at=later)
    assert remind(kind, walk, later) is None


def test_by_when_is_not_said_once_it_has_passed(walk, later):
    assert remind("praise_4h", walk, walk.praise_due_at) is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_private_word_travels(walk, later, kind):
    a_note(walk.stops.first(), "A private note.")
    a_praise(walk.stops.first(), "A private draft.")
    mail = remind(kind, walk, later)
    assert "private" not in mail.body_text + mail.body_html


@pytest.mark.parametrize("kind", KINDS)
def test_a_reminder_that_waits_is_dropped_when_the_praise_was_written(walk, later, kind):
    mail = remind(kind, walk, later)
    Stop.objects.update(thanked_at=later)
    delivery.sweep(later)
    mail.refresh_from_db()
    assert mail.state == "cancelled"


@pytest.mark.parametrize(("kind", "state"), list(zip(KINDS, ["cancelled", "cancelled", "sent"], strict=True)))
def test_time_that_is_left_is_not_spoken_of_when_the_mail_waited_too_long(walk, later, kind, state):
    """The mail server was away until after the mark."""
    mail = remind(kind, walk, later)
    delivery.sweep(walk.praise_due_at)
    mail.refresh_from_db()
    assert mail.state == state


@pytest.mark.parametrize(("hours", "written"), [(1, 1), (19, 0)])
def test_after_an_outage_the_walk_is_not_called_fresh_any_more(walk, later, hours, written):
    """The worker was away; the four-hour reminder comes at its own time."""
    reminders.schedule(
        kind="praise_at_finish", key="x", person=walk.walker, about_id=walk.pk, due_at=walk.finished_at, now=later
    )
    reminders.sweep(walk.finished_at + dt.timedelta(hours=hours))
    assert Message.objects.count() == written


def test_a_mail_of_a_fresh_walk_that_waited_all_night_stays(walk, later):
    mail = remind("praise_at_finish", walk, later)
    delivery.sweep(later + dt.timedelta(hours=19))
    mail.refresh_from_db()
    assert mail.state == "cancelled"


def test_a_reminder_that_is_still_true_leaves(walk, later):
    mail = remind("praise_at_finish", walk, later)
    delivery.sweep(later)
    mail.refresh_from_db()
    assert mail.state == "sent"


@pytest.fixture
def idea(walk, later):
    return takeaway.write(Walk.objects.get(), text="A private idea", remind_on=MONDAY, by=walk.walker, now=later)


def test_the_idea_is_remembered_on_the_chosen_morning(idea, walker):
    reminders.sweep(MORNING)
    mail = Message.objects.get(kind="takeaway_day")
    assert (mail.to_addr, mail.subject) == (walker.email, "Trying your borrowed idea today?")
    assert "private" not in mail.body_text + mail.body_html


@pytest.mark.parametrize("change", [{"remind_on": None}, {"outcome": "tried"}, {"remind_on": dt.date(2026, 11, 17)}])
def test_a_changed_mind_is_not_reminded(idea, change):
    Takeaway.objects.update(**change)
    reminders.sweep(MORNING)
    assert not Message.objects.exists()


def test_an_idea_tried_before_the_mail_leaves_stops_it(idea):
    reminders.sweep(MORNING)
    Takeaway.objects.update(outcome="tried")
    delivery.sweep(MORNING)
    assert Message.objects.get().state == "cancelled"
