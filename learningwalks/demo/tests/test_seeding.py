"""`seed_demo` at different times: the demo is current at any hour, and never mixed with a real school."""

import datetime as dt

import pytest
import time_machine
from django.core.management import CommandError
from django.utils import timezone

from operations import installation
from operations.supervisor import StartError
from school.calendar import Calendar, local_date
from school.models import Person, School
from school.tests.factories import a_person
from walks.models import State, Walk
from walks.workflow import time_limits

from .demo import person, seed

pytestmark = pytest.mark.not_on_postgresql  # test_seed_demo.py seeds there, too
SUNDAY_NIGHT = dt.datetime(2026, 11, 22, 22, 50, tzinfo=dt.UTC)


def test_the_demo_is_not_added_to_a_real_school(school):
    with pytest.raises(CommandError, match=r"^A real school is in this database\."):
        seed()


ODD_HOURS = [  # moment, semester at that time, and whether the 24 hours for praise of the last walk are not over
    ("2026-06-08 15:00Z", "Spring 2026", True),  # her last walk is to a room with two teachers
    ("2026-10-16 12:30Z", "Autumn 2026", True),  # on a Friday, after the last period
    ("2026-12-25 10:00Z", "Autumn 2026", True),
    ("2026-12-31 23:50Z", "Autumn 2026", True),
    ("2027-01-04 06:00Z", "Autumn 2026", False),
    ("2027-03-28 00:50Z", "Spring 2027", False),
    ("2028-02-29 23:30Z", "Spring 2028", True),
]


@pytest.mark.not_on_postgresql
@pytest.mark.parametrize(("moment", "semester", "in_time"), ODD_HOURS)
def test_at_any_hour_the_walker_can_start_a_walk_and_has_praise_to_write(sign_in, settings, moment, semester, in_time):
    settings.DEMO = True
    with time_machine.travel(moment, tick=False):
        seed()
        walker, now = person("walker"), timezone.now()
        calendar, date = Calendar(walker.school), local_date(walker.school, now)
        assert calendar.semester_on(date).name == semester
        today = Walk.objects.of(walker).get(state=State.APPROVED)
        assert today.date == date
        assert today.ends_at > now
        walked = Walk.objects.of(walker).get(state=State.WALKED)
        assert walked.finished_at < now
        assert walked.stops.filter(thanked_at=None).count() == 3
        assert (walked.praise_due_at > now) == in_time
        others = Walk.objects.exclude(pk=today.pk).values_list("date", flat=True)
        assert [day for day in others if not calendar.is_school_day(day)] == []
        approvals = sign_in(person("head")).get("/approvals/").text
        assert "would have 3 visitors" in approvals
        assert "Cover needed for" in approvals


@pytest.mark.not_on_postgresql
def test_there_is_no_school_at_christmas(db):
    with time_machine.travel("2026-11-30 09:00Z", tick=False):
        seed()
    calendar = Calendar(School.objects.get())
    assert [day for day in (24, 25, 26, 28) if calendar.is_school_day(dt.date(2026, 12, day))] == [24, 28]


@pytest.mark.not_on_postgresql
def test_seeding_again_on_the_next_day_repeats_no_walk(db):
    for moment in ("2026-11-21 10:00Z", "2026-11-22 10:00Z"):
        with time_machine.travel(moment, tick=False):
            seed()
    assert Walk.objects.of(person("walker")).filter(state=State.WALKED).count() == 1


@pytest.mark.not_on_postgresql
@pytest.mark.parametrize("moment", ["2026-11-24 02:25Z", "2026-11-24 11:00Z", "2026-11-24 20:00Z"])
def test_both_walks_are_at_the_times_of_their_periods_which_differ(db, moment):
    with time_machine.travel(moment, tick=False):
        seed()
        walks = Walk.objects.of(person("walker")).filter(state__in=[State.APPROVED, State.WALKED])
        starts = [(timezone.localtime(w.starts_at, w.walker.school.zone).time(), w.period.starts_at) for w in walks]
    assert len({period_start for _walk_start, period_start in starts}) == 2
    at_night = moment.endswith("20:00Z")  # no period is left, so the walk gets a time of its own
    assert sum(walk_start != period_start for walk_start, period_start in starts) == at_night


def test_a_week_later_there_is_a_walk_for_that_day_too(db):
    with time_machine.travel(SUNDAY_NIGHT, tick=False):
        seed()
    with time_machine.travel(SUNDAY_NIGHT + dt.timedelta(days=8), tick=False):
        assert "today's walk was added" in seed()
        assert Walk.objects.of(person("walker")).filter(date=dt.date(2026, 11, 30), state=State.APPROVED).count() == 1


@pytest.mark.not_on_postgresql
def test_a_week_later_the_head_of_grade_still_has_requests_to_decide(db):
    with time_machine.travel("2026-11-02 10:00Z", tick=False):
        seed()
    with time_machine.travel("2026-11-10 10:00Z", tick=False):
        seed()
        time_limits.sweep(timezone.now())
        waiting = Walk.objects.decidable_by(person("head")).waiting()
        calendar = Calendar(School.objects.get())
        assert len(waiting) >= 4
        assert [walk.date for walk in waiting if not calendar.is_school_day(walk.date)] == []
        assert [walk for walk in waiting if walk.starts_at != calendar.times(walk.date, walk.period)[0]] == []


def test_the_command_creates_a_larger_school_for_benchmarks(db):
    seed("--teachers", "170", "--walks", "300")
    assert Person.objects.teachers().count() == 170
    assert Walk.objects.filter(state=State.COMPLETE).count() >= 300


def test_fewer_than_sixty_teachers_are_refused(db):
    with pytest.raises(CommandError, match="at least 60"):
        seed("--teachers", "10")


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_demo_that_got_a_real_administrator_is_a_real_school(db, settings, client, signed_in):
    """`refuse_demo_data` closes the database connection, so this test creates its own demo."""
    settings.DEMO = True
    seed()
    a_person(School.objects.get(), "Ada", email="ada@riverside.example.org", is_administrator=True)
    if signed_in:
        Person.objects.filter(given_name="Ada").update(last_login=timezone.now())
    assert client.get("/demo/mailbox/").status_code == (404 if signed_in else 200)
    assert ("Look around as" in client.get("/sign-in/").content.decode()) != signed_in
    answer = client.post("/sign-in/", {"login": "admin@maplehill.example", "password": "learning-walks"})
    assert ("The demo’s accounts are closed." in answer.content.decode()) == signed_in
    settings.DEMO = False
    if signed_in:
        installation.refuse_demo_data()
    else:
        with pytest.raises(StartError, match=r"^The demo school is in the data"):
            installation.refuse_demo_data()
