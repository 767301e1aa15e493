"""Needed cover is shown and mailed; the Head of Grade chooses another cover, or none."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Message
from school import people
from school.errors import NotAllowedError, RuleError
from school.models import DayType, Lesson, Person, Room
from school.tests.factories import NOW, a_lesson, a_person, row_of
from school.timetable import lessons
from school.timetable.hours import set_hours
from walks.errors import AlreadyDecidedError
from walks.mail import emails
from walks.mail.cover_emails import still_without_cover
from walks.models import Walk
from walks.tests.factories import a_walk
from walks.workflow import approval, cover_changes

pytestmark = pytest.mark.usefixtures("frozen_clock")


@pytest.fixture
def klaus(school):
    """A colleague without a lesson on Thursday."""
    return a_person(school, "Klaus", "Bauer")


@pytest.fixture
def walk(walker, hosts, head, klaus):
    """An approved walk with Klaus as cover for Amara."""
    a_lesson(walker, "210", title="8B History", days=[3])
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW, cover=klaus)
    return walk


@pytest.fixture
def ines(school):
    """Another colleague who is free."""
    return a_person(school, "Ines", "Duarte")


def mails():
    return sorted(Message.objects.exclude(state="cancelled").values_list("recipient__given_name", "subject"))


def cover_leaves(person, administrator):
    people.leave(person, by=administrator, now=NOW)
    return "Cover is needed again: Klaus Bauer has left."


def cover_teaches_then(person, _administrator):
    Lesson.objects.filter(room__code="208", day_type__weekday=3).update(teacher=person, title="7C English")
    cover_changes.sweep(NOW)
    return "Cover is needed again: Klaus Bauer teaches 7C English at that time."


def cover_is_away_then(person, _administrator):
    set_hours(person, {row_of(person.school, DayType, weekday=3): (dt.time(8), dt.time(10))})
    cover_changes.sweep(NOW)
    return "Cover is needed again: Klaus Bauer is not at school at that time."


def cover_has_lessons_on_another_day_only(person, _administrator):
    a_lesson(person, "210", days=[1])
    cover_changes.sweep(NOW)
    return "Cover is needed again: Klaus Bauer is not at school at that time."


@pytest.mark.parametrize(
    "lose_cover", [cover_leaves, cover_teaches_then, cover_is_away_then, cover_has_lessons_on_another_day_only]
)
def test_a_lost_cover_is_shown_and_mailed_once(lose_cover, walk, klaus, administrator, sign_in, walker, head, hosts):
    walk.stops.filter(host=hosts[2]).delete()  # so that the timetable changes nothing else
    before = mails()
    warning = lose_cover(klaus, administrator)
    for _again in range(2):
        assert cover_changes.sweep(NOW) == 0
    assert [mail for mail in mails() if mail not in before] == [
        ("Amara", "Your walk needs cover again, Thu 12 Nov, Period 3"),
        ("Lucía", "Amara’s walk needs cover again, Thu 12 Nov, Period 3"),
    ]
    for person, path in [(walker, "/"), (walker, "/walks/"), (walker, f"/walks/{walk.pk}/"), (head, "/approvals/")]:
        assert warning in sign_in(person).get(path).content.decode(), path
    assert "Klaus Bauer, 8B History" not in sign_in(walker).get(f"/walks/{walk.pk}/").content.decode()
    assert "Your walk is approved" not in sign_in(walker).get(f"/walks/{walk.pk}/").content.decode()
    assert f"/approvals/{walk.pk}/cover/" in sign_in(head).get(f"/walks/{walk.pk}/").content.decode()
    assert f"/approvals/{walk.pk}/cover/" in Message.objects.get(kind="walks.cover_gone").body_text
    for mail in Message.objects.filter(subject__contains="needs cover again"):
        assert 'class="leaf"' in mail.body_html and mail.body_html.count('class="plate"') == 2  # one for each room
        assert "Thursday 12 November\nPeriod 3, 10:10 to 10:25" in mail.body_text


def test_no_warning_is_shown_while_there_is_a_cover(walk, sign_in, walker, head):
    assert cover_changes.sweep(NOW) == 0
    assert "needed again" not in sign_in(walker).get(f"/walks/{walk.pk}/").content.decode()
    assert "Klaus Bauer covers." in sign_in(head).get("/approvals/").content.decode()


def test_the_head_chooses_another_cover(walk, klaus, ines, sign_in, head):
    Message.objects.update(state="sent", sent_at=NOW)
    before = mails()
    path = f"/approvals/{walk.pk}/cover/"
    page = sign_in(head).get(path).content.decode()
    assert "Ines Duarte, Grade 7 Maths" in page
    answer = sign_in(head).post(path, {"cover": ines.pk, "seen_cover": klaus.pk}, follow=True)
    assert "Ines Duarte covers now. Amara gets an e-mail." in answer.content.decode()
    walk.refresh_from_db()
    assert (walk.state, walk.cover, walk.covered_lesson.title) == ("approved", ines, "8B History")
    assert [mail for mail in mails() if mail not in before] == [
        ("Amara", "Ines Duarte covers 8B History"),
        ("Ines", "You’re covering 8B History, Thu 12 Nov, Period 3"),
        ("Klaus", "You’re free again: 8B History, Thu 12 Nov, Period 3"),
    ]
    assert "chose who covers" in sign_in(head).get(f"/walks/{walk.pk}/").content.decode()


def test_the_decider_reads_whom_no_mail_tells(walk, klaus, ines, head, sign_in):
    Person.objects.filter(pk=ines.pk).update(email=None)
    client = sign_in(head)
    page = client.get(f"/approvals/{walk.pk}/cover/")
    assert "Ines Duarte, Grade 7 Maths (no e-mail: tell them in person)" in page.text
    answer = client.post(f"/approvals/{walk.pk}/cover/", {"cover": ines.pk, "seen_cover": klaus.pk}, follow=True)
    assert "gets an e-mail. Ines Duarte has no e-mail address here. Tell them in person." in answer.text
    assert "Ines" not in [name for name, _subject in mails()]


def test_a_cover_whose_first_mail_was_never_sent_gets_no_second_one(walk, klaus, ines, head):
    cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=head, now=NOW)
    assert [subject for name, subject in mails() if name == "Klaus"] == []


def test_the_mail_about_a_lost_cover_is_stopped_once_there_is_a_new_one(walk, klaus, ines, administrator, head):
    people.leave(klaus, by=administrator, now=NOW)
    mail = Message.objects.get(kind="walks.cover_gone")
    assert still_without_cover(mail, NOW)
    cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=head, now=NOW)
    assert not still_without_cover(mail, NOW)


def test_the_second_of_two_heads_reads_what_the_first_chose(walk, klaus, ines, head, school, sign_in):
    second = a_person(school, "Ruth", "Adeyemi")
    walk.walker.grade.heads.add(second)
    cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=second, now=NOW)
    other = a_person(school, "Samir", "Other")
    with pytest.raises(AlreadyDecidedError, match="Ruth Adeyemi chose who covers at 09:00"):
        cover_changes.change(walk, cover=other, seen_cover=klaus.pk, by=head, now=NOW)
    cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=head, now=NOW)  # the button was pressed twice
    assert walk.events.filter(action="change_cover").count() == 1


@pytest.mark.parametrize("who", ["walker", "colleague", "other_head", "stranger"])
def test_only_the_head_chooses_the_cover(request, who, walk, klaus, ines, sign_in):
    person = request.getfixturevalue(who)
    with pytest.raises(NotAllowedError):
        cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=person, now=NOW)
    assert sign_in(person).get(f"/approvals/{walk.pk}/cover/").status_code == 404


@pytest.mark.parametrize("when", ["started", "over"])
def test_a_walk_that_has_begun_or_is_over_keeps_its_cover(when, walk, klaus, ines, head, sign_in):
    now = NOW
    if when == "started":
        walk.started_at = NOW
        walk.save()
    else:
        now = walk.ends_at + dt.timedelta(minutes=1)
    with pytest.raises(RuleError):
        cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=head, now=now)
    with time_machine.travel(now, tick=False):
        assert sign_in(head).get(f"/approvals/{walk.pk}/cover/").status_code == 302


def test_a_busy_colleague_is_refused_as_cover(walk, klaus, hosts, head, sign_in):
    answer = sign_in(head).post(f"/approvals/{walk.pk}/cover/", {"cover": hosts[0].pk, "seen_cover": klaus.pk})
    assert answer.status_code == 422
    assert "is not free at that time" in answer.content.decode()


def test_a_colleague_who_is_not_at_school_then_is_refused_as_cover(walk, klaus, ines, head):
    set_hours(ines, {row_of(ines.school, DayType, weekday=3): None})
    walk.walker.school.refresh_from_db()
    with pytest.raises(RuleError, match="Ines Duarte is not free at that time"):
        cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=head, now=NOW)


def test_two_colleagues_with_the_same_name_are_listed_with_their_subject(walker, hosts, head, school, sign_in):
    a_lesson(walker, "210", days=[3])
    for number, subject in enumerate(["Art", "Latin"]):
        a_person(school, "Anna", "Müller", subject=subject, email=f"anna{number}@1.example")
    a_walk(walker, hosts, state="requested")
    page = " ".join(sign_in(head).get("/approvals/").content.decode().split())
    assert [f"Anna Müller, Grade 7 {subject} (no classes" in page for subject in ("Art", "Latin")] == [True, True]


# --- Nobody covers the class -----------------------------------------------------------------------
def approved_without_cover(walker, head, hosts):
    a_lesson(walker, "210", title="8B History", days=[3])
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)


def accepted_at_a_time_with_a_class(walker, head, hosts):
    walk = a_walk(walker, hosts, state="requested")
    approval.ask_change(walk, words="Here?", by=head, now=NOW, suggested_period=walk.period)
    a_lesson(walker, "210", title="8B History", days=[3])
    approval.accept(walk, by=walker, now=NOW)


def got_a_class_after_approval(walker, head, hosts):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    a_lesson(walker, "210", title="8B History", days=[3])


WALKS_WITHOUT_COVER = [
    (approved_without_cover, []),
    (accepted_at_a_time_with_a_class, ["Amara", "Lucía"]),
    (got_a_class_after_approval, ["Amara", "Lucía"]),
]


@pytest.mark.parametrize(
    ("make_walk", "mailed"), WALKS_WITHOUT_COVER, ids=[make.__name__ for make, _mailed in WALKS_WITHOUT_COVER]
)
def test_an_approved_walk_without_a_cover_shows_that_cover_is_needed(make_walk, mailed, walker, head, hosts, sign_in):
    make_walk(walker, head, hosts)
    for _again in range(2):
        cover_changes.sweep(NOW)
    assert [name for name, subject in mails() if "needs cover, Thu 12 Nov" in subject] == mailed
    walk = Walk.objects.get()
    for person, path in [(walker, "/"), (walker, "/walks/"), (walker, f"/walks/{walk.pk}/"), (head, "/approvals/")]:
        assert "Cover is needed for 8B History." in sign_in(person).get(path).text, path
    for path in ["/", "/walks/", f"/walks/{walk.pk}/"]:
        shown = sign_in(walker).get(path).text
        assert "Cover needed" in shown, path
        assert "Ready to walk" not in shown, path


def test_the_head_chooses_a_cover_for_a_walk_without_one(walker, head, hosts, ines, sign_in):
    approved_without_cover(walker, head, hosts)
    walk = Walk.objects.get()
    assert f"/approvals/{walk.pk}/cover/" in sign_in(head).get("/approvals/").text
    sign_in(head).post(f"/approvals/{walk.pk}/cover/", {"cover": ines.pk, "seen_cover": ""})
    assert "Cover is needed" not in sign_in(head).get("/approvals/").text
    assert Walk.objects.get().cover == ines


def test_pages_and_sweep_take_the_same_number_of_queries_for_many_walks(walker, head, hosts, school, sign_in):
    def queries():
        client = sign_in(head)
        client.get("/approvals/")  # reads the directory
        with CaptureQueriesContext(connection) as found:
            client.get("/approvals/")
            cover_changes.sweep(NOW)
        return len(found)

    approved_without_cover(walker, head, hosts)
    few = queries()
    for number in range(22):
        a_walk(a_person(school, f"Walker{number}", "Other"), hosts, state="approved")
        room = Room.objects.create(school=school, hallway=Room.objects.first().hallway, code=f"3{number:02}")
        a_lesson(Walk.objects.latest("pk").walker, room.code, days=[3], title="A class")
    Walk.objects.exclude(walker=walker).update(covered_lesson=walker.lessons.first())
    assert queries() == few == 9
    first, second = (sign_in(head).get("/approvals/", {"cover_page": page}).text for page in (1, 2))
    assert (first.count("Cover is needed for"), second.count("Cover is needed for")) == (20, 3)
    assert "?cover_page=2" in first


# --- Cover that nobody needs any more ---------------------------------------------------------------
@pytest.fixture
def without_lesson(walk, walker):
    """A new timetable in which Amara has no lesson then."""
    Message.objects.update(state="sent", sent_at=NOW)
    lessons.remove(walker.lessons.all())
    walk.refresh_from_db()
    return walk


def test_a_cover_without_a_lesson_to_cover_is_released(without_lesson, klaus, head, sign_in):
    assert "Klaus Bauer covers, but Amara has no class at that time." in sign_in(head).get("/approvals/").text
    path = f"/approvals/{without_lesson.pk}/cover/"
    assert "Remove the cover" in sign_in(head).get(path).text
    for _twice in range(2):
        answer = sign_in(head).post(path, {"release": "1", "seen_cover": klaus.pk}, follow=True)
    assert "Klaus Bauer" not in answer.text
    without_lesson.refresh_from_db()
    assert (without_lesson.state, without_lesson.cover) == ("approved", None)
    assert [name for name, subject in mails() if "free again" in subject] == ["Klaus"]
    assert without_lesson.events.filter(action="release_cover").count() == 1
    assert "removed the cover: it is not needed" in sign_in(head).get(f"/walks/{without_lesson.pk}/").text


def test_a_cover_is_not_released_while_there_is_a_class(walk, klaus, head):
    with pytest.raises(RuleError, match="Amara has a class at that time"):
        cover_changes.release(walk, seen_cover=klaus.pk, by=head, now=NOW)


@pytest.mark.parametrize("who", ["walker", "colleague", "other_head"])
def test_only_the_head_releases_a_cover(request, who, without_lesson, klaus):
    with pytest.raises(NotAllowedError):
        cover_changes.release(without_lesson, seen_cover=klaus.pk, by=request.getfixturevalue(who), now=NOW)


# --- Who gets a mail ------------------------------------------------------------------------------------
def test_a_head_who_also_covered_gets_a_mail_about_the_cancelling(walk, klaus, head, ines, school):
    second = a_person(school, "Oliver", "Second")
    second.headed_grades.add(walk.walker.grade)
    emails.send_request(walk, now=NOW)
    cover_changes.change(walk, cover=second, seen_cover=klaus.pk, by=head, now=NOW)
    Message.objects.update(state="sent", sent_at=NOW)
    cover_changes.change(walk, cover=ines, seen_cover=second.pk, by=head, now=NOW)
    approval.cancel(walk, by=walk.walker, now=NOW)
    subjects = [subject for name, subject in mails() if name == "Oliver"]
    assert any("free again" in subject for subject in subjects), subjects
    assert any("is cancelled" in subject for subject in subjects), subjects


def test_a_colleague_who_left_while_the_page_was_open_is_refused(walk, klaus, ines, head, administrator):
    people.leave(Person.objects.get(pk=ines.pk), by=administrator, now=NOW)
    with pytest.raises(RuleError, match="is not free at that time"):
        cover_changes.change(walk, cover=ines, seen_cover=klaus.pk, by=head, now=NOW)
