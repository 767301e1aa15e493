"""Django's admin holds directory data only, for superusers too."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Value
from django.db.models.functions import Concat

from observations.tests.factories import a_note
from school.models import (
    DayOff,
    DayType,
    Grade,
    Period,
    Person,
    Room,
    RoomClosure,
    School,
    Semester,
    Team,
)
from school.tests.factories import THURSDAY, a_hallway, a_lesson, a_person
from walks.tests.factories import a_practice, a_walk

DIRECTORY = {
    "school.building",
    "school.campus",
    "school.dayoff",
    "school.daytype",
    "school.grade",
    "school.hallway",
    "school.lesson",
    "school.period",
    "school.person",
    "school.room",
    "school.roomclosure",
    "school.school",
    "school.semester",
    "school.team",
    "walks.practice",
}


@pytest.fixture
def superuser(school):
    """The server's operator."""
    return a_person(school, "Root", "Root", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(school):
    """A person with every permission in the admin, but not a superuser."""
    person = a_person(school, "Sam", "Clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    return person


def test_djangos_admin_has_only_the_directory(client):
    client.get("/healthz")  # the first request loads the URLs
    assert {model._meta.label_lower for model in admin.site._registry} == DIRECTORY


@pytest.mark.parametrize("name", ["observations/note", "walks/walk", "notifications/message", "mfa/authenticator"])
def test_private_pages_do_not_exist_even_for_a_superuser(name, superuser, sign_in):
    assert sign_in(superuser).get(f"/admin/{name}/").status_code == 404


@pytest.mark.parametrize("model", sorted(DIRECTORY))
def test_every_list_and_form_of_djangos_admin_opens(model, superuser, sign_in):
    path = model.replace(".", "/")
    client = sign_in(superuser)
    assert [client.get(f"/admin/{path}/{more}").status_code for more in ("", "add/")] == [200, 200]


def test_only_superusers_change_permissions(superuser, staff, walker, client):
    shown = []
    for person in (superuser, staff):
        client.force_login(person)
        shown.append("is_administrator" in client.get(f"/admin/school/person/{walker.pk}/change/").text)
    assert shown == [True, False]


def test_permissions_in_a_forged_form_are_ignored(staff, walker, sign_in):
    forged = {
        "given_name": "Amara",
        "family_name": "O",
        "is_teacher": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "is_administrator": "on",
        "email": "mine@evil.example",
    }
    sign_in(staff).post(f"/admin/school/person/{walker.pk}/change/", forged)
    person = Person.objects.get(pk=walker.pk)
    assert person.family_name == "O"
    assert not person.is_staff
    assert not person.is_administrator
    assert (person.email, person.is_active) == (walker.email, True)  # a form without "is_active" would switch it off


def test_only_superusers_change_the_heads_of_a_grade(staff, walker, sign_in):
    assert "heads" not in sign_in(staff).get(f"/admin/school/grade/{walker.grade_id}/change/").text


def test_a_person_who_wrote_something_cannot_be_deleted(superuser, walker, host, sign_in):
    a_note(a_walk(walker, [host], state="walked").stops.get())
    assert sign_in(superuser).get(f"/admin/school/person/{walker.pk}/delete/").status_code == 403


def test_a_schools_administrator_cannot_open_the_admin(administrator, sign_in):
    assert sign_in(administrator).get("/admin/").status_code == 302


def test_an_address_is_stored_in_lower_case(superuser, school, sign_in):
    new = {"given_name": "Ada", "family_name": "Wolf", "email": "Ada.Wolf@School.example", "school": school.pk}
    assert sign_in(superuser).post("/admin/school/person/add/", new).status_code == 302
    assert Person.objects.get(family_name="Wolf").email == "ada.wolf@school.example"


def test_a_lesson_cannot_mix_two_schools(superuser, host, stranger, sign_in):
    lesson = host.lessons.first()
    url = f"/admin/school/lesson/{lesson.pk}/change/"
    same = {name: getattr(lesson, f"{name}_id") for name in ("semester", "day_type", "period", "teacher", "room")}
    elsewhere = Room.objects.filter(school=stranger.school).first()
    client = sign_in(superuser)
    answers = [
        client.post(url, same | {"title": "7A", "kind": "class", "room": room})
        for room in (elsewhere.pk, lesson.room_id)
    ]
    assert [answer.status_code for answer in answers] == [200, 302]
    assert set(answers[0].context["adminform"].form.errors) == {"room"}


@pytest.fixture
def other_school(stranger):
    """The installation's other school has rows of every kind, with a marker word."""
    school = stranger.school
    Grade.objects.create(school=school, name="qzoth grade", position=9)
    Team.objects.create(school=school, name="qzoth team").members.add(stranger)
    hallway = a_hallway(school, "qzoth hallway", building="qzoth building", campus="qzoth campus")
    room = Room.objects.create(school=school, hallway=hallway, code="qzoth")
    RoomClosure.objects.create(room=room, date=THURSDAY, reason="qzoth closure")
    DayOff.objects.create(school=school, date=THURSDAY, label="qzoth day")
    a_practice(school, "qzoth practice")
    a_lesson(stranger, "204", title="qzoth lesson")
    for model in (Semester, DayType, Period):
        model.objects.filter(school=school).update(name=Concat(Value("qzoth "), "name"))
    Person.objects.filter(pk=stranger.pk).update(family_name="qzoth")
    School.objects.filter(pk=school.pk).update(name="qzoth school")
    return school


@pytest.mark.parametrize("model", sorted(DIRECTORY))
def test_a_superuser_reads_nothing_of_another_school(model, superuser, host, other_school, sign_in):
    client, path = sign_in(superuser), f"/admin/{model.replace('.', '/')}/"
    elsewhere = apps.get_model(model).objects.order_by("-pk").first()
    pages = [client.get(f"{path}{more}").text for more in ("", "add/", "?q=zoth")]
    assert [page for page in pages if "qzoth" in page] == []
    assert client.get(f"{path}{elsewhere.pk}/change/").status_code == 302  # "it does not exist"


def test_a_search_for_a_teacher_finds_nobody_of_another_school(superuser, host, other_school, sign_in):
    query = {"app_label": "school", "model_name": "lesson", "field_name": "teacher", "term": "qzoth"}
    assert sign_in(superuser).get("/admin/autocomplete/", query).json()["results"] == []


def test_ones_own_school_opens_with_any_number_of_people(superuser, walker, host, sign_in):
    client = sign_in(superuser)
    assert client.get(f"/admin/school/school/{walker.school_id}/change/").status_code == 200
    assert client.get("/admin/school/school/").text.count("Test School</a>") == 1


def test_the_admin_adds_a_person_only_to_a_school_without_people(superuser, sign_in):
    new = School.objects.create(name="Brand new school", time_zone="Europe/London")
    client = sign_in(superuser)
    assert "Brand new school" in client.get("/admin/school/person/add/").text
    a_person(new, "Ada", "Wolf", grade=None)
    assert "Brand new school" not in client.get("/admin/school/person/add/").text
