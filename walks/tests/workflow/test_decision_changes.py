"""What people and their calendars know after a decider changed a decision."""

import icalendar
import pytest

from notifications.models import Message
from notifications.sending import delivery
from school.tests.factories import NOW
from walks.mail.emails import TIME_TO_UNDO
from walks.tests.factories import a_walk
from walks.workflow import approval, decision_changes

LATER = NOW + TIME_TO_UNDO


@pytest.fixture
def approved(walker, hosts, head):
    """A walk whose mails about the approval were sent."""
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    delivery.sweep(LATER)
    return walk


def ask(walk, head):
    """Ask for a change of the approved walk."""
    decision_changes.reconsider(walk, words="A test came up.", by=head, now=LATER)


def undo(walk, head):
    """Take back the approval."""
    decision_changes.undo_approval(walk, by=head, now=LATER)


def mails(template):
    """The mails of one template, oldest first."""
    return Message.objects.filter(key__startswith=f"{template}:").order_by("pk")


def entries(walker):
    """Status and SEQUENCE of the calendar parts for the walker, oldest first."""
    texts = Message.objects.filter(recipient=walker).exclude(calendar_text="").order_by("pk")
    events = [icalendar.Calendar.from_ical(mail.calendar_text).walk("VEVENT")[0] for mail in texts]
    return [(event["status"], event["sequence"]) for event in events]


@pytest.mark.parametrize("change", [undo, ask])
def test_each_calendar_entry_has_a_higher_sequence_than_the_one_before(change, approved, walker, head):
    change(approved, head)
    if change is ask:
        approval.reply(approved, words="Fine", by=walker, now=LATER)
    approval.approve(approved, by=head, now=LATER)
    assert entries(walker) == [("CONFIRMED", 0), ("CANCELLED", 1), ("CONFIRMED", 2)]
