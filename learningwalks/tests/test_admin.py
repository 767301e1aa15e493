"""Django's admin holds directory data only, for superusers too."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from observations.tests.factories import a_note
from school.models import Person, Room
from school.tests.factories import a_person
from walks.tests.factories import a_walk

DIRECTORY = {
    "school.building", "school.dayoff", "school.daytype", "school.grade", "school.hallway", "school.lesson",
    "school.period", "school.person", "school.room", "school.roomclosure", "school.school", "school.semester",
    "school.team", "walks.excusal", "walks.practice",
}  # fmt: skip


@pytest.fixture
def superuser(school):
    """Who looks after the server."""
    return a_person(school, "Root", "Root", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(school):
    """Somebody with every right in the admin, but no superuser."""
    person = a_person(school, "Sam", "Clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    return person


def test_only_the_directory_is_in_it(client):
    client.get("/healthz")  # the addresses are read once a request comes
    assert {model._meta.label_lower for model in admin.site._registry} == DIRECTORY


@pytest.mark.parametrize("name", ["observations/note", "walks/walk", "notifications/message", "mfa/authenticator"])
def test_private_pages_do_not_exist_even_for_a_superuser(name, superuser, sign_in):
    assert sign_in(superuser).get(f"/admin/{name}/").status_code == 404


@pytest.mark.parametrize("model", sorted(DIRECTORY))
def test_every_list_and_form_opens(model, superuser, sign_in):
    path = model.replace(".", "/")
    client = sign_in(superuser)
    assert [client.get(f"/admin/{path}/{more}").status_code for more in ("", "add/")] == [200, 200]


def test_rights_are_only_for_superusers(superuser, staff, walker, client):
    shown = []
    for person in (superuser, staff):
        client.force_login(person)
        shown.append("is_administrator" in client.get(f"/admin/school/person/{walker.pk}/change/").text)
    assert shown == [True, False]


def test_rights_sent_along_are_not_written(staff, walker, sign_in):
    sly = {"given_name": "Amara", "family_name": "O", "is_teacher": "on", "is_staff": "on", "is_superuser": "on",
           "is_administrator": "on", "email": "mine@evil.example"}  # fmt: skip
    sign_in(staff).post(f"/admin/school/person/{walker.pk}/change/", sly)
    person = Person.objects.get(pk=walker.pk)
    assert (person.family_name, person.is_staff, person.is_administrator, person.email) == (
        "O", False, False, walker.email,
    )  # fmt: skip


def test_the_heads_of_a_grade_are_only_for_superusers(staff, walker, sign_in):
    assert "heads" not in sign_in(staff).get(f"/admin/school/grade/{walker.grade_id}/change/").text


def test_nobody_is_deleted_with_what_they_wrote(superuser, walker, host, sign_in):
    a_note(a_walk(walker, [host], state="walked").stops.get())
    assert sign_in(superuser).get(f"/admin/school/person/{walker.pk}/delete/").status_code == 403


def test_an_administrator_of_the_product_has_no_admin(administrator, sign_in):
    assert sign_in(administrator).get("/admin/").status_code == 302


def test_an_address_is_kept_in_lower_case(superuser, school, sign_in):
    new = {"given_name": "Ada", "family_name": "Wolf", "email": "Ada.Wolf@School.example", "school": school.pk}
    assert sign_in(superuser).post("/admin/school/person/add/", new).status_code == 302
    assert Person.objects.get(family_name="Wolf").email == "ada.wolf@school.example"


def test_a_lesson_is_all_of_one_school(superuser, host, stranger, sign_in):
    lesson = host.lessons.first()
    url = f"/admin/school/lesson/{lesson.pk}/change/"
    same = {name: getattr(lesson, f"{name}_id") for name in ("semester", "day_type", "period", "teacher", "room")}
    elsewhere = Room.objects.filter(school=stranger.school).first()
    client = sign_in(superuser)
    answers = [client.post(url, same | {"title": "7A", "room": room}) for room in (elsewhere.pk, lesson.room_id)]
    assert [answer.status_code for answer in answers] == [200, 302]
    assert "This belongs to another school than the semester." in answers[0].text
