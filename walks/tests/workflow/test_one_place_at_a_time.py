"""Nobody walks while they cover a lesson: the planner warns them, and the walk is not approved."""

import pytest

from school.calendar import Calendar
from school.errors import RuleError
from school.models import Lesson, Period
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person, row_of
from walks.errors import NewClashError
from walks.models import State
from walks.planning import clashes
from walks.planning.good_times import next_good_times
from walks.planning.plan import plan_of
from walks.tests.factories import a_plan, a_walk, an_availability
from walks.workflow import approval, drafts

pytestmark = pytest.mark.usefixtures("frozen_clock")


@pytest.fixture
def klaus(school):
    """A colleague without a lesson on Thursday."""
    return a_person(school, "Klaus", "Bauer")


@pytest.fixture
def covered(walker, hosts, head, klaus):
    """Klaus covers Amara's lesson on Thursday in period 3."""
    lesson = a_lesson(walker, "210", title="8B History", days=[3])
    return a_walk(walker, hosts, cover=klaus, covered_lesson=lesson)


def test_a_cover_is_not_free_during_the_covered_lesson(covered, klaus, school):
    availability = an_availability(school)
    periods = [row_of(school, Period, position=n) for n in (2, 3)]
    assert [availability.is_free(klaus, THURSDAY, period) for period in periods] == [True, False]
    good_times = next_good_times(klaus, now=NOW)
    assert (THURSDAY, periods[1]) not in [(good_time.date, good_time.period) for good_time in good_times]


@pytest.mark.parametrize("lesson_is_known", [True, False])
def test_a_plan_at_the_time_of_the_covered_lesson_has_a_warning(covered, klaus, lesson_is_known):
    if not lesson_is_known:  # a new timetable replaced it
        covered.covered_lesson.delete()
    found = clashes.find_clashes(a_plan(klaus), calendar=Calendar(klaus.school))
    lesson = "8B History" if lesson_is_known else "a colleague’s class"
    assert [(clash.kind, clash.words) for clash in found] == [("covering", f"You’re covering {lesson} at that time.")]


def test_the_planner_warns_a_cover_and_offers_another_time(sign_in, covered, klaus, hosts):
    for host, room in zip(hosts, ("204", "206", "208"), strict=True):
        a_lesson(host, room, period=2)
    plan = a_plan(klaus)
    query = {"date": "2026-11-12", "period": plan.period.pk, "stop": plan.room_ids}
    page = sign_in(klaus).get("/walks/new/", query).content.decode()
    assert "(you cover a class)" in page
    assert "You’re covering 8B History at that time." in page
    assert "Move to Period 2\n" in page and "all rooms have a class" in page


def test_a_person_who_became_cover_while_planning_is_warned_before_sending(covered, klaus):
    with pytest.raises(NewClashError, match="You’re covering 8B History at that time"):
        drafts.send(a_plan(klaus), calendar=Calendar(klaus.school), by=klaus, now=NOW, shown_clashes=[])
    sent = drafts.send(a_plan(klaus), calendar=Calendar(klaus.school), by=klaus, now=NOW, shown_clashes=["covering"])
    assert sent.state == State.REQUESTED


def send_form(plan):
    """Return what the planner posts when Send is pressed."""
    return {
        "op": "send",
        "focus": plan.practices[0].pk,
        "date": "2026-11-12",
        "period": plan.period.pk,
        "stop": plan.room_ids,
        "order": plan.room_ids,
        "announced": "yes",
    }


def test_the_second_press_of_send_sends_the_plan_despite_the_warning(sign_in, covered, klaus):
    form = send_form(a_plan(klaus))
    first = sign_in(klaus).post("/walks/new/", form)
    assert first.status_code == 422
    warning = "You’re covering 8B History at that time. Choose another time, or send it as it is."
    assert warning in first.content.decode()
    assert (
        sign_in(klaus).post("/walks/new/", form | {"shown_clashes": first.context["shown_clashes"]}).status_code == 302
    )


def test_a_full_room_is_reported_even_if_the_form_does_not_list_the_shown_clashes(sign_in, walker, hosts, school):
    for name in ("Ines", "Ada"):
        a_walk(a_person(school, name, "Other"), hosts[:1], state="requested")
    form = send_form(a_plan(walker))
    first = sign_in(walker).post("/walks/new/", form)
    assert first.status_code == 422
    assert "Room 204 filled up" in first.content.decode()
    assert (
        sign_in(walker).post("/walks/new/", form | {"shown_clashes": first.context["shown_clashes"]}).status_code == 302
    )


def test_the_head_sees_that_the_walker_covers_and_cannot_approve(sign_in, covered, klaus, hosts, head):
    asked = a_walk(klaus, hosts, state="requested")
    page = sign_in(head).get("/approvals/").content.decode()
    assert "Klaus covers a colleague’s class at that time." in page
    assert "No clash" not in page
    with pytest.raises(RuleError, match="Klaus covers a colleague’s class at that time"):
        approval.approve(asked, by=head, now=NOW)
    asked.refresh_from_db()
    assert asked.state == State.REQUESTED


def test_the_walker_cannot_accept_a_time_at_which_they_cover(covered, klaus, hosts):
    for host, room in zip(hosts, ("204", "206", "208"), strict=True):
        a_lesson(host, room, period=2)
    asked = a_walk(klaus, hosts, state="changes_asked", period=2)
    asked.suggested_period = row_of(klaus.school, Period, position=3)
    asked.save()
    with pytest.raises(RuleError, match="You’re covering 8B History at that time"):
        drafts.accept_suggestion(asked, by=klaus, now=NOW)


@pytest.mark.parametrize("busy", ["walks", "covers", "teaches", "has left"])
def test_a_busy_person_cannot_be_chosen_as_cover(walker, hosts, head, klaus, busy):
    a_lesson(walker, "210", days=[3])
    walk = a_walk(walker, hosts, state="requested")
    if busy == "teaches":
        Lesson.objects.filter(teacher=hosts[2]).update(teacher=klaus)
    elif busy == "has left":
        klaus.is_active = False
        klaus.save()
    else:
        other = a_person(walker.school, "Ines", "Other")
        a_walk(klaus if busy == "walks" else other, hosts, cover=klaus if busy == "covers" else None)
    with pytest.raises(RuleError, match="Klaus Bauer is not free at that time"):
        approval.approve(walk, by=head, now=NOW, cover=klaus)


def test_a_walk_does_not_clash_with_its_own_cover(covered, walker):
    found = clashes.find_clashes(plan_of(covered), calendar=Calendar(walker.school))
    assert [clash.kind for clash in found] == ["teaching"]
