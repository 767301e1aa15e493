"""Calendar entries of walks, read with two independent libraries."""

import datetime as dt
import email
import email.policy

import icalendar
import pytest
import vobject

from notifications.models import Message
from notifications.sending import delivery, outbox
from school.tests.factories import NOW
from walks.mail import invitations
from walks.tests.factories import a_walk
from walks.workflow import approval

STARTS = dt.datetime(2026, 11, 12, 10, 10, tzinfo=dt.UTC)


@pytest.fixture
def walk(walker, hosts):
    """An approved walk of three rooms."""
    return a_walk(walker, hosts, own_focus="CANARY")


def event_of(text):
    """Return the entry as the icalendar library reads it."""
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]


def test_an_invitation_says_when_and_where(walk, walker):
    event = event_of(invitations.invitation(walk, now=NOW).text)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (STARTS, STARTS + dt.timedelta(minutes=15))
    assert (event["summary"], event["location"]) == ("Learning walk: Rooms 204, 206, 208", "204, 206, 208")
    assert event["attendee"] == f"mailto:{walker.email}"


@pytest.mark.parametrize(("method", "alarms"), [("REQUEST", 1), ("PUBLISH", 1), ("CANCEL", 0)])
def test_the_calendar_reminds_ten_minutes_before_a_walk_that_takes_place(walk, method, alarms):
    found = event_of(invitations.calendar_text(walk, method=method, now=NOW)).walk("VALARM")
    assert [alarm.decoded("trigger") for alarm in found] == [-dt.timedelta(minutes=10)] * alarms


def test_a_second_calendar_library_reads_the_same_time(walk):
    event = vobject.readOne(invitations.invitation(walk, now=NOW).text).vevent
    assert event.dtstart.value == STARTS
    assert event.summary.value == "Learning walk: Rooms 204, 206, 208"


def test_the_focus_is_not_in_the_invitation(walk):
    text = invitations.invitation(walk, now=NOW).text
    assert "CANARY" not in text and "Student talk" not in text


def test_the_organizer_is_the_sender_of_our_mails(walk, settings):
    settings.DEFAULT_FROM_EMAIL = "Walks <walks@school.example>"
    event = event_of(invitations.invitation(walk, now=NOW).text)
    assert event["organizer"] == "mailto:walks@school.example"


def test_all_entries_of_a_walk_have_one_uid_and_a_rising_sequence(walk, walker, head, settings):
    settings.SITE_URL = "https://walks.school.example"
    approval.change(walk, by=walker, now=NOW, was_agreed=True)
    approval.approve(walk, by=head, now=NOW)
    approval.cancel(walk, by=walker, now=NOW)
    texts = [m.calendar_text for m in Message.objects.exclude(calendar_text="").order_by("pk")]
    assert {event_of(text)["uid"] for text in texts} == {f"{walk.uid}@walks.school.example"}
    assert [event_of(text)["sequence"] for text in texts] == [1, 2, 3]
    assert [event_of(text)["status"] for text in texts] == ["CANCELLED", "CONFIRMED", "CANCELLED"]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_the_mail_part_has_the_same_method_as_its_calendar_entry(method, walk, walker, head, settings):
    outbox.put(
        kind="test",
        key="k",
        to=walker,
        template="walks/cancelled",
        context={"walk": walk},
        now=NOW,
        calendar=outbox.CalendarPart(invitations.calendar_text(walk, method=method, now=NOW), method),
    )
    delivery.sweep(NOW)
    raw = next(settings.MAIL_DIR.glob("*.eml")).read_bytes()
    parts = email.message_from_bytes(raw, policy=email.policy.default).walk()
    part = next(part for part in parts if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == icalendar.Calendar.from_ical(part.get_content())["method"] == method


def test_long_lines_are_folded_as_the_standard_requires(walk):
    lines = invitations.invitation(walk, now=NOW).text.encode().split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not any(b"\n" in line for line in lines)


def test_a_line_break_in_a_name_adds_no_line_to_the_entry(walk, walker):
    walker.school.name = "St. Mary's; Hall, \\ North\nATTENDEE:mailto:evil@example.com"
    walk.walker = walker
    event = event_of(invitations.invitation(walk, now=NOW).text)
    assert event["attendee"] == f"mailto:{walker.email}"


@pytest.mark.parametrize(("date", "hour"), [(dt.date(2026, 10, 23), 9), (dt.date(2026, 10, 26), 10)])
def test_times_are_right_before_and_after_the_clocks_change(date, hour, walker, hosts):
    event = event_of(invitations.invitation(a_walk(walker, hosts, date=date), now=NOW).text)
    assert (event.decoded("dtstart").hour, event.decoded("dtstart").utcoffset()) == (hour, dt.timedelta(0))


def test_the_walker_downloads_a_file_without_attendees(walk, walker, sign_in):
    answer = sign_in(walker).get(f"/walks/{walk.pk}/walk.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    event = event_of(answer.content)
    assert "attendee" not in event
    assert event["uid"] == invitations.uid(walk)


@pytest.mark.parametrize("person", ["head", "host", "colleague", "administrator", "stranger"])
def test_nobody_else_can_download_the_calendar_file(person, walk, sign_in, request):
    client = sign_in(request.getfixturevalue(person))
    assert client.get(f"/walks/{walk.pk}/walk.ics").status_code == 404


def test_a_walk_that_is_not_approved_has_no_calendar_file(walker, hosts, sign_in):
    walk = a_walk(walker, hosts, state="requested")
    assert sign_in(walker).get(f"/walks/{walk.pk}/walk.ics").status_code == 404
