"""How long people stay signed in."""

import datetime as dt
import logging

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings as site
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.tests.signing_in import try_password
from school import people
from school.models import Person
from school.tests.factories import PASSWORD

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


@pytest.fixture
def visitor(client, walker, clock):
    """A client that has just signed in with the form."""
    assert try_password(client, walker).status_code == 302
    client.get("/me/")
    return client


def test_a_person_who_returns_within_twelve_hours_stays_signed_in(visitor, clock):
    for _day in range(6):
        clock.shift(11 * HOUR)
        assert visitor.get("/me/").status_code == 200
    clock.shift(12 * HOUR)
    assert visitor.get("/me/").url == "/sign-in/?next=/me/"


def test_a_session_with_the_old_path_of_the_sign_in_backend_stays_valid(visitor):
    session = visitor.session
    session[BACKEND_SESSION_KEY] = "learningwalks.auth.PersonBackend"
    session.save()
    assert visitor.get("/me/").status_code == 200
    assert visitor.session[BACKEND_SESSION_KEY] == "accounts.backends.PersonBackend"


def test_a_session_ends_after_a_week_even_if_used(visitor, clock):
    for _visit in range(15):
        clock.shift(11 * HOUR)
        assert visitor.get("/me/").status_code == 200
    clock.shift(3 * HOUR)
    assert visitor.get("/me/").url == "/sign-in/?next=/me/"
    assert Session.objects.count() == 0


@pytest.mark.parametrize(("minutes", "renewed"), [(4, False), (6, True)])
def test_reading_pages_renews_the_session_at_most_every_five_minutes(visitor, clock, minutes, renewed):
    before = Session.objects.get().expire_date
    clock.shift(minutes * MINUTE)
    response = visitor.get("/me/")
    assert (Session.objects.get().expire_date - before == minutes * MINUTE) == renewed
    assert (site.SESSION_COOKIE_NAME in response.cookies) == renewed


def test_expired_sessions_are_deleted(visitor, clock):
    clock.shift(11 * HOUR)
    visitor.get("/me/")
    clock.shift(11 * HOUR)
    call_command("purge")
    assert (Session.objects.count(), UserSession.objects.count()) == (1, 1)
    clock.shift(14 * HOUR)
    call_command("purge")
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)


def stored_counts():
    """Return the number of stored rate-limit counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        return cursor.fetchone()[0]


def test_expired_sign_in_counts_and_their_addresses_are_deleted(walker, clock):
    cache.clear()
    try_password(Client(REMOTE_ADDR="203.0.113.77"), walker, "wrong-typed-secret")
    counted = stored_counts()
    call_command("purge")
    assert counted > 0 and stored_counts() == counted
    clock.shift(HOUR)
    call_command("purge")
    assert stored_counts() == 0


def test_beat_deletes_expired_sessions_every_hour():
    rounds = {entry["task"]: entry["schedule"] for entry in site.CELERY_BEAT_SCHEDULE.values()}
    assert rounds["learningwalks.purge"] == dt.timedelta(hours=1).total_seconds()


# --- What ends a session at once ----------------------------------------------------------------
@pytest.fixture
def elsewhere(walker, db):
    """The same person, signed in on another device."""
    other = Client()
    try_password(other, walker)
    assert other.get("/me/").status_code == 200
    return other


def test_signing_out_deletes_the_session_not_only_the_cookie(elsewhere):
    stolen = Client()
    stolen.cookies[site.SESSION_COOKIE_NAME] = elsewhere.cookies[site.SESSION_COOKIE_NAME].value
    assert stolen.get("/me/").status_code == 200
    elsewhere.post("/sign-out/")
    assert stolen.get("/me/").status_code == 302


def test_a_new_password_ends_every_other_session(visitor, elsewhere):
    chosen = "seven quiet pineapples"
    visitor.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": chosen, "password2": chosen})
    assert elsewhere.get("/me/").status_code == 302


def test_a_person_who_leaves_is_signed_out_with_the_next_request(elsewhere, walker, administrator):
    people.leave(walker, by=administrator, now=timezone.now())
    assert elsewhere.get("/me/").status_code == 302


def test_a_person_who_is_back_must_sign_in_again(elsewhere, walker, administrator):
    """A lost phone must stay signed out."""
    people.leave(walker, by=administrator, now=timezone.now())
    people.come_back(walker, by=administrator)
    assert elsewhere.get("/me/").status_code == 302
    assert UserSession.objects.filter(user=walker).count() == 0


def test_a_removed_role_is_lost_with_the_next_request(elsewhere, walker, administrator):
    Person.objects.filter(pk=walker.pk).update(is_administrator=True)
    assert elsewhere.get("/people/").status_code == 200
    Person.objects.filter(pk=walker.pk).update(is_administrator=False)
    assert elsewhere.get("/people/").status_code == 404


@pytest.mark.parametrize("name", ["", "x", "0" * 32, "a" * 5000, "../../etc", "' OR 1=1 --"])
def test_an_invented_session_id_signs_nobody_in(client, db, name):
    client.cookies[site.SESSION_COOKIE_NAME] = name
    assert client.get("/me/").status_code == 302


def test_the_log_names_sign_ins_by_the_persons_id(walker, caplog):
    """It contains neither the password nor the typed address, which may be a password in the wrong field."""
    caplog.set_level(logging.INFO)
    sign_in_page = "/sign-in/"
    call_command("createcachetable")
    cache.clear()
    Client().post(sign_in_page, {"login": walker.email, "password": PASSWORD})
    for _n in range(6):
        Client().post(sign_in_page, {"login": walker.email, "password": "wrong-typed-secret"})
    Client().post(sign_in_page, {"login": "typed-secret@nowhere.example", "password": "x"})
    logged = [record.getMessage() for record in caplog.records if record.name == "learningwalks.security"]
    assert logged == [
        f"signed in: person {walker.pk} from 127.0.0.1",
        *[f"wrong password: person {walker.pk} from 127.0.0.1"] * 5,
        f"too many tries: person {walker.pk} from 127.0.0.1",
        "wrong password: person unknown from 127.0.0.1",
    ]
    assert "typed-secret" not in caplog.text
