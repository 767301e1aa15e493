"""Who gets what at every URL: everything is requested once, and several tests check the answers."""

from typing import NamedTuple

import pytest
from django.db import connection
from django.test import Client, override_settings

from .matrix import (
    ADDRESSES,
    SIGNED_IN,
    SIGNED_OUT,
    TABLE,
    URLS_BY_ROW,
    address,
    form_data,
    missing_headers,
    recorded_writes,
    request_as,
    requests_for,
    row_name,
    series_of,
    url_of_missing_object,
)
from .world import a_world, fast_requests, place_photos, rolled_back

pytestmark = pytest.mark.django_db

PERSONAS = (*SIGNED_IN, *SIGNED_OUT)
if connection.vendor == "postgresql":  # two personas with the same answers send the same statements
    PERSONAS = ("walker", "host", "stranger", "head", "administrator", "superuser", "anonymous")
SIGNING_OUT = ("account_logout", "sign-out", "admin:logout")
ALWAYS_ASKED = ("walker", "host", "stranger", "anonymous")


def personas_for(row):
    """Return who requests a row: everybody on SQLite, and on PostgreSQL one more persona for each other answer."""
    if connection.vendor == "sqlite":
        return PERSONAS
    first_with_answer = {}
    for persona in PERSONAS:
        first_with_answer.setdefault(row.answers[persona], persona)
    return dict.fromkeys([*ALWAYS_ASKED, *first_with_answer.values()])


class Answer(NamedTuple):
    """What a persona got at a URL about one object, which statements changed rows, and which headers are missing."""

    name: str
    method: str
    persona: str
    which: str
    expected: str
    status: str
    length: int
    wrote: tuple[str, ...]
    lacks: list[str]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The world, once for this module."""
    with django_db_blocker.unblock(), rolled_back():
        yield a_world()


@pytest.fixture(scope="module")
def answers(world, tmp_path_factory):
    """Every request of the table, each rolled back."""
    media = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=media, ADMINISTRATOR_MFA=False), fast_requests():
        place_photos(world)
        return [
            _answer(world, row, persona, *request)
            for row in TABLE
            for persona in personas_for(row)
            for request in requests_for(row, persona)
        ]


def _answer(world, row, persona, name, which, expected):
    url = address(world, name, ADDRESSES[name], which)
    with recorded_writes() as wrote:
        response = request_as(world, persona, row.method, url, form_data(world, name, which))
    status = "in" if response.get("Location", "").startswith("/sign-in/") else str(response.status_code)
    lacks = missing_headers(response, signed_in=persona in SIGNED_IN)
    return Answer(name, row.method, persona, which, expected, status, len(response.body), tuple(wrote), lacks)


def test_every_url_has_a_row_and_every_row_a_url():
    assert sorted({row.name for row in TABLE} ^ set(URLS_BY_ROW)) == []


def test_every_row_is_requested_signed_in_and_signed_out(answers):
    requested = {(row_name(answer.name), answer.method, answer.persona in SIGNED_OUT) for answer in answers}
    assert requested == {(row.name, row.method, out) for row in TABLE for out in (False, True)}


@pytest.mark.parametrize("name", sorted({row.name for row in TABLE}))
def test_every_persona_gets_the_status_in_the_table(answers, name):
    wrong = [
        f"{answer.method} {answer.name} as {answer.persona}, {answer.which}: {answer.status}, not {answer.expected}"
        for answer in answers
        if row_name(answer.name) == name and answer.status != answer.expected
    ]
    assert wrong == []


def test_every_response_has_the_security_headers(answers):
    lacking = {(answer.method, answer.name): answer.lacks for answer in answers if answer.lacks}
    assert {key: lacks for key, lacks in lacking.items() if key[1] not in SIGNING_OUT} == {}


def test_opening_pages_changes_nothing(answers):
    """The only exception: opening praise marks it as read by its receiver."""
    wrote = {
        (answer.name, answer.persona, sql.split('"')[1])
        for answer in answers
        if answer.method == "GET"
        for sql in answer.wrote
    }
    assert wrote == {
        ("praise:detail", "host", "observations_praise"),
        ("praise:list", "host", "observations_praise"),
    }


def test_signed_out_and_refused_requests_change_nothing(answers):
    posts = [answer for answer in answers if answer.method == "POST" and answer.name not in SIGNING_OUT]
    refused = [answer for answer in posts if answer.status in ("403", "404", "405", "in")]
    assert {(answer.name, answer.persona) for answer in refused if answer.wrote} == set()


@pytest.mark.not_on_postgresql
def test_methods_without_a_row_are_not_allowed(world):
    listed = {(row.name, row.method) for row in TABLE}
    wrong = {}
    for name, parameters in ADDRESSES.items():
        for method in ("GET", "POST"):
            if (row_name(name), method) not in listed:
                url = address(world, name, parameters, series_of(parameters)[-2:][0])
                wrong[name, method] = request_as(world, "walker", method, url).status_code
    assert {key: status for key, status in wrong.items() if status != 405} == {}


def _refused_requests_about_objects(answers, persona):
    """Yield one request per row about an existing object for which this persona got 404."""
    found = {}
    for answer in answers:
        ids = set(ADDRESSES[answer.name]) & {"walk_id", "note_id", "photo_id", "praise_id", "takeaway_id", "person_id"}
        if answer.persona == persona and answer.status == "404" and ids:
            found.setdefault((answer.name, answer.method), answer)
    return found.values()


@pytest.mark.parametrize("persona", [name for name in ("stranger", "colleague", "strange_admin") if name in PERSONAS])
def test_pages_of_others_look_like_missing_pages(world, answers, persona):
    different = []
    known = _refused_requests_about_objects(answers, persona)
    assert len(known) > 20
    for answer in known:
        url = url_of_missing_object(world, answer.name, ADDRESSES[answer.name], answer.which)
        missing = request_as(world, persona, answer.method, url, form_data(world, answer.name, answer.which))
        if (str(missing.status_code), len(missing.body)) != (answer.status, answer.length):
            different.append((answer.name, answer.method, answer.length, missing.status_code, len(missing.body)))
    assert different == []


@pytest.mark.not_on_postgresql
def test_head_is_answered_like_get_without_a_body(world, answers):
    place_photos(world)
    opened = {answer.name: answer for answer in answers if answer.method == "GET" and answer.persona == "walker"}
    wrong = {}
    for name, answer in opened.items():
        response = request_as(world, "walker", "HEAD", address(world, name, ADDRESSES[name], answer.which))
        expected = int(answer.status.replace("in", "302"))
        if (response.status_code, response.body) != (expected, b""):
            wrong[name] = (response.status_code, response.body)
    assert wrong == {}


@pytest.mark.not_on_postgresql
def test_a_post_without_its_token_is_refused_everywhere(world):
    strict = Client(enforce_csrf_checks=True)
    got = {}
    strict.force_login(world.people["walker"])
    with fast_requests():
        for name, *_alike in URLS_BY_ROW.values():
            parameters = ADDRESSES[name]
            url = address(world, name, parameters, series_of(parameters)[-2:][0])
            with rolled_back(), recorded_writes() as wrote:
                response = strict.post(url, form_data(world, name, series_of(parameters)[0]))
            got[name] = (response.status_code, "was open for a while" in response.content.decode(), bool(wrote))
    assert {name: result for name, result in got.items() if result != (403, True, False)} == {}


def test_djangos_admin_has_only_the_directory_and_the_catalogue():
    """Review what a newly registered model would show."""
    models = {name.split(":")[1].removesuffix("_changelist") for name in URLS_BY_ROW["admin:*_changelist"]}
    directory = "building campus dayoff daytype grade hallway lesson period person room roomclosure school semester"
    assert models == {f"school_{model}" for model in [*directory.split(), "team"]} | {"walks_practice"}


def test_every_request_was_rolled_back(world, answers):
    """Every request of this module is rolled back, so all tables are as at the start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM walks_walkevent")
        assert cursor.fetchone()[0] == world.events
