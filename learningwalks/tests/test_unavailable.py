"""A database that is full, read-only or unreachable: every URL answers 503 and keeps the submitted text."""

import re
import threading

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client

from learningwalks.tests.full_disk import refuse_changes
from learningwalks.views import unavailable
from operations.tests.services_plugin import wait_until
from school.tests.factories import PASSWORD
from walks.tests.factories import a_walk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

WORDS = "Every table <held> up"
SHOWN = "Every table &lt;held&gt; up"


def refuse(*args):
    """Refuse connections of other threads too."""
    raise OperationalError("connection refused")


def refuse_everything(execute, sql, params, many, context):
    """Fail as if the server were unreachable."""
    raise OperationalError("connection refused")


@pytest.fixture
def send():
    """Return a function that opens a page, which renews the session, and sends a form while the database fails."""

    def post(client, path, data=None, *, failure=refuse_changes, method="post"):
        client.get("/help/")
        client.raise_request_exception = False
        with connection.execute_wrapper(failure):
            return getattr(client, method)(path, data or {})

    return post


def assert_unavailable(answer, *, shows_words):
    """The page asks to try again in half a minute, and claims nothing about saving."""
    page = answer.content.decode()
    assert (answer.status_code, answer.get("Retry-After")) == (503, "30"), answer.request["PATH_INFO"]
    assert (SHOWN in page) == shows_words
    assert "saved." not in page


@pytest.mark.parametrize("failure", [refuse_changes, refuse_everything])
def test_every_form_says_what_is_wrong_and_keeps_its_text(sign_in, walker, hosts, head, send, failure):
    walk = a_walk(walker, hosts, state="requested")
    forms = [
        (head, f"/approvals/{walk.pk}/approve/"),
        (walker, f"/walks/{walk.pk}/cancel/"),
        (walker, "/me/emails/"),
    ]
    for who, path in forms:
        answer = send(sign_in(who), path, {"text": WORDS, "kinds": "reminder"}, failure=failure)
        assert_unavailable(answer, shows_words=True)
        assert 'name="kinds" value="reminder"' in answer.content.decode()


def test_the_text_is_sent_again_with_one_button(sign_in, walker, hosts, send):
    client = sign_in(walker)
    path = f"/walks/{a_walk(walker, hosts, state='requested').pk}/cancel/"
    page = send(client, path, {"reason": WORDS}).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    assert "csrfmiddlewaretoken" in fields
    assert '<button class="btn btn-primary">Try again</button>' in page
    assert client.post(path, fields | {"reason": WORDS}).status_code == 302


def test_a_page_that_cannot_be_read_asks_to_try_again(sign_in, walker, send):
    answer = send(sign_in(walker), "/walks/", failure=refuse_everything, method="get")
    assert_unavailable(answer, shows_words=False)
    assert "We can’t show this page right now" in answer.content.decode()


def test_a_form_from_another_site_is_not_shown_back(sign_in, walker):
    """It would let a stranger put text and a button onto our page."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = sign_in(walker).cookies
    with connection.execute_wrapper(refuse_everything):
        answer = client.post("/me/emails/", {"text": WORDS})
    assert_unavailable(answer, shows_words=False)


@pytest.mark.parametrize("failure", [refuse_changes, refuse_everything])
def test_a_failed_sign_in_shows_an_error_and_no_password(client, walker, send, failure):
    answer = send(client, "/sign-in/", {"login": walker.email, "password": f"{PASSWORD} x y"}, failure=failure)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "We can’t do that right now" in page
    assert PASSWORD not in page


def test_a_cache_that_cannot_be_written_raises_an_error(db):
    with connection.execute_wrapper(refuse_changes), pytest.raises(OperationalError):
        cache.add("turn", True, 10)
    assert cache.add("turn", True, 10)
    assert not cache.add("turn", True, 10)


@pytest.mark.django_db(transaction=True)
def test_signing_out_deletes_the_cookie_now_and_the_session_soon(sign_in, walker, monkeypatch, send):
    monkeypatch.setattr(unavailable, "END_PAUSE", 0.1)
    client = sign_in(walker)
    key = client.session.session_key
    answer = send(client, "/sign-out/")
    page = answer.content.decode()
    assert (answer.status_code, answer.cookies["sessionid"]["max-age"]) == (503, 0)
    assert "You are signed out on this device" in page
    assert client.get("/walks/").status_code == 302
    wait_until(lambda: session_is_deleted(key))


def session_is_deleted(session_key):
    """Return whether the session is deleted. SQLite in memory locks a whole table while another thread writes."""
    try:
        return not Session.objects.filter(session_key=session_key).exists()
    except OperationalError:
        return False


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_with_a_session_cookie_work_without_the_database(sign_in, walker, broker, path):
    client = sign_in(walker)
    client.raise_request_exception = False
    with connection.execute_wrapper(refuse_everything):
        answer = client.get(path)
    assert (answer.status_code, answer.content[:2]) == ((200, b"ok") if path == "/healthz" else (503, b'{"'))


def test_a_missing_table_is_a_500_error(sign_in, walker):
    client = sign_in(walker)
    client.raise_request_exception = False

    def ask_for_another_table(execute, sql, params, many, context):
        return execute(sql.replace('FROM "walks_walk"', 'FROM "no_such_table"'), params, many, context)

    with connection.execute_wrapper(ask_for_another_table):
        answer = client.get("/walks/")
    assert answer.status_code == 500


@pytest.mark.django_db(transaction=True)
def test_repeated_sign_outs_use_one_thread(client, monkeypatch):
    monkeypatch.setattr(unavailable, "END_PAUSE", 0.1)
    monkeypatch.setattr(unavailable, "MAX_SESSIONS_TO_END", 20)
    client.raise_request_exception = False
    before = threading.active_count()
    with monkeypatch.context() as database, connection.execute_wrapper(refuse_everything):
        database.setattr(QuerySet, "delete", refuse)
        for number in range(40):
            client.cookies["sessionid"] = f"{number:032}"
            assert client.post("/sign-out/").status_code == 503
        assert (len(unavailable.sessions_to_end.until), threading.active_count()) == (20, before + 1)
    wait_until(lambda: not unavailable.sessions_to_end.until)


def test_a_bug_is_not_reported_as_an_unavailable_database(sign_in, walker, monkeypatch):
    client = sign_in(walker)
    client.raise_request_exception = False
    monkeypatch.setattr("django.template.response.TemplateResponse.render", lambda self: 1 / 0)
    answer = client.get("/walks/")
    assert answer.status_code == 500
    assert "Your notes are saved" not in answer.content.decode()
