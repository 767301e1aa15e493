"""Log lines, as text and as JSON: enough to find what happened, and nothing that anybody typed."""

import io
import json
import logging

import pytest
from celery import shared_task
from django.db import IntegrityError
from django.test import override_settings
from django.urls import include, path

from operations import logs
from school.models import School

SECRET = "Jonas had chalk on his nose"
KEY = "Zt9x-Qm4vB7w_Lk2pR8yN5cJ1hG6"


class Written:
    """The log of a test, as text and as JSON."""

    def __init__(self):
        self.streams = [io.StringIO(), io.StringIO()]
        self.handlers = [logging.StreamHandler(stream) for stream in self.streams]
        for handler, formatter in zip(self.handlers, (logs.PrivateFormatter(), logs.JsonFormatter()), strict=True):
            handler.setFormatter(formatter)

    @property
    def text(self):
        return self.streams[0].getvalue()

    @property
    def facts(self):
        return [json.loads(line) for line in self.streams[1].getvalue().splitlines()]

    @property
    def everything(self):
        return self.text + self.streams[1].getvalue()


@pytest.fixture
def written():
    """Collects everything logged during the test."""
    found, root = Written(), logging.getLogger()
    listened, level = [root, logging.getLogger("django"), logging.getLogger("gunicorn.error")], root.level
    for logger in listened:
        for handler in found.handlers:
            logger.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.setLevel(level)
    for logger in listened:
        for handler in found.handlers:
            logger.removeHandler(handler)


@pytest.fixture
def client_with_error_pages(sign_in, walker):
    """A client that gets the error page instead of the exception."""
    client = sign_in(walker)
    client.raise_request_exception = False
    return client


# --- Every request: an id and a line ----------------------------------------------------------------------
def test_a_request_is_one_line_with_person_page_status_and_time(sign_in, walker, written):
    number = sign_in(walker).get("/help/?q=chalk")["X-Request-ID"]
    line = next(facts for facts in written.facts if facts["logger"] == "operations.request_log")
    assert {name: line[name] for name in ("request", "person", "method", "route", "status")} == {
        "request": number,
        "person": walker.pk,
        "method": "GET",
        "route": "help",
        "status": 200,
    }
    assert f"GET help 200 in {line['ms']} ms for person {walker.pk} [{number}]" in written.text


def test_a_log_line_contains_neither_path_nor_query_nor_key(client, db, written):
    for address in (f"/account/password/reset/key/1-{KEY}/", f"/walks/{SECRET}/?q={SECRET}", "/sign-in/?next=/chalk/"):
        client.get(address)
    assert [word for word in (KEY, "chalk", "/walks/") if word in written.everything] == []
    assert [facts["route"] for facts in written.facts if "route" in facts] == [
        "account_reset_password_from_key",
        "...",
        "account_login",
    ]


def test_an_unknown_method_is_logged_as_other(client, db, written):
    client.generic("CHALK", "/help/")
    assert [facts["message"][:16] for facts in written.facts if "route" in facts] == ["other help 405 i"]


def test_health_checks_are_not_logged(client, db, written):
    logging.getLogger().setLevel(logging.INFO)
    client.get("/healthz")
    assert written.text == ""


@pytest.mark.parametrize("given", ["", "short", "with space here", "x" * 65, "<b>bold</b>", "-dash-first"])
def test_a_malformed_request_id_is_replaced(client, db, settings, given):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] != given


def test_only_a_trusted_proxy_can_set_the_request_id(client, db, settings):
    given = {"X-Request-ID": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    assert client.get("/healthz", headers=given)["X-Request-ID"] != given["X-Request-ID"]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/healthz", headers=given)["X-Request-ID"] == given["X-Request-ID"]


# --- Errors: where, not what was in it -----------------------------------------------------------------------
def _broken(request):
    note = request.POST["note"]
    try:
        School.objects.create(pk=1, name=note)
        School.objects.create(pk=1, name=note)
    except IntegrityError as error:
        raise ValueError(f"cannot keep {note!r}") from error


urlpatterns = [path("broken/", _broken, name="broken"), path("", include("learningwalks.urls"))]
handler500 = "learningwalks.views.error_pages.server_error"


@override_settings(ROOT_URLCONF="operations.tests.test_logs")
def test_an_error_is_logged_without_its_message_under_the_id_on_the_page(client_with_error_pages, written):
    answer = client_with_error_pages.post("/broken/", {"note": SECRET})
    error = next(facts for facts in written.facts if "error" in facts)
    assert answer.status_code == 500
    assert f"Give them this number: {answer['X-Request-ID']}" in answer.content.decode()
    assert (error["error"], error["request"]) == ("ValueError", answer["X-Request-ID"])
    assert "School.objects.create(pk=1, name=note)\n" in error["traceback"]
    assert [word for word in (SECRET, "UNIQUE", "/broken/") if word in written.everything] == []


@pytest.mark.parametrize(
    ("name", "words", "arguments"),
    [
        ("any", "failed: %s", (ValueError(SECRET),)),
        ("any", f"failed: {SECRET}", ()),
        ("any", f"failed: ValueError({SECRET!r})", ()),
        ("any", ValueError(SECRET), ()),
        ("gunicorn.error", "Error handling request %s", (f"/{SECRET}",)),
        ("celery.app.trace", "Task %(name)s: %(exc)s", ({"name": "n", "exc": SECRET[:20], "args": [SECRET]},)),
    ],
)
def test_the_type_of_an_error_is_logged_but_not_its_text(written, name, words, arguments):
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger(name).exception(words, *arguments)
    assert [word for word in ("chalk", "Jonas") if word in written.everything] == []
    assert written.facts[-1]["error"] == "ValueError"


def test_a_host_missing_from_allowed_hosts_is_named(client, db, written):
    client.get("/sign-in/", headers={"Host": "walks.maplehill.example"})
    assert "You may need to add 'walks.maplehill.example' to ALLOWED_HOSTS." in written.facts[0]["message"]


def test_a_record_with_missing_arguments_is_logged_without_them():
    record = logging.LogRecord("any", logging.ERROR, __file__, 1, "%s and %s", (SECRET,), None)  # one is missing
    record.exc_text = SECRET
    assert SECRET not in logs.PrivateFormatter().format(record) + logs.JsonFormatter().format(record)


@pytest.mark.parametrize("words", ["Exception while serving ", "Client disconnected while serving "])
def test_the_path_of_an_aborted_request_is_not_logged(written, words):
    logging.getLogger("waitress").warning(f"{words}/mail/{KEY[:8]}/")
    assert written.facts[-1]["message"] == f"{words}..."


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (FileNotFoundError(2, "nothing", SECRET), "FileNotFoundError (No such file or directory)"),
        (OSError(SECRET), "OSError"),
        (KeyError(SECRET), "KeyError"),
    ],
)
def test_the_type_of_an_error_is_logged_with_the_systems_reason(error, logged):
    assert logs.error_type(error) == logged


@shared_task(name="tests.break_down")
def break_down(words):
    logging.getLogger("any").info("at work")
    raise ValueError(words)


def test_a_failed_task_logs_its_id_but_neither_arguments_nor_error(written):
    result = break_down.apply(args=[SECRET])
    assert {facts["task"] for facts in written.facts} == {result.id}
    assert [facts["message"] for facts in written.facts if "error" in facts] == [
        f"Task tests.break_down[{result.id}] raised unexpected: ..."
    ]
    assert "chalk" not in written.everything


# --- Long random parts of addresses -----------------------------------------------------------------------------
def test_long_keys_are_removed_from_logs():
    line = f"Not Found: /somewhere/{KEY}.ics"
    assert logs.without_tokens(line) == "Not Found: /somewhere/....ics"


def test_ordinary_urls_stay_in_logs():
    line = "Not Found: /walks/12/stops/3/ in learningwalks/tests/test_access_matrix_of_every_page.py"
    assert logs.without_tokens(line) == line


def test_no_library_logs_its_data_at_debug():
    loggers = logs.configuration("DEBUG", "json")["loggers"]
    assert [loggers[name]["level"] for name in ("django.db.backends", "botocore", "urllib3")] == ["INFO"] * 3


def test_the_sites_own_url_is_logged_but_not_one_with_a_path(written, settings):
    """The line with the setup code needs it."""
    settings.SITE_URL = "https://walks.school.example"
    line = "Open %s/setup/, came from %s"
    logging.getLogger("learningwalks").warning(line, settings.SITE_URL, f"https://walks.school.example/{KEY}/")
    assert "Open https://walks.school.example/setup/, came from ..." in written.text
    assert KEY not in written.everything
