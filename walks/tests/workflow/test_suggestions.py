"""The Head of Grade suggests another time: the Head is warned of rooms without a class; the walker accepts."""

import re

import pytest

from notifications import preferences
from notifications.models import Message
from school.errors import RuleError
from school.models import Lesson, Period, Room
from school.tests.factories import NOW, a_lesson, a_person, row_of
from walks.models import State
from walks.tests.factories import a_walk
from walks.workflow import approval, drafts, time_limits

pytestmark = pytest.mark.usefixtures("frozen_clock")


@pytest.fixture
def second_period(school):
    """Period 2, in which nobody teaches unless a test says so."""
    return row_of(school, Period, position=2)


@pytest.fixture
def asked(walker, hosts, head, second_period):
    """The Head suggests Period 2 for a walk to 204, 206 and 208."""
    return a_walk(walker, hosts, state="changes_asked", suggested_period=second_period)


def teach(people, second_period, rooms=("204", "206", "208")):
    for person, room in zip(people, rooms, strict=False):
        a_lesson(person, room, period=second_period.position)


def room_id(school, code):
    return row_of(school, Room, code=code).pk


def page_of(client, walk):
    return client.get(f"/walks/{walk.pk}/").content.decode()


def test_rooms_without_a_class_are_left_out_on_accepting(sign_in, asked, walker, hosts, second_period):
    teach(hosts[:2], second_period)
    page = page_of(sign_in(walker), asked)
    assert "Nobody, so you would skip it" in page
    assert "Accept without 208" in page and "rooms stay the same" not in page
    dropped = re.findall(r'name="dropped_room" value="(\d+)"', page)
    answer = sign_in(walker).post(f"/walks/{asked.pk}/accept/", {"dropped_room": dropped}, follow=True)
    assert "Accepted. Your walk is approved for the new time." in answer.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.period) == (State.APPROVED, second_period)
    assert [stop.room.code for stop in asked.stops.all()] == ["204", "206"]


def test_the_walkers_own_class_is_left_out_too(sign_in, asked, walker, hosts, second_period):
    teach([*hosts[:2], walker], second_period)
    page = page_of(sign_in(walker), asked)
    assert "Accept without 208" in page
    assert "Cover needed for Osei class, Room 208." in page


@pytest.mark.parametrize(("taught", "words"), [(1, "Only one of your rooms"), (0, "None of your rooms")])
def test_an_impossible_suggestion_is_not_offered(sign_in, asked, walker, hosts, second_period, taught, words):
    teach(hosts[:taught], second_period)
    page = page_of(sign_in(walker), asked)
    assert words in page
    assert "Accept" not in page.replace("Accept or reply", "")
    edit = f"/walks/{asked.pk}/edit/?date=2026-11-12&amp;period={second_period.pk}"
    assert edit in page
    planner = sign_in(walker).get(edit.replace("&amp;", "&"))
    assert (str(planner.context["plan"].date), planner.context["plan"].period) == ("2026-11-12", second_period)
    assert "No class at that time" in planner.content.decode()


def test_a_walker_who_covers_then_is_not_offered_the_time(sign_in, asked, walker, hosts, head, second_period, school):
    teach(hosts, second_period)
    other = a_person(school, "Ines", "Other")
    lesson = a_lesson(other, "210", period=2, title="8B History", days=[3])
    a_walk(other, hosts, period=2, cover=walker, covered_lesson=lesson)
    page = page_of(sign_in(walker), asked)
    assert "You’re covering 8B History at that time." in page
    assert "Accept Thu" not in page


def test_a_suggestion_with_a_class_in_every_room_is_accepted_unchanged(sign_in, asked, walker, hosts, second_period):
    teach(hosts, second_period)
    page = page_of(sign_in(walker), asked)
    assert "Accept Thu 12 Nov, Period 2" in page and "Your rooms stay the same." in page
    assert 'name="dropped_room"' not in page


def test_only_rooms_without_a_class_can_be_left_out(asked, walker, hosts, second_period, school):
    teach(hosts[:2], second_period)
    for rooms in (["204"], ["204", "208"]):
        with pytest.raises(RuleError, match="Have another look"):
            drafts.accept_suggestion(
                asked, dropped_room_ids=[room_id(school, code) for code in rooms], by=walker, now=NOW
            )
    Lesson.objects.filter(period=second_period, room__code="206").delete()
    with pytest.raises(RuleError, match="Have another look"):
        drafts.accept_suggestion(asked, dropped_room_ids=[room_id(school, "208")], by=walker, now=NOW)


def test_the_head_is_warned_once_and_may_send_the_suggestion_anyway(sign_in, walker, hosts, head, second_period):
    walk = a_walk(walker, hosts, state="requested")
    teach(hosts[:2], second_period)
    a_lesson(walker, "210", period=2, title="7B Science", days=[3])
    form = {"words": "Could you come in Period 2?", "suggested_period": second_period.pk}
    first = sign_in(head).post(f"/approvals/{walk.pk}/ask/", form)
    page = first.content.decode()
    assert first.status_code == 422
    for words in (
        "Nobody teaches in Room 208 at that time.",
        "Cover needed for 7B Science, Room 210.",
        "Amara can accept it without 208.",
        "Send it anyway",
        "Could you come in Period 2?",
    ):
        assert words in page
    walk.refresh_from_db()
    assert walk.state == State.REQUESTED
    warned_time = re.search(r'name="warned_time" value="([^"]+)"', page)[1]
    other = sign_in(head).post(
        f"/approvals/{walk.pk}/ask/", form | {"warned_time": warned_time, "suggested_date": "2026-11-13"}
    )
    assert other.status_code == 422  # another day, another warning
    assert sign_in(head).post(f"/approvals/{walk.pk}/ask/", form | {"warned_time": warned_time}).status_code == 302
    walk.refresh_from_db()
    assert (walk.state, walk.suggested_period) == (State.CHANGES_ASKED, second_period)


def test_the_head_is_warned_if_too_few_rooms_would_be_left(sign_in, walker, hosts, head, second_period):
    walk = a_walk(walker, hosts, state="requested")
    form = {"words": "Period 2?", "suggested_period": second_period.pk}
    page = sign_in(head).post(f"/approvals/{walk.pk}/ask/", form).content.decode()
    assert "That leaves too few rooms, so Amara can’t accept that time." in page


def test_a_suggestion_without_clashes_is_sent_at_once(sign_in, walker, hosts, head, second_period):
    walk = a_walk(walker, hosts, state="requested")
    teach(hosts, second_period)
    form = {"words": "Period 2?", "suggested_period": second_period.pk}
    assert sign_in(head).post(f"/approvals/{walk.pk}/ask/", form).status_code == 302


# --- The mail to the decider who asked -----------------------------------------------------------------
def answer_to(person):
    """Return the only mail with the answer to this person."""
    return Message.objects.get(recipient=person, kind="walks.answered")


def test_the_decider_gets_a_mail_with_the_accepted_time_and_rooms(asked, walker, hosts, head, second_period):
    teach(hosts[:2], second_period)
    drafts.accept_suggestion(asked, dropped_room_ids=[room_id(asked.walker.school, "208")], by=walker, now=NOW)
    mail = answer_to(head)
    assert (mail.subject, mail.reply_to) == ("Amara accepts the new time: Thu 12 Nov, Period 2", walker.email)
    for words in (
        "Amara accepts the time you suggested: Thursday 12 November, Period 2, 09:05 to",
        "Two rooms (204, 206), 9 minutes. Without 208: no colleague teaches there at that time.",
        "No clashes, no cover needed.",
    ):
        assert words in mail.body_text


def test_the_mail_about_an_accepted_time_says_that_cover_is_needed(asked, walker, hosts, head, second_period):
    teach(hosts, second_period)
    a_lesson(walker, "210", period=2, title="7B Science", days=[3])
    drafts.accept_suggestion(asked, by=walker, now=NOW)
    assert "Cover needed for 7B Science, Room 210." in answer_to(head).body_text
    assert "Without" not in answer_to(head).body_text


def test_the_decider_who_asked_gets_a_mail_if_the_walk_is_taken_back(asked, walker, head):
    approval.take_back(asked, by=walker, now=NOW)
    assert answer_to(head).subject == "Amara took back the request for the Thursday walk"


def test_nobody_is_mailed_when_a_request_without_a_question_is_taken_back(walker, hosts, head):
    approval.take_back(a_walk(walker, hosts, state="requested"), by=walker, now=NOW)
    assert not Message.objects.exists()


def test_the_decider_who_asked_gets_a_mail_about_a_cancelling_even_without_request_mails(asked, walker, head):
    preferences.mute(head, "walks.request")
    approval.cancel(asked, by=walker, now=NOW)
    assert Message.objects.get().recipient == head


def test_only_heads_can_switch_off_mails_about_answers(walker, head):
    offered = {person: [kind.name for kind in preferences.kinds_for(person)] for person in (walker, head)}
    assert ["walks.answered" in offered[person] for person in (walker, head)] == [False, True]
    preferences.mute(head, "walks.answered")
    assert not preferences.wants(head, "walks.answered", now=NOW)


def test_the_mail_about_a_passed_day_names_the_question_without_an_answer(asked, walker, head):
    time_limits.sweep(asked.ends_at)
    mail = Message.objects.get(recipient=walker, kind="walks.lapsed")
    assert "The time for your walk has passed." in mail.body_text
    assert "Lucía had asked for a change" in mail.body_text
    assert "Nobody agreed" not in mail.body_text
