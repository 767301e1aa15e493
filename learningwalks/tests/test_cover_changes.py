"""Cover that is open again is said and told; the Head of Grade chooses somebody else."""

import datetime as dt

import pytest
import time_machine

from learningwalks import joining
from notifications.models import Message
from school.errors import NotAllowedError, RuleError
from school.models import Lesson
from school.tests.factories import NOW, a_lesson, a_person
from walks import approval, cover_changes
from walks.cover_emails import still_without_cover
from walks.errors import AlreadyDecidedError
from walks.tests.factories import a_walk


@pytest.fixture(autouse=True)
def _wednesday():
    """The day before the walk."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def klaus(school):
    """A colleague without a class on Thursday."""
    return a_person(school, "Klaus", "Bauer")


@pytest.fixture
def walk(walker, hosts, head, klaus):
    """Agreed, with Klaus in Amara's class."""
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


def leaves(person, administrator):
    joining.leave(person, by=administrator, now=NOW)
    return "Cover is open again: Klaus Bauer has left."


def teaches(person, _administrator):
    Lesson.objects.filter(room__code="208", day_type__weekday=3).update(teacher=person, title="7C English")
    cover_changes.sweep(NOW)
    return "Cover is open again: Klaus Bauer teaches 7C English then."


@pytest.mark.parametrize("gone", [leaves, teaches])
def test_everybody_concerned_sees_it_and_hears_of_it_once(
    gone, walk, klaus, administrator, sign_in, walker, head, hosts
):
    walk.stops.filter(host=hosts[2]).delete()  # so that the timetable changes nothing else
    before = mails()
    words = gone(klaus, administrator)
    for _again in range(2):
        assert cover_changes.sweep(NOW) == 0
    told = [mail for mail in mails() if mail not in before]
    assert told == [
        ("Amara", "Your walk needs cover again, Thu 12 Nov, Period 3"),
        ("Lucía", "Amara’s walk needs cover again, Thu 12 Nov, Period 3"),
    ]
    for person, path in [(walker, "/"), (walker, "/walks/"), (walker, f"/walks/{walk.pk}/"), (head, "/approvals/")]:
        assert words in sign_in(person).get(path).content.decode(), path
    assert "Klaus Bauer, 8B History" not in sign_in(walker).get(f"/walks/{walk.pk}/").content.decode()
    assert "You’re set" not in sign_in(walker).get(f"/walks/{walk.pk}/").content.decode()
    assert f"/approvals/{walk.pk}/cover/" in sign_in(head).get(f"/walks/{walk.pk}/").content.decode()
    assert f"/approvals/{walk.pk}/cover/" in Message.objects.get(kind="walks.cover_gone").body_text


def test_with_cover_nothing_is_said(walk, sign_in, walker, head):
    assert cover_changes.sweep(NOW) == 0
    assert "open again" not in sign_in(walker).get(f"/walks/{walk.pk}/").content.decode()
    assert "Klaus Bauer covers." in sign_in(head).get("/approvals/").content.decode()


def test_the_head_chooses_somebody_else(walk, klaus, ines, sign_in, head):
    Message.objects.update(state="sent", sent_at=NOW)
    before = mails()
    path = f"/approvals/{walk.pk}/cover/"
    page = sign_in(head).get(path).content.decode()
    assert "Ines Duarte, Grade 7 Maths" in page
    answer = sign_in(head).post(path, {"cover": ines.pk, "instead_of": klaus.pk}, follow=True)
    assert "Ines Duarte covers. Amara knows, too." in answer.content.decode()
    walk.refresh_from_db()
    assert (walk.state, walk.cover, walk.covered_lesson.title) == ("approved", ines, "8B History")
    assert [mail for mail in mails() if mail not in before] == [
        ("Amara", "Ines Duarte covers 8B History"),
        ("Ines", "You’re covering 8B History, Thu 12 Nov, Period 3"),
        ("Klaus", "You’re free again: 8B History, Thu 12 Nov, Period 3"),
    ]
    assert "chose somebody else to cover" in sign_in(head).get(f"/walks/{walk.pk}/").content.decode()


def test_who_was_not_told_yet_is_not_told_that_they_are_free(walk, klaus, ines, head):
    cover_changes.change(walk, cover=ines, instead_of=klaus.pk, by=head, now=NOW)
    assert [subject for name, subject in mails() if name == "Klaus"] == []


def test_once_cover_is_found_the_mail_about_it_is_stopped(walk, klaus, ines, administrator, head):
    joining.leave(klaus, by=administrator, now=NOW)
    mail = Message.objects.get(kind="walks.cover_gone")
    assert still_without_cover(mail, NOW)
    cover_changes.change(walk, cover=ines, instead_of=klaus.pk, by=head, now=NOW)
    assert not still_without_cover(mail, NOW)


def test_of_two_heads_the_second_sees_the_choice_of_the_first(walk, klaus, ines, head, school, sign_in):
    cover_changes.change(walk, cover=ines, instead_of=klaus.pk, by=head, now=NOW)
    other = a_person(school, "Samir", "Other")
    with pytest.raises(AlreadyDecidedError, match="Lucía Reyes chose who covers at 09:00"):
        cover_changes.change(walk, cover=other, instead_of=klaus.pk, by=head, now=NOW)
    cover_changes.change(walk, cover=ines, instead_of=klaus.pk, by=head, now=NOW)  # pressed twice
    assert walk.events.filter(action="change_cover").count() == 1


@pytest.mark.parametrize("who", ["walker", "colleague", "other_head", "stranger"])
def test_nobody_else_chooses(request, who, walk, klaus, ines, sign_in):
    person = request.getfixturevalue(who)
    with pytest.raises(NotAllowedError):
        cover_changes.change(walk, cover=ines, instead_of=klaus.pk, by=person, now=NOW)
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
        cover_changes.change(walk, cover=ines, instead_of=klaus.pk, by=head, now=now)
    with time_machine.travel(now, tick=False):
        assert sign_in(head).get(f"/approvals/{walk.pk}/cover/").status_code == 302


def test_who_is_busy_then_is_not_taken(walk, klaus, hosts, head, sign_in):
    answer = sign_in(head).post(f"/approvals/{walk.pk}/cover/", {"cover": hosts[0].pk, "instead_of": klaus.pk})
    assert (answer.status_code, "is not free then" in answer.content.decode()) == (422, True)


def test_two_colleagues_of_one_name_can_be_told_apart(walker, hosts, head, school, sign_in):
    a_lesson(walker, "210", days=[3])
    for number, subject in enumerate(["Art", "Latin"]):
        a_person(school, "Anna", "Müller", subject=subject, email=f"anna{number}@1.example")
    a_walk(walker, hosts, state="requested")
    page = sign_in(head).get("/approvals/").content.decode()
    assert [f"Anna Müller, Grade 7 {subject} (no classes" in page for subject in ("Art", "Latin")] == [True, True]
