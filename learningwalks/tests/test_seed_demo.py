"""The demo school: believable, complete, and never stale."""

import datetime as dt
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from learningwalks import installation
from learningwalks.supervisor import StartError
from observations.models import Praise
from school.models import Grade, Person, Room, School, Semester, Team
from school.terms import local_date
from school.tests.factories import a_person
from walks import approval
from walks.models import Practice, State, Walk

SUNDAY_NIGHT = dt.datetime(2026, 11, 22, 22, 50, tzinfo=dt.UTC)


def seed(*words):
    out = StringIO()
    call_command("seed_demo", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def demo(db):
    seed()
    return School.objects.get()


def person(mailbox):
    return Person.objects.get(email=f"{mailbox}@maplehill.example")


def test_a_real_school_keeps_the_demo_out(school):
    with pytest.raises(CommandError, match=r"^A real school is in this database\."):
        seed()


def test_a_demo_with_another_name_is_still_the_demo(demo, settings, client):
    settings.DEMO = True
    School.objects.update(name="Maple Hill, tried out")
    assert "Look around as" in client.get("/sign-in/").content.decode()
    assert seed() == "Maple Hill, tried out is there already.\n"
    assert School.objects.count() == 1


def test_a_demo_whose_walker_has_another_address_still_starts(demo):
    Person.objects.filter(email="walker@maplehill.example").update(email="amara@school.example")
    Walk.objects.filter(state=State.APPROVED).delete()
    assert seed() == "Maple Hill School is there already.\n"


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_demo_that_its_own_administrator_runs_is_a_real_school(demo, settings, client, signed_in):
    settings.DEMO = True
    a_person(demo, "Ada", email="ada@riverside.example.org", is_administrator=True)
    if signed_in:
        Person.objects.filter(given_name="Ada").update(last_login=timezone.now())
    assert client.get("/demo/mailbox/").status_code == (404 if signed_in else 200)
    assert ("Look around as" in client.get("/sign-in/").content.decode()) != signed_in
    tried = client.post("/sign-in/", {"login": "admin@maplehill.example", "password": "learning-walks"})
    assert ("The demo&#x27;s accounts are closed." in tried.content.decode()) == signed_in
    settings.DEMO = False
    if signed_in:
        installation.refuse_demo_data()
    else:
        with pytest.raises(StartError, match=r"^The demo school is in the data"):
            installation.refuse_demo_data()


def test_who_is_signed_in_as_one_of_the_demo_is_out_once_it_is_a_real_school(demo, settings, sign_in):
    settings.DEMO = True
    client = sign_in(person("head"))
    before = client.get("/")
    a_person(demo, "Ada", email="ada@riverside.example.org", is_administrator=True, last_login=timezone.now())
    after = client.get("/")
    assert ("Demo mailbox" in before.content.decode(), after.headers.get("Location")) == (True, "/sign-in/?next=/")


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_printed_password_opens_nothing_without_the_demo(demo, settings, client, is_demo):
    settings.DEMO = is_demo
    client.post("/sign-in/", {"login": "head@maplehill.example", "password": "learning-walks"})
    assert (client.get("/").status_code == 200) == is_demo


def test_the_school_has_the_size_it_promises(demo):
    counts = [model.objects.count() for model in (Grade, Team, Room, Semester, Practice)]
    assert counts == [5, 4, 60, 3, 20]
    assert Person.objects.teachers().count() == 84
    assert Grade.objects.filter(heads=None).count() == 0


def test_the_four_demo_people_sign_in_with_the_printed_password(demo):
    people = [person(mailbox) for mailbox in ("walker", "host", "head", "admin")]
    assert all(who.check_password("learning-walks") for who in people)
    assert people[0].grade.heads.get() == people[2]


def test_walks_stand_in_every_state(demo):
    assert set(Walk.objects.values_list("state", flat=True)) >= set(State.values) - {State.DRAFT}


def test_every_walk_takes_twenty_to_thirty_minutes_and_the_stops_add_up(demo):
    odd = [
        walk
        for walk in Walk.objects.prefetch_related("stops")
        if not 20 <= walk.minutes <= 30
        or walk.minutes != sum(s.minutes for s in walk.stops.all()) + walk.stops.count() - 1
    ]
    assert odd == []


@pytest.mark.parametrize("moment", ["2026-11-22 22:50Z", "2027-01-04 06:00Z", "2026-10-25 00:30Z"])
def test_whatever_the_hour_the_walker_can_start_today_and_has_praise_to_send(db, moment):
    with time_machine.travel(moment, tick=False):
        seed()
        walker, now = person("walker"), timezone.now()
        today = Walk.objects.of(walker).get(state=State.APPROVED)
        assert (today.date, today.ends_at > now) == (local_date(walker.school, now), True)
        due = Walk.objects.of(walker).get(state=State.WALKED)
        assert (due.praise_due_at > now, due.stops.filter(thanked_at=None).count()) == (True, 3)


@pytest.mark.parametrize("moment", ["2026-11-24 02:25Z", "2026-11-24 11:00Z", "2026-11-24 20:00Z"])
def test_the_times_of_both_walks_are_those_of_their_periods(db, moment):
    with time_machine.travel(moment, tick=False):
        seed()
        walks = Walk.objects.of(person("walker")).filter(state__in=[State.APPROVED, State.WALKED])
        begins = [(timezone.localtime(w.starts_at, w.walker.school.zone).time(), w.period.starts_at) for w in walks]
    at_night = moment.endswith("20:00Z")  # school is over: a walk is ready all the same
    assert sum(at != bell for at, bell in begins) == at_night


def test_addresses_keep_every_letter(demo):
    assert {p.email for p in Person.objects.filter(family_name__in=["Babić", "Marić"])} == {
        "goran.babic@maplehill.example", "milan.maric@maplehill.example"
    }  # fmt: skip


def test_the_host_has_letters_and_the_head_has_walks_to_decide(demo):
    assert Praise.objects.received_by(person("host")).count() >= 5
    assert approval.waiting_count(person("head")) == 5


def test_a_second_run_changes_nothing(demo):
    before = Walk.objects.count()
    assert seed() == "Maple Hill School is there already.\n"
    assert Walk.objects.count() == before


def test_a_week_later_there_is_a_walk_for_that_day_too(db):
    with time_machine.travel(SUNDAY_NIGHT, tick=False):
        seed()
    with time_machine.travel(SUNDAY_NIGHT + dt.timedelta(days=8), tick=False):
        assert "today's walk was added" in seed()
        assert Walk.objects.of(person("walker")).filter(date=dt.date(2026, 11, 30), state=State.APPROVED).count() == 1


def test_a_larger_school_for_measuring(db):
    seed("--teachers", "170", "--walks", "300")
    assert Person.objects.teachers().count() == 170
    assert Walk.objects.filter(state=State.COMPLETE).count() >= 300


def test_a_school_too_small_for_the_story_is_refused(db):
    with pytest.raises(CommandError, match="at least 60"):
        seed("--teachers", "10")
