"""The demo school: complete and believable, and closed once a real school is in the database."""

import datetime as dt

import pytest
from django.db.models import Prefetch
from django.test import override_settings
from django.utils import timezone

from learningwalks.tests.security.world import rolled_back
from observations.models import Praise
from school.calendar import Calendar, local_date
from school.models import Grade, Lesson, Person, Room, School, Semester, Team
from school.tests.factories import a_person
from walks.models import Practice, State, Stop, Walk
from walks.planning.plan import plan_of
from walks.workflow import approval

from .demo import person, seed

MD5 = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker):
    """The demo school, created once for this module, with the tests' quick password hash."""
    with django_db_blocker.unblock(), rolled_back(), override_settings(PASSWORD_HASHERS=MD5):
        seed()
        yield


@pytest.fixture
def demo(seeded, db):
    """The demo school; changes are rolled back after each test."""
    return School.objects.get()


def test_a_renamed_demo_is_still_the_demo(demo, settings, client):
    settings.DEMO = True
    School.objects.update(name="Maple Hill, tried out")
    assert "Look around as" in client.get("/sign-in/").content.decode()
    assert seed() == "Maple Hill, tried out is there already.\n"
    assert School.objects.count() == 1


def test_a_demo_whose_walker_has_another_address_still_starts(demo):
    Person.objects.filter(email="walker@maplehill.example").update(email="amara@school.example")
    Walk.objects.filter(state=State.APPROVED).delete()
    assert seed() == "Maple Hill School is there already.\n"


def test_demo_sessions_end_once_there_is_a_real_school(demo, settings, sign_in):
    settings.DEMO = True
    client = sign_in(person("head"))
    before = client.get("/")
    a_person(demo, "Ada", email="ada@riverside.example.org", is_administrator=True, last_login=timezone.now())
    after = client.get("/")
    assert "Demo mailbox" in before.content.decode()
    assert after.headers.get("Location") == "/sign-in/?next=/"


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_printed_password_does_not_work_without_the_demo(demo, settings, client, is_demo):
    settings.DEMO = is_demo
    client.post("/sign-in/", {"login": "head@maplehill.example", "password": "learning-walks"})
    assert (client.get("/").status_code == 200) == is_demo


def test_the_school_has_the_documented_size(demo):
    counts = [model.objects.count() for model in (Grade, Team, Room, Semester, Practice)]
    assert counts == [5, 4, 69, 3, 20]
    assert Person.objects.teachers().count() == 84
    assert Grade.objects.filter(heads=None).count() == 0


def test_lessons_follow_a_cycle_of_six_days_and_friday_is_short(demo):
    calendar = Calendar(School.objects.get())
    today = local_date(calendar.school, timezone.now())
    days = list(calendar.school_days(today))[:7]
    names = [calendar.day_type(day).name for day in days]
    assert sorted(names[:6]) == [f"Day {number}" for number in range(1, 7)]
    assert names[6] == names[0]
    assert {len(calendar.periods_on(day)) for day in days if day.weekday() == 4} == {5}
    for walk in Walk.objects.filter(state=State.REQUESTED):
        lessons = Lesson.objects.filter(day_type=calendar.day_type(walk.date), period=walk.period)
        in_semester = lessons.filter(semester=walk.semester).values_list("room", "teacher")
        assert set(walk.stops.values_list("room", "host")) <= set(in_semester)


def test_some_teachers_have_duties_meetings_and_classes_without_a_room(demo):
    kinds = set(Lesson.objects.filter(room=None).values_list("kind", "title"))
    assert kinds == {("duty", "Yard duty"), ("meeting", "Team meeting"), ("class", "School garden")}


def test_there_are_part_timers_codes_two_of_one_name_and_one_without_address(demo):
    teachers = Person.objects.teachers()
    assert teachers.filter(code="").count() == 0
    days = {who: {lesson.day_type_id for lesson in who.lessons.all()} for who in teachers.prefetch_related("lessons")}
    assert sorted(map(len, days.values()))[:3] == [3, 3, 6]
    names = [(who.full_name, who.grade.name) for who in teachers.select_related("grade")]
    twins = [name for name in names if [full for full, _grade in names].count(name[0]) == 2]
    assert len(twins) == len(set(twins)) == 2
    alone = teachers.get(email=None)
    assert not alone.walks.exists()
    assert not Praise.objects.filter(host=alone, sent_at__isnull=False).exists()


def test_the_four_demo_people_sign_in_with_the_printed_password(demo):
    people = [person(mailbox) for mailbox in ("walker", "host", "head", "admin")]
    assert all(who.check_password("learning-walks") for who in people)
    assert people[0].grade.heads.get() == people[2]


def test_there_are_walks_in_every_state(demo):
    assert set(Walk.objects.values_list("state", flat=True)) >= set(State.values) - {State.DRAFT}


def test_every_walk_takes_twenty_to_thirty_minutes_and_the_stops_add_up(demo):
    stops = Prefetch("stops", Stop.objects.select_related("room__hallway__building", "host"))
    wrong = [
        walk
        for walk in Walk.objects.select_related("walker__school").prefetch_related(stops)
        if not 20 <= walk.minutes <= 30 or walk.minutes != plan_of(walk, focus=[], stops=walk.stops.all()).minutes
    ]
    assert wrong == []


def test_a_request_goes_to_a_room_with_two_teachers(demo):
    requests = Walk.objects.decidable_by(person("head")).filter(state=State.REQUESTED)
    names = [stop.host_names for walk in requests for stop in walk.room_stops if stop.has_several_hosts]
    assert set(names) == {"Milan Marić and Elif Yildiz"}


def test_names_with_special_letters_get_complete_addresses(demo):
    assert {p.email for p in Person.objects.filter(family_name__in=["Babić", "Marić"])} == {
        "goran.babic@maplehill.example",
        "milan.maric@maplehill.example",
    }


def test_the_host_has_praise_and_the_head_has_walks_to_decide(demo):
    assert Praise.objects.received_by(person("host")).count() >= 5
    assert approval.waiting_count(person("head")) == 5


def test_a_second_run_changes_nothing(demo):
    before = Walk.objects.count()
    assert seed() == "Maple Hill School is there already.\n"
    assert Walk.objects.count() == before


def test_a_demo_opened_years_later_gets_a_current_semester(demo, time_machine):
    time_machine.move_to(timezone.now() + dt.timedelta(days=3 * 365), tick=False)
    seed()
    today = timezone.localdate()
    last = Semester.objects.order_by("-starts_on").first()
    assert last.starts_on <= today <= last.ends_on
    assert (last.ends_on - last.starts_on).days < 18 * 7
    assert str(last.starts_on.year) in last.name or str(last.ends_on.year) in last.name
    assert Walk.objects.filter(semester=last).exists()
