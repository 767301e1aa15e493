"""Erasing a person also removes them from encoded data: their sessions, other sessions, and the cache."""

import json

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from school import people
from school.models import Person, Semester
from school.tests.factories import PASSWORD, a_person

pytestmark = pytest.mark.usefixtures("fresh_limits")

NAMES = ("amara", "osei")


def signed_in(person):
    """Return a new client with this person signed in."""
    client = Client()
    assert client.post("/sign-in/", {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


def sessions_and_counts():
    """Return the decoded text of all sessions and all counts of attempts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        counts = [str(row) for row in cursor.fetchall()]
    return "\n".join([json.dumps(session.get_decoded()) for session in Session.objects.all()] + counts).lower()


@pytest.fixture
def second_administrator(school):
    """Another administrator, with unread messages."""
    return a_person(school, "Mei", "Tanaka", grade=None, is_administrator=True)


def test_no_session_and_no_sign_in_count_names_an_erased_person(walker, administrator, second_administrator):
    visitor = Client()
    page = signed_in(administrator)
    other_page = signed_in(second_administrator)
    visitor.post("/account/login/code/", {"email": walker.email.upper()})
    visitor.post("/sign-in/", {"login": walker.email, "password": "a wrong guess"})
    semester = Semester.objects.get().pk
    other_page.post(f"/report/excuse/{walker.pk}/?semester={semester}", {"reason": "on leave"})
    page.post(f"/people/{walker.pk}/left/")
    assert all(name in sessions_and_counts() for name in NAMES)
    page.post(f"/people/{walker.pk}/erase/", {"typed_name": "Amara Osei"})
    assert [name for name in NAMES if name in sessions_and_counts()] == []
    assert [client.get("/people/").status_code for client in (page, other_page)] == [200, 200]


def test_messages_about_other_people_stay(walker, host, administrator):
    page = signed_in(administrator)
    semester = Semester.objects.get().pk
    for person in (walker, host):
        page.post(f"/report/excuse/{person.pk}/?semester={semester}", {"reason": "on leave"})
    Person.objects.filter(pk=walker.pk).update(is_active=False)
    people.erase(walker, by=None, now=timezone.now())
    shown = page.get("/report/").content.decode()
    assert "Jonas Lindqvist is excused" in shown
    assert "Amara Osei is excused" not in shown


def a_session(**data):
    """Store a session with these values."""
    session = SessionStore()
    session.update(data)
    session.save()
    return session.session_key


def test_data_about_the_person_in_other_sessions_is_removed(walker, host):
    session_of_host = a_session(
        _auth_user_id=str(host.pk), form={"to": walker.email.upper()}, also=[walker.full_name], rest="x"
    )
    session_with_address = a_session(typed=walker.email)
    unrelated_session = a_session(typed="somebody@else.example")
    Person.objects.filter(pk=walker.pk).update(is_active=False)
    people.erase(walker, by=None, now=timezone.now())
    kept = {
        session.pk: session.get_decoded()
        for session in Session.objects.filter(pk__in=[session_of_host, session_with_address])
    }
    assert kept == {session_of_host: {"_auth_user_id": str(host.pk), "rest": "x"}}
    assert Session.objects.filter(pk=unrelated_session).exists()


def test_a_person_with_the_same_given_name_stays_signed_in(school, walker):
    namesake = a_person(school, "Amara", "Blom")
    page = signed_in(namesake)
    waiting = Client()
    waiting.post("/account/login/code/", {"email": namesake.email})
    Person.objects.filter(pk=walker.pk).update(is_active=False)
    people.erase(walker, by=None, now=timezone.now())
    assert page.get("/me/").status_code == 200
    assert waiting.get("/account/login/code/confirm/").status_code == 200


@pytest.mark.parametrize("name", ["Al", "All", "Allauth", "Account"])
def test_erasing_a_person_with_one_short_name_signs_nobody_out(school, host, name):
    """Session keys ("allauth.account…") and hashes may contain any short name by chance."""
    page = signed_in(host)
    short = a_person(school, name, "", is_active=False)
    hashed = a_session(_auth_user_id=str(host.pk), _auth_user_hash=f"{name}-{name}", about=f"{name} has left", rest="x")
    people.erase(short, by=None, now=timezone.now())
    assert page.get("/me/").status_code == 200
    kept = Session.objects.get(pk=hashed).get_decoded()
    assert kept == {"_auth_user_id": str(host.pk), "_auth_user_hash": f"{name}-{name}", "rest": "x"}


def test_leaving_ends_a_half_done_sign_in(walker, administrator, mailoutbox):
    waiting = Client()
    waiting.post("/account/login/code/", {"email": walker.email})
    assert waiting.get("/account/login/code/confirm/").status_code == 200
    people.leave(walker, by=administrator, now=timezone.now())
    assert waiting.get("/account/login/code/confirm/").status_code == 302
    assert not UserSession.objects.filter(user=walker).exists()
