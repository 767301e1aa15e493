"""Between two semesters and after the last one: every page says so, and administrators are asked in time."""

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from notifications import reminders
from notifications.models import Message
from notifications.sending import delivery
from school.models import DayType, Lesson, Period, Room, Semester
from school.tests.factories import a_lesson, a_person, known
from walks.mail.reminders import nudge_context
from walks.semester import nudges
from walks.tests.factories import a_walk

CHRISTMAS = dt.datetime(2026, 12, 21, 10, tzinfo=dt.UTC)  # autumn ended on 18 December
UNKNOWN = "No semester is running, and the next one isn’t set up yet."
NEXT = "No semester is running. The next one begins on Monday 11 January 2027."
NEW, LIST, REPORT, ADD = (
    reverse(name, args=args)
    for name, args in [("walks:new", []), ("walks:list", []), ("walks:report", []), ("school:new_row", ["semesters"])]
)


@pytest.fixture
def gap(time_machine, walker, hosts):
    """The first day of the holidays."""
    time_machine.move_to(CHRISTMAS, tick=False)


@pytest.fixture
def spring(school):
    """The next semester with the timetable of the last one."""
    semester = Semester.objects.create(
        school=school, name="Spring 2027", starts_on=dt.date(2027, 1, 11), ends_on=dt.date(2027, 6, 18)
    )
    for lesson in Lesson.objects.filter(semester__name="Autumn 2026"):
        lesson.pk, lesson.semester = None, semester
        lesson.save()
    return semester


def words(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


# --- The next one is known ----------------------------------------------------------------------
def test_home_says_when_the_next_semester_begins_and_offers_walks_in_it(gap, spring, walker, host, sign_in):
    a_fourth_room(host.school, spring)
    response = sign_in(walker).get("/")
    shown = words(response)
    assert NEXT in shown and "Your spring walk starts with one free period" in shown
    assert "Week" not in shown and "Autumn" not in shown
    assert response.context["good_times"][0].date == dt.date(2027, 1, 11)


def a_fourth_room(school, semester):
    """Four rooms make a route: somebody teaches in the last one as well."""
    person = a_person(school, "Tom", "Becker")
    places = {"period": known(school, Period, position=3), "room": known(school, Room, code="210")}
    for day in DayType.objects.filter(school=school):
        Lesson.objects.create(semester=semester, teacher=person, day_type=day, title="8A Science", **places)


def test_the_planner_opens_on_the_first_school_day_of_the_next_semester(gap, spring, walker, sign_in):
    response = sign_in(walker).get(NEW)
    plan = response.context["plan"]
    assert NEXT in words(response)
    assert (plan.date, plan.period.position) == (dt.date(2027, 1, 11), 3)


def test_a_semester_without_a_timetable_opens_on_its_first_school_day(gap, school, walker, sign_in):
    Semester.objects.create(school=school, name="Spring", starts_on=dt.date(2027, 1, 9), ends_on=dt.date(2027, 6, 18))
    assert sign_in(walker).get(NEW).context["plan"].date == dt.date(2027, 1, 11)


def test_a_day_in_the_gap_is_refused_with_the_days_that_can_be_chosen(gap, spring, walker, sign_in):
    typed = {"op": "send", "date": "2027-01-04", "period": known(walker.school, Period, position=3).pk}
    shown = words(sign_in(walker).post(NEW, typed))
    assert "Choose a day within a semester: from 11 January 2027 to 18 June 2027" in shown


def test_the_report_shows_the_semester_that_ended_until_the_next_begins(gap, spring, administrator, sign_in):
    shown = words(sign_in(administrator).get(REPORT))
    assert f"This semester ended on 18 December 2026. {NEXT}" in shown
    assert "Add the next semester" not in shown


def test_my_walks_say_it_too(gap, spring, walker, hosts, sign_in):
    a_walk(walker, hosts, state="complete")
    shown = words(sign_in(walker).get(LIST))
    assert NEXT in shown and "No walk yet this semester" not in shown


# --- No next one is known -----------------------------------------------------------------------
@pytest.mark.parametrize("address", ["/", NEW, LIST])
def test_people_who_can_add_the_next_semester_are_named(address, gap, walker, administrator, sign_in):
    response = sign_in(walker).get(address)
    assert f"You can’t plan a walk just now {UNKNOWN} Ask Daniel Whitfield." in words(response)
    assert "Your autumn walk" not in words(response) and ADD not in response.content.decode()


def test_a_walk_that_is_not_over_yet_stays_on_home(gap, walker, hosts, sign_in):
    a_walk(walker, hosts, state="walked", date=dt.date(2026, 12, 18))
    shown = words(sign_in(walker).get("/"))
    assert "Three colleagues are waiting to hear what you loved" in shown and UNKNOWN in shown
    assert "Plan another walk" not in shown


def test_the_running_semester_is_shown_as_ever(time_machine, walker, hosts, sign_in):
    time_machine.move_to("2026-12-01 10:00Z", tick=False)
    shown = words(sign_in(walker).get("/"))
    assert "Week 14 of 16 · Autumn 2026" in shown and "No semester is running" not in shown


# --- Administrators are asked in time -----------------------------------------------------------
@pytest.mark.parametrize(
    ("date", "asked"),
    [
        ("2026-11-19", ""),
        ("2026-11-20", "Autumn 2026 ends on Friday 18 December, and no semester follows yet."),
        ("2026-12-31", "Autumn 2026 ended on Friday 18 December, and no semester follows."),
    ],
)
def test_the_report_asks_for_the_next_semester(date, asked, time_machine, administrator, sign_in):
    time_machine.move_to(f"{date} 10:00Z", tick=False)
    response = sign_in(administrator).get(REPORT)
    assert asked in words(response)
    assert (ADD in response.content.decode()) == bool(asked)


def test_home_asks_an_administrator_who_teaches_and_nobody_else(gap, walker, colleague, sign_in):
    colleague.is_administrator = True
    colleague.save()
    assert ADD in sign_in(colleague).get("/").content.decode()
    assert ADD not in sign_in(walker).get("/").content.decode()


def test_the_setup_list_names_the_semester(gap, administrator, sign_in):
    shown = words(sign_in(administrator).get(reverse("school:settings")))
    assert "Semester The current semester, or the next one Missing" in shown


def asked(at):
    """Return what administrators were asked by then, with a run every hour of the morning."""
    for hour in range(3):
        nudges.schedule_due(at + dt.timedelta(hours=hour))
        reminders.sweep(at + dt.timedelta(hours=hour))
    return list(Message.objects.filter(kind=nudges.ADD_SEMESTER).order_by("pk"))


FOUR_WEEKS_BEFORE = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
MONDAY_AFTER = dt.datetime(2026, 12, 21, 8, tzinfo=dt.UTC)


def test_one_mail_four_weeks_before_the_end_and_one_after_it(administrator):
    assert asked(FOUR_WEEKS_BEFORE - dt.timedelta(days=1)) == []
    (before,) = asked(FOUR_WEEKS_BEFORE)
    assert (before.recipient, before.subject) == (administrator, "Add the next semester in time")
    assert "Autumn 2026 ends on Friday 18 December" in before.body_text and ADD in before.body_text
    before, after = asked(MONDAY_AFTER)
    assert after.subject == "No semester is running: add the next one"


def test_nobody_is_asked_while_a_next_semester_is_there(administrator, spring):
    assert asked(FOUR_WEEKS_BEFORE) == asked(MONDAY_AFTER) == []


def test_a_mail_that_waited_does_not_leave_once_a_semester_was_added(administrator, school):
    asked(FOUR_WEEKS_BEFORE)
    Semester.objects.create(school=school, name="Spring", starts_on=dt.date(2027, 1, 11), ends_on=dt.date(2027, 6, 18))
    delivery.sweep(FOUR_WEEKS_BEFORE + dt.timedelta(hours=4))
    assert set(Message.objects.filter(kind=nudges.ADD_SEMESTER).values_list("state", flat=True)) == {"cancelled"}


def test_a_nudge_offers_no_day_after_the_semester(walker, hosts, spring):
    Semester.objects.filter(pk=spring.pk).update(starts_on=dt.date(2026, 12, 21))
    a_fourth_room(walker.school, spring)
    a_lesson(a_person(walker.school, "Ines", "Costa"), "210", title="8A Science")
    last_days = dt.datetime(2026, 12, 17, 8, tzinfo=dt.UTC)
    good_times = nudge_context(walker, Semester.objects.get(name="Autumn 2026"), last_days)["good_times"]
    assert [good_time["day"] for good_time in good_times] == ["Friday"]


def test_the_preview_of_the_nudge_does_not_say_that_everybody_has_planned(gap, administrator, host, sign_in):
    page = words(sign_in(administrator).get(reverse("walks:report_nudge")))
    assert f"Nobody to nudge {UNKNOWN} Ask Daniel Whitfield." in page
    assert "Everybody has planned" not in page


def test_years_later_dates_name_their_year(time_machine, walker, hosts, administrator, sign_in):
    done, off = (a_walk(walker, hosts, state=state) for state in ("complete", "cancelled"))
    time_machine.move_to(dt.datetime(2030, 3, 4, 10, tzinfo=dt.UTC), tick=False)
    pages = [words(sign_in(walker).get(reverse("walks:detail", args=[walk.pk]))) for walk in (done, off)]
    assert all("Thu 12 Nov 2026" in page for page in pages)
    assert "Done 12 November 2026." in pages[0] and "On 11 November 2026." in pages[1]
    assert "Autumn 2026 ended on Friday 18 December 2026" in words(sign_in(administrator).get(REPORT))
