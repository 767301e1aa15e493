"""The mails and calendar calendar_entries after a decider changed a decision."""

from dataclasses import replace

import icalendar
import pytest

from notifications.models import Message
from notifications.sending import delivery
from school.calendar import Calendar
from school.models import Period
from school.tests.factories import NOW, a_lesson, a_person, row_of
from walks.errors import AlreadyDecidedError, TimePassedError
from walks.mail.emails import TIME_TO_UNDO
from walks.models import State, Walk
from walks.planning.clashes import availability_for
from walks.planning.plan import plan_of
from walks.tests.factories import a_walk
from walks.workflow import approval, cover_changes, decision_changes, drafts

LATER = NOW + TIME_TO_UNDO


@pytest.fixture
def approved(walker, hosts, head):
    """A walk whose mails about the approval were sent."""
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    delivery.sweep(LATER)
    return walk


@pytest.fixture
def ana(school):
    """A colleague who is free in the period of the walk."""
    return a_person(school, "Ana")


@pytest.fixture
def covered(walker, hosts, head, ana):
    """A walk whose walker teaches then; Ana got a mail that she covers."""
    a_lesson(walker, "210")
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, cover=ana, now=NOW)
    delivery.sweep(LATER)
    return walk


def ask(walk, head):
    """Ask for a change of the approved walk."""
    decision_changes.reconsider(walk, words="A test came up.", by=head, now=LATER)


def undo(walk, head):
    """Take back the approval."""
    decision_changes.undo_approval(walk, by=head, now=LATER)


def change(plan, head, cover=None):
    """Change the approved walk to this plan."""
    decision_changes.change_approved(plan, calendar=Calendar(head.school), cover=cover, by=head, now=LATER)


def one_period_earlier(walk):
    """Return the walk's plan in Period 2, with the teachers of that time."""
    period = row_of(walk.walker.school, Period, position=2)
    there = availability_for(plan_of(walk), first=walk.date, last=walk.date, calendar=Calendar(walk.walker.school))
    return plan_of(walk).at(walk.date, period, availability=there)


def mails(template):
    """Return the mails of one template, oldest first."""
    return Message.objects.filter(key__startswith=f"{template}:").order_by("pk")


def calendar_entries(walker):
    """Return status and SEQUENCE of the calendar entries that were mailed to the walker, oldest first."""
    texts = Message.objects.filter(recipient=walker).exclude(calendar_text="").order_by("pk")
    events = [icalendar.Calendar.from_ical(mail.calendar_text).walk("VEVENT")[0] for mail in texts]
    return [(event["status"], event["sequence"]) for event in events]


def unsent_mails(walk):
    """Return template and calendar method of the mails to the walker that are not sent yet."""
    found = Message.objects.filter(recipient=walk.walker, state="queued").order_by("pk")
    return [(mail.key.split(":")[0], mail.calendar_method) for mail in found]


@pytest.mark.parametrize("change", [undo, ask])
def test_each_calendar_entry_has_a_higher_sequence_than_the_one_before(change, approved, walker, head):
    change(approved, head)
    if change is ask:
        approval.reply(approved, words="Fine", by=walker, now=LATER)
    approval.approve(approved, by=head, now=LATER)
    assert calendar_entries(walker) == [("CONFIRMED", 0), ("CANCELLED", 1), ("CONFIRMED", 2)]


def test_undo_after_another_cover_takes_the_walk_out_of_the_calendar(approved, walker, head, ana):
    a_lesson(walker, "210")
    cover_changes.change(approved, cover=ana, seen_cover=None, by=head, now=LATER)
    undo(approved, head)  # before the mail about the cover was sent
    assert calendar_entries(walker)[-1] == ("CANCELLED", 1)
    assert mails("approval_undone").get().state == "queued"


def test_an_old_undo_does_not_take_back_an_approval_whose_cover_changed(approved, walker, head, ana):
    a_lesson(walker, "210")
    version = approved.calendar_sequence
    cover_changes.change(approved, cover=ana, seen_cover=None, by=head, now=LATER)
    with pytest.raises(AlreadyDecidedError, match="You chose who covers"):
        decision_changes.undo_approval(approved, version=version, by=head, now=LATER)


def test_after_two_undos_before_any_mail_was_sent_the_walker_gets_one_mail(approved, head):
    undo(approved, head)
    approval.approve(approved, by=head, now=LATER)
    undo(approved, head)
    assert unsent_mails(approved) == [("approval_undone", "CANCEL")]


def test_a_question_right_after_an_undo_takes_the_walk_out_of_the_calendar(approved, head):
    undo(approved, head)
    approval.ask_change(approved, words="Period 2?", by=head, now=LATER)
    assert unsent_mails(approved) == [("change_asked", "CANCEL")]


def test_a_question_taken_back_before_its_mail_was_sent_takes_the_walk_out_of_the_calendar(approved, head):
    ask(approved, head)
    decision_changes.take_back_question(approved, by=head, now=LATER)
    assert unsent_mails(approved) == [("approval_undone", "CANCEL")]


def test_a_question_that_was_sent_is_taken_back_without_a_calendar_part(approved, head):
    ask(approved, head)
    delivery.sweep(LATER)
    decision_changes.take_back_question(approved, by=head, now=LATER)
    assert unsent_mails(approved) == [("question_taken_back", "")]


def test_a_reply_does_not_stop_the_mail_that_clears_the_calendar(approved, walker, head):
    ask(approved, head)
    approval.reply(approved, words="Fine", by=walker, now=LATER)
    assert unsent_mails(approved) == [("change_asked", "CANCEL")]


def test_an_approval_is_not_taken_back_once_the_walk_should_have_begun(approved, head):
    with pytest.raises(TimePassedError, match="so it stays approved"):
        decision_changes.undo_approval(approved, by=head, now=approved.starts_at)
    assert Walk.objects.get().state == State.APPROVED


def test_the_cover_gets_a_mail_when_a_shorter_walk_ends_earlier(covered, ana, head):
    plan = plan_of(covered)
    change(replace(plan, stops=plan.stops[:2]), head, cover=ana)
    assert [mail.recipient for mail in mails("cover")] == [ana, ana]
    assert "10:10 to 10:19" in mails("cover").last().body_text


def test_a_cover_who_becomes_a_host_gets_a_mail_that_they_are_free_again(covered, ana, hosts, head):
    a_lesson(ana, "204", period=2)
    for host, code in zip(hosts[1:], ("206", "208"), strict=True):
        a_lesson(host, code, period=2)
    change(one_period_earlier(covered), head)
    freed = mails("no_longer_needed").get(recipient=ana)
    assert freed.calendar_method == "CANCEL" and "Period 3" in freed.body_text
    assert mails("host").filter(recipient=ana).exists()
    assert {mail.recipient for mail in mails("no_longer_needed")} == {ana, hosts[0]}


def test_a_host_who_becomes_the_cover_gets_a_mail_that_nobody_visits(approved, walker, hosts, head):
    a_lesson(walker, "210", period=2)
    a_lesson(hosts[0], "204", period=1)  # is at school in period 2
    for host, code in zip(hosts[1:], ("206", "208"), strict=True):
        a_lesson(host, code, period=2)
    plan = one_period_earlier(approved)
    change(replace(plan, stops=plan.stops[1:]), head, cover=hosts[0])
    delivery.sweep(LATER)
    approval.cancel(Walk.objects.get(), by=walker, now=LATER)
    kinds = [mail.key.split(":")[0] for mail in Message.objects.filter(recipient=hosts[0]).order_by("pk")]
    assert kinds == ["host", "no_longer_needed", "cover", "off"]


def test_undo_of_an_adjusted_walk_names_both_times(walker, hosts, head):
    for host, code in zip(hosts, ("204", "206", "208"), strict=True):
        a_lesson(host, code, period=2)
    walk = a_walk(walker, hosts, state="requested")
    earlier = decision_changes.EarlierPlan.of(walk)
    drafts.adjust_and_approve(one_period_earlier(walk), calendar=Calendar(head.school), by=head, now=NOW)
    delivery.sweep(LATER)
    decision_changes.undo_approval(Walk.objects.get(), earlier=earlier, by=head, now=LATER)
    words = mails("approval_undone").get().body_text
    assert "took back the approval of your walk on Thursday 12 November, Period 2" in words
    assert "Your plan is back to the time and rooms that you sent: Thursday 12 November, Period 3." in words
