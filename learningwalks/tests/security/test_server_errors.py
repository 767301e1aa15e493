"""After a failure on our side, no submitted text appears in logs or to other people, and nothing is stored in part."""

import logging
import re

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import override_settings

from operations.logs import PrivateFormatter

from .canaries import CANARY, private_forms
from .world import NOW, a_world, canary, rolled_back

pytestmark = pytest.mark.django_db
CHANGES = re.compile(r"\s*(INSERT|UPDATE)", re.IGNORECASE)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """A school with a marker word in each private text, made once for this module."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), rolled_back(), override_settings(MEDIA_ROOT=media, ADMINISTRATOR_MFA=False):
        yield a_world()


def fail_with_row(execute, sql, params, many, context):
    """Answer every change like PostgreSQL does: the second line of the error repeats the whole row."""
    if CHANGES.match(sql) and "django_session" not in sql:
        raise OperationalError(f"new row violates a constraint\nDETAIL:  Failing row contains ({params}).")
    return execute(sql, params, many, context)


@pytest.mark.parametrize("form_number", range(12))
def test_a_database_error_does_not_reveal_what_was_typed(world, caplog, form_number):
    """The error repeats the text, but neither the page nor the log does."""
    caplog.set_level(logging.DEBUG)
    with time_machine.travel(NOW, tick=False), rolled_back():
        who, url, data = private_forms(world, canary("fails"))[form_number]
        client = world.clients[who]
        client.raise_request_exception = False
        with connection.execute_wrapper(fail_with_row):
            response = client.post(url, data)
        client.raise_request_exception = True
    page = response.content.decode()
    # The page may still show their own text to the author.
    shows_own_text = response.status_code in (422, 503) and who != "stranger"
    assert response.status_code in (302, 404, 422, 500, 503)
    assert shows_own_text or CANARY.findall(page) == []
    assert [w for w in ("Traceback", "OperationalError", "violates", "DETAIL") if w in page] == []
    lines = [PrivateFormatter().format(record) for record in caplog.records if record.name != "django.db.backends"]
    assert [line for line in lines if CANARY.search(line)] == []


@pytest.mark.parametrize("ending", ["%0a", "%0d%0a", "%e2%80%a8", "%1b[2J", "%00"])
def test_a_url_cannot_add_a_line_to_the_log(world, caplog, ending):
    world.clients["anonymous"].get(f"/nowhere{ending}2026-11-11 INFO learningwalks.security: signed in: person 1/")
    lines = [PrivateFormatter().format(record) for record in caplog.records]
    assert [len(line.splitlines()) for line in lines] == [1] * len(lines)
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("path", ["/nowhere/", "/walks/999999/", "/photos/1/", "/%00", "/people/99999/"])
def test_an_unknown_url_reveals_nothing(world, path):
    with time_machine.travel(NOW, tick=False), rolled_back():
        response = world.clients["administrator"].get(path)
    page = response.content.decode()
    assert response.status_code in (400, 404)
    assert [w for w in ("urlconf", "DEBUG", "Traceback", "django", "Request Method", "ROOT_URLCONF") if w in page] == []


@pytest.mark.parametrize("address", ["/report/", "/walks/", "/praise/", "/people/"])
def test_a_broken_page_shows_a_plain_error_page(world, address, monkeypatch):
    client = world.clients["administrator"]
    monkeypatch.setattr(client, "raise_request_exception", False)
    monkeypatch.setattr("django.template.response.TemplateResponse.render", lambda self: 1 / 0)
    with time_machine.travel(NOW, tick=False), rolled_back():
        response = client.get(address)
    page = response.content.decode()
    assert response.status_code == 500
    assert [w for w in ("Traceback", "ZeroDivision", "/learningwalks/", "DEBUG", "django") if w in page] == []
