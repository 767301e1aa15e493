"""Between two semesters and after the last one: pages say so, and administrators are asked to add the next one."""

import datetime as dt

import pytest
from django.urls import reverse

from notifications import reminders
from notifications.models import Message
from notifications.sending import delivery
from school.models import DayType, Lesson, Period, Room, Semester
from school.tests.factories import a_lesson, a_person, row_of
from school.tests.pages import text_of
from walks.mail.reminders import nudge_context
from walks.semester import nudges
from walks.tests.factories import a_walk

CHRISTMAS = dt.datetime(2026, 12, 21, 10, tzinfo=dt.UTC)  # autumn ended on 18 December
NEXT_IS_UNKNOWN = "No semester is running, and the next one isn’t set up yet."
NEXT_IS_KNOWN = "No semester is running. The next one begins on Monday 11 January 2027."
NEW = reverse("walks:new")
LIST = reverse("walks:list")
REPORT = reverse("walks:report")
ADD = reverse("school:new_row", args=["semesters"])


@pytest.fixture
def holidays(time_machine, walker, hosts):
    """It is the first day of the holidays."""
    time_machine.move_to(CHRISTMAS, tick=False)


@pytest.fixture
def spring(school):
    """The next semester with the timetable of the last one."""
    semester = Semester.objects.create(
        school=school,
        name="Spring 2027",
        word="spring",
        starts_on=dt.date(2027, 1, 11),
        ends_on=dt.date(2027, 6, 18),
    )
    for lesson in Lesson.objects.filter(semester__name="Autumn 2026"):
        lesson.pk = None
        lesson.semester = semester
        lesson.save()
    return semester


# --- The next semester is set up ----------------------------------------------------------------------
def test_home_says_when_the_next_semester_begins_and_offers_walks_in_it(holidays, spring, walker, host, sign_in):
    a_fourth_room(host.school, spring)
    response = sign_in(walker).get("/")
    shown = text_of(response)
    assert NEXT_IS_KNOWN in shown and "Your spring walk starts with one free period" in shown
    assert "Week" not in shown and "Autumn" not in shown
    assert response.context["good_times"][0].date == dt.date(2027, 1, 11)


def a_fourth_room(school, semester):
    """Let a fourth teacher teach in Room 210, because walks with fewer than four rooms are not offered."""
    person = a_person(school, "Tom", "Becker")
    places = {"period": row_of(school, Period, position=3), "room": row_of(school, Room, code="210")}
    for day in DayType.objects.filter(school=school):
        Lesson.objects.create(semester=semester, teacher=person, day_type=day, title="8A Science", **places)


def test_the_planner_opens_on_the_first_school_day_of_the_next_semester(holidays, spring, walker, sign_in):
    response = sign_in(walker).get(NEW)
    plan = response.context["plan"]
    assert NEXT_IS_KNOWN in text_of(response)
    assert (plan.date, plan.period.position) == (dt.date(2027, 1, 11), 3)


def test_the_planner_opens_on_the_first_school_day_of_a_semester_without_a_timetable(holidays, school, walker, sign_in):
    Semester.objects.create(school=school, name="Spring", starts_on=dt.date(2027, 1, 9), ends_on=dt.date(2027, 6, 18))
    assert sign_in(walker).get(NEW).context["plan"].date == dt.date(2027, 1, 11)


def test_a_day_between_semesters_is_refused_and_the_error_names_the_possible_days(holidays, spring, walker, sign_in):
    typed = {"op": "send", "date": "2027-01-04", "period": row_of(walker.school, Period, position=3).pk}
    shown = text_of(sign_in(walker).post(NEW, typed))
    assert "Choose a day in the semester, from 11 January 2027 to 18 June 2027" in shown


def test_the_report_shows_the_semester_that_ended_until_the_next_begins(holidays, spring, administrator, sign_in):
    shown = text_of(sign_in(administrator).get(REPORT))
    assert f"This semester ended on 18 December 2026. {NEXT_IS_KNOWN}" in shown
    assert "Add the next semester" not in shown


def test_the_list_of_walks_says_when_the_next_semester_begins(holidays, spring, walker, hosts, sign_in):
    a_walk(walker, hosts, state="complete")
    shown = text_of(sign_in(walker).get(LIST))
    assert NEXT_IS_KNOWN in shown and "No walk yet this semester" not in shown


# --- The next semester is not set up -----------------------------------------------------------------------
@pytest.mark.parametrize("address", ["/", NEW, LIST])
def test_the_page_names_the_administrators_who_can_add_the_next_semester(
    address, holidays, walker, administrator, sign_in
):
    response = sign_in(walker).get(address)
    assert f"You can’t plan a walk right now {NEXT_IS_UNKNOWN} Ask Daniel Whitfield." in text_of(response)
    assert "Your autumn walk" not in text_of(response) and ADD not in response.content.decode()


def test_home_still_shows_a_walk_whose_praise_is_not_written(holidays, walker, hosts, sign_in):
    a_walk(walker, hosts, state="walked", date=dt.date(2026, 12, 18))
    shown = text_of(sign_in(walker).get("/"))
    assert "Three colleagues are waiting to hear what you loved" in shown and NEXT_IS_UNKNOWN in shown
    assert "Plan another walk" not in shown


def test_home_shows_the_week_while_a_semester_runs(time_machine, walker, hosts, sign_in):
    time_machine.move_to("2026-12-01 10:00Z", tick=False)
    shown = text_of(sign_in(walker).get("/"))
    assert "Week 14 of 16 · Autumn semester" in shown and "No semester is running" not in shown


# --- Administrators are asked to add the next semester ----------------------------------------------------------
@pytest.mark.parametrize(
    ("date", "question"),
    [
        ("2026-11-19", ""),
        ("2026-11-20", "Autumn 2026 ends on Friday 18 December, and no semester follows yet."),
        ("2026-12-31", "Autumn 2026 ended on Friday 18 December, and no semester follows."),
    ],
)
def test_the_report_asks_administrators_to_add_the_next_semester(date, question, time_machine, administrator, sign_in):
    time_machine.move_to(f"{date} 10:00Z", tick=False)
    response = sign_in(administrator).get(REPORT)
    assert question in text_of(response)
    assert (ADD in response.content.decode()) == bool(question)


def test_home_asks_only_administrators_to_add_the_next_semester(holidays, walker, colleague, sign_in):
    colleague.is_administrator = True
    colleague.save()
    assert ADD in sign_in(colleague).get("/").content.decode()
    assert ADD not in sign_in(walker).get("/").content.decode()


def test_the_setup_checklist_says_that_the_next_semester_is_missing(holidays, administrator, sign_in):
    shown = text_of(sign_in(administrator).get(reverse("school:settings")))
    assert "Semester The current semester, or the next one Missing" in shown


def mails_in_the_morning_of(moment):
    """Run the hourly jobs of that morning, and return the mails that ask for the next semester."""
    for hour in range(3):
        nudges.store_upcoming(moment + dt.timedelta(hours=hour))
        reminders.sweep(moment + dt.timedelta(hours=hour))
    return list(Message.objects.filter(kind=nudges.ADD_SEMESTER).order_by("pk"))


FOUR_WEEKS_BEFORE = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
MONDAY_AFTER = dt.datetime(2026, 12, 21, 8, tzinfo=dt.UTC)


def test_administrators_get_a_mail_four_weeks_before_the_end_and_one_after_it(administrator):
    assert mails_in_the_morning_of(FOUR_WEEKS_BEFORE - dt.timedelta(days=1)) == []
    (before,) = mails_in_the_morning_of(FOUR_WEEKS_BEFORE)
    assert (before.recipient, before.subject) == (administrator, "Add the next semester in time")
    assert "Autumn 2026 ends on Friday 18 December" in before.body_text and ADD in before.body_text
    before, after = mails_in_the_morning_of(MONDAY_AFTER)
    assert after.subject == "No semester is running: add the next one"


def test_nobody_is_asked_for_a_semester_if_the_next_one_exists(administrator, spring):
    assert mails_in_the_morning_of(FOUR_WEEKS_BEFORE) == mails_in_the_morning_of(MONDAY_AFTER) == []


def test_a_waiting_mail_is_cancelled_once_a_semester_is_added(administrator, school):
    mails_in_the_morning_of(FOUR_WEEKS_BEFORE)
    Semester.objects.create(school=school, name="Spring", starts_on=dt.date(2027, 1, 11), ends_on=dt.date(2027, 6, 18))
    delivery.sweep(FOUR_WEEKS_BEFORE + dt.timedelta(hours=4))
    assert set(Message.objects.filter(kind=nudges.ADD_SEMESTER).values_list("state", flat=True)) == {"cancelled"}


def test_a_nudge_offers_only_days_within_the_semester(walker, hosts, spring):
    Semester.objects.filter(pk=spring.pk).update(starts_on=dt.date(2026, 12, 21))
    a_fourth_room(walker.school, spring)
    a_lesson(a_person(walker.school, "Ines", "Costa"), "210", title="8A Science")
    last_days = dt.datetime(2026, 12, 17, 8, tzinfo=dt.UTC)
    good_times = nudge_context(walker, Semester.objects.get(name="Autumn 2026"), last_days)["good_times"]
    assert [good_time["day"] for good_time in good_times] == ["Friday"]


def test_between_semesters_the_nudge_page_does_not_say_that_everybody_has_planned(
    holidays, administrator, host, sign_in
):
    page = text_of(sign_in(administrator).get(reverse("walks:report_nudge")))
    assert f"Nobody to nudge {NEXT_IS_UNKNOWN} Ask Daniel Whitfield." in page
    assert "Everyone has planned" not in page


def test_dates_of_earlier_years_show_the_year(time_machine, walker, hosts, administrator, sign_in):
    complete, cancelled = (a_walk(walker, hosts, state=state) for state in ("complete", "cancelled"))
    time_machine.move_to(dt.datetime(2030, 3, 4, 10, tzinfo=dt.UTC), tick=False)
    pages = [text_of(sign_in(walker).get(reverse("walks:detail", args=[walk.pk]))) for walk in (complete, cancelled)]
    assert all("Thu 12 Nov 2026" in page for page in pages)
    assert "Done 12 November 2026." in pages[0] and "Cancelled on 11 November 2026." in pages[1]
    assert "Autumn 2026 ended on Friday 18 December 2026" in text_of(sign_in(administrator).get(REPORT))
