"""Mails about a walk: who gets them, what they say, and what they must not say."""

import datetime as dt

import pytest

from notifications.models import Message, MessageState
from notifications.sending import delivery
from school.models import Period, Room
from school.tests.factories import NOW, a_lesson, a_person
from walks.errors import TimePassedError
from walks.mail.emails import TIME_TO_UNDO
from walks.models import Walk
from walks.tests.factories import a_second_teacher, a_walk
from walks.workflow import approval, completion

FOCUS = "Student talk"


def mails(template):
    """Return the mails of one template, oldest first."""
    return Message.objects.filter(key__startswith=f"{template}:").order_by("pk")


def mail(template):
    """Return the only mail of a template."""
    return mails(template).get()


@pytest.fixture
def requested(walker, hosts, head):
    """A requested walk."""
    walk = a_walk(walker, hosts, state="draft")
    approval.request(walk, by=walker, now=NOW)
    return walk


@pytest.fixture
def approved(requested, head):
    """An approved walk."""
    approval.approve(requested, by=head, now=NOW)
    return requested


def test_a_request_is_mailed_to_the_head_who_can_reply_to_the_walker(requested, head, walker):
    found = mail("requested")
    assert (found.recipient, found.reply_to) == (head, walker.email)
    assert found.subject == "Amara would like to go on a walk: Thu 12 Nov, Period 3"
    assert "Period 3, 10:10 to 10:25" in found.body_text
    assert "Three rooms, 15 minutes:\n\n204 206 208" in found.body_text
    assert "No clashes, no cover needed." in found.body_text


def test_a_mail_shows_plates_and_says_the_whole_name_of_a_room(walker, hosts, second_host, head):
    Room.objects.filter(code="206").update(code="206 East", plate="206E")
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    approval.approve(Walk.objects.get(), by=head, now=NOW)
    assert "204 206E (206 East) 208" in mail("approved").body_text
    assert "Room 206 East" in mails("host").get(recipient=second_host).body_text


def test_the_mail_about_a_request_names_its_clashes(walker, hosts, head):
    a_lesson(walker, "210", period=3, title="7B Music")
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    assert "Cover needed for 7B Music, Room 210." in mail("requested").body_text


def test_a_request_links_to_the_page_where_it_is_decided(requested, head, sign_in):
    assert f"/approvals/{requested.pk}/\n" in mail("requested").body_text


def test_every_head_of_the_grade_gets_the_mail_about_a_request(walker, hosts, head):
    second = a_person(walker.school, "Ruth", "Adeyemi")
    walker.grade.heads.add(second)
    approval.request(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    assert {m.recipient for m in mails("requested")} == {head, second}


def test_the_mail_about_an_approval_has_a_calendar_invitation(approved, walker, head):
    found = mail("approved")
    assert found.subject == "Your walk is approved: Thu 12 Nov, Period 3"
    assert (found.recipient, found.reply_to, found.calendar_method) == (walker, head.email, "REQUEST")


def test_the_mail_about_an_approval_quotes_the_heads_message(requested, head):
    approval.approve(requested, by=head, now=NOW, words="Say hello to Jonas <3")
    assert "Say hello to Jonas <3" in mail("approved").body_text
    assert "Say hello to Jonas &lt;3" in mail("approved").body_html


def test_the_mail_about_an_adjustment_says_why(requested, head):
    approval.adjust(requested, by=head, now=NOW, words="Room 206 was full.")
    assert mail("adjusted").subject == "Your walk is approved, with a small change: Thu 12 Nov, Period 3"
    assert "Room 206 was full." in mail("adjusted").body_text


@pytest.mark.parametrize(("day", "words"), [(17, "Tuesday"), (18, "Wednesday 18 November")])
def test_the_subject_has_only_the_weekday_if_the_walk_is_in_less_than_seven_days(day, words, walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested", date=dt.date(2026, 11, day), announced=True)
    approval.approve(walk, by=head, now=NOW)
    assert mails("host").first().subject == f"Amara is dropping by on {words}"


def test_hosts_of_an_announced_walk_get_a_mail_about_their_own_room(approved, second_host, walker):
    found = mails("host").get(recipient=second_host)
    assert found.subject == "Amara is dropping by on Thursday"
    assert "Room 206" in found.body_text and "204" not in found.body_text
    assert "Thursday 12 November" in found.body_text and "Period 3" in found.body_text
    assert found.reply_to == walker.email


def test_both_teachers_of_a_room_get_a_mail_and_no_other_host_reads_their_names(
    requested, second_host, colleague, head
):
    a_second_teacher(requested.stops.get(host=second_host), colleague)
    approval.approve(requested, by=head, now=NOW)
    texts = {mail.recipient: " ".join(mail.body_text.split()) for mail in mails("host")}
    assert "to learn from you and Samuel Brandt." in texts[second_host]
    assert "to learn from you and Leila Haddad." in texts[colleague] and "Room 206" in texts[colleague]
    assert len(texts) == 4 and sum("Leila" in text for text in texts.values()) == 2
    assert "Rooms 204, 206, 208" in mail("approved").calendar_text.replace("\\", "")


def test_hosts_of_an_unannounced_walk_get_no_mail(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested", announced=False)
    approval.approve(walk, by=head, now=NOW)
    assert not mails("host").exists()


def test_an_approval_that_comes_too_late_sends_no_mail(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    with pytest.raises(TimePassedError):
        approval.approve(walk, by=head, now=walk.ends_at)
    assert not Message.objects.exists()


def test_the_mail_to_the_covering_colleague_says_what_where_and_when(walker, hosts, head, colleague):
    a_lesson(walker, "210", period=3, title="7B Music")
    approval.approve(a_walk(walker, hosts, state="requested"), by=head, now=NOW, cover=colleague)
    found = mail("cover")
    assert (found.recipient, found.reply_to) == (colleague, head.email)
    assert found.subject == "You’re covering 7B Music, Thu 12 Nov, Period 3"
    text = " ".join(found.body_text.split())
    for words in (
        "You’re covering 7B Music.",
        "Thursday 12 November",
        "Period 3, 10:10 to 10:25",
        "Room 210",
        "while Amara Osei is on a learning walk",
    ):
        assert words in text
    assert found.calendar_method == "REQUEST"
    assert "SUMMARY:Cover: 7B Music" in found.calendar_text


def test_the_mail_about_a_question_names_the_suggested_time(requested, head, walker):
    other = Period.objects.get(school=walker.school, position=2)
    approval.ask_change(requested, words="Could you?", by=head, now=NOW, suggested_period=other)
    found = mail("change_asked")
    assert (found.subject, found.author) == ("A small change to your Thursday walk?", head)
    assert "Suggested instead:\n\nThursday 12 November\nPeriod 2" in found.body_text


def test_the_walkers_reply_is_mailed_to_the_deciders(walker, hosts, head):
    walk = a_walk(walker, hosts, state="changes_asked")
    approval.reply(walk, words="Period 1?", by=walker, now=NOW)
    assert mail("replied").recipient == head
    assert "Period 1?" in mail("replied").body_text


def test_changing_an_approved_walk_removes_the_old_calendar_entry(approved, walker, head):
    first = mail("approved").calendar_text
    delivery.sweep(NOW + TIME_TO_UNDO)
    approval.change(approved, by=walker, now=NOW, was_agreed=True)
    approval.approve(approved, by=head, now=NOW)
    assert mail("withdrawn").calendar_method == "CANCEL"
    assert "SEQUENCE:1" in first
    assert "SEQUENCE:3" in mails("approved").last().calendar_text


def test_hosts_get_a_mail_if_an_approved_walk_is_changed(approved, walker, hosts):
    delivery.sweep(NOW + TIME_TO_UNDO)
    approval.change(approved, by=walker, now=NOW, was_agreed=True)
    assert {m.recipient for m in mails("moved")} == set(hosts)


def test_everybody_who_knew_of_the_walk_gets_a_mail_if_it_is_cancelled(approved, walker, hosts, head):
    delivery.sweep(NOW + TIME_TO_UNDO)
    approval.cancel(approved, by=walker, now=NOW)
    assert {m.recipient for m in mails("off")} == {*hosts, head}
    assert mails("off").first().subject == "Amara’s Thursday walk is cancelled"
    assert mail("cancelled").calendar_method == "CANCEL"


def test_cancelling_stops_mails_that_have_not_been_sent(approved, walker, hosts):
    approval.cancel(approved, by=walker, now=NOW)
    assert not mails("off").filter(recipient__in=hosts).exists()
    assert {m.state for m in mails("host")} == {MessageState.CANCELLED}


def test_hosts_told_of_a_change_get_no_mail_about_the_cancellation(approved, walker):
    delivery.sweep(NOW + TIME_TO_UNDO)
    approval.change(approved, by=walker, now=NOW, was_agreed=True)
    delivery.sweep(NOW + TIME_TO_UNDO)
    approval.cancel(approved, by=walker, now=NOW)
    assert not set(mails("off").values_list("recipient")) & set(mails("moved").values_list("recipient"))


def test_the_mail_about_a_request_is_cancelled_once_it_is_decided(requested, head):
    approval.approve(requested, by=head, now=NOW)
    delivery.sweep(NOW + TIME_TO_UNDO)
    assert mail("requested").state == MessageState.CANCELLED


def test_the_walker_gets_one_mail_about_a_complete_walk(walker, hosts, head):
    walk = a_walk(walker, hosts, state="walked")
    walk.stops.update(thanked_at=NOW)
    completion.mark_takeaway(walk, by=walker, now=NOW)  # complete
    completion.mark_not_thanked(walk.stops.first(), by=walker, now=NOW)  # open again
    completion.mark_thanked(walk.stops.first(), by=walker, now=NOW)  # complete again
    assert mail("complete").subject == "Your autumn walk is complete"


def test_the_subject_for_a_second_walk_is_another_walk_is_complete(walker, hosts):
    a_walk(walker, hosts, state="complete")
    walk = a_walk(walker, hosts, state="walked", date=dt.date(2026, 11, 13))
    walk.stops.update(thanked_at=NOW)
    completion.mark_takeaway(walk, by=walker, now=NOW)
    assert mail("complete").subject == "Another walk is complete"


def test_the_focus_is_only_in_mails_to_the_walker(walker, hosts, head, colleague):
    a_lesson(walker, "210", period=3)
    walk = a_walk(walker, hosts, state="draft", own_focus="CANARY")
    approval.request(walk, by=walker, now=NOW)
    approval.approve(walk, by=head, now=NOW, cover=colleague)
    delivery.sweep(NOW + TIME_TO_UNDO)
    approval.cancel(walk, by=walker, now=NOW)
    for found in Message.objects.exclude(recipient=walker):
        assert FOCUS not in found.body_text + found.body_html and "CANARY" not in found.body_text + found.body_html


def test_people_who_left_get_no_mail(walker, hosts, head, host):
    type(host).objects.filter(pk=host.pk).update(is_active=False)
    approval.approve(a_walk(walker, hosts, state="requested"), by=head, now=NOW)
    assert mails("host").count() == 2
    assert Walk.objects.get().state == "approved"
