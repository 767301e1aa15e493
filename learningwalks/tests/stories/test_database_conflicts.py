"""A form that the database rolls back because of a conflict runs again; after a second conflict it shows an error."""

import datetime as dt
import re
import uuid
from html import escape

import pytest
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected, SerializationFailure

from observations.tests.factories import a_jpeg, a_praise
from school.tests.factories import NOW
from walks.models import Stop, Walk
from walks.tests.factories import a_walk

pytestmark = pytest.mark.usefixtures("frozen_clock")

WORDS = 'Could you add "204"? And <thank you>!'


class ConflictOn:
    """Refuses the first `times` changes of a table with this PostgreSQL error."""

    def __init__(self, table, times, error=DeadlockDetected):
        self.table, self.times, self.error = table, times, error

    def __call__(self, execute, sql, params, many, context):
        change = re.match(rf'\s*(INSERT INTO|UPDATE) "{self.table}"', sql)
        if change and self.times > 0:
            self.times -= 1
            raise OperationalError("deadlock detected") from self.error()
        return execute(sql, params, many, context)


class ConflictWith(ConflictOn):
    """Refuses the first change of a table. Before the form runs again, `winner` makes the concurrent change."""

    def __init__(self, table, winner):
        super().__init__(table, 1)
        self.winner = winner

    def __call__(self, execute, sql, params, many, context):
        if self.times == 0 and self.winner and sql.startswith("SELECT"):
            winner, self.winner = self.winner, None
            winner()
        return super().__call__(execute, sql, params, many, context)


@pytest.fixture
def send(sign_in):
    """Send a form while the database refuses changes; error pages are shown, not raised."""

    def sent(person, path, data, conflict):
        client = sign_in(person)
        client.get("/help/")
        client.raise_request_exception = False
        with connection.execute_wrapper(conflict):
            return client.post(path, data)

    return sent


@pytest.mark.parametrize("error", [DeadlockDetected, SerializationFailure])
def test_a_form_rolled_back_once_succeeds(send, walker, hosts, head, error):
    walk = a_walk(walker, hosts, state="requested")
    answer = send(head, f"/approvals/{walk.pk}/approve/", {}, ConflictOn("walks_walk", 1, error))
    assert (answer.status_code, answer.url) == (302, "/approvals/")
    assert list(walk.events.values_list("action", flat=True)) == ["approve"]


def test_a_form_rolled_back_twice_shows_an_error_and_keeps_its_text(send, client, walker, hosts, head):
    walk = a_walk(walker, hosts, state="changes_asked")
    path = f"/walks/{walk.pk}/cancel/"
    answer = send(walker, path, {"why": WORDS}, ConflictOn("walks_walk", 2))
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Your words are still here" in page
    assert escape(WORDS) in page
    assert client.post(path, {"why": WORDS}).status_code == 302
    assert Walk.objects.get().state == "cancelled"


def test_text_stays_in_its_own_form_where_the_page_can_show_it(send, walker, hosts):
    walk = a_walk(walker, hosts, state="walked")
    path = f"/walks/{walk.pk}/takeaway/"
    answer = send(walker, path, {"text": "Exit tickets"}, ConflictOn("observations_takeaway", 2))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Your words are still here" in page
    assert "Exit tickets" in page
    assert send(walker, path, {"text": "Exit tickets"}, ConflictOn("observations_takeaway", 1)).status_code == 302


def test_a_retried_form_that_is_no_longer_allowed_gets_the_403_page(send, walker, hosts):
    """Another phone says that the walker was not in this room."""
    stop = a_walk(walker, hosts, state="walked").stops.first()
    skip = ConflictWith("observations_praise", lambda: Stop.objects.filter(pk=stop.pk).update(skipped_at=NOW))
    answer = send(walker, f"/walks/{stop.walk_id}/praise/{stop.pk}/", {"text": WORDS}, skip)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "<h1>This page isn’t yours to open</h1>" in page
    assert "Praise is written after the walk, for the rooms you were in." in page


def test_other_database_errors_are_not_retried(send, walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    conflict = ConflictOn("walks_walk", 9, OSError)
    assert send(head, f"/approvals/{walk.pk}/approve/", {}, conflict).status_code == 503
    assert conflict.times == 8


def test_praise_opens_even_if_marking_it_as_read_fails(sign_in, walker, hosts):
    """Opening a page is not retried, so the conflict must not become an error page."""
    received = a_praise(
        a_walk(walker, hosts, state="walked").stops.first(), "Exit tickets!", sent_at=NOW - dt.timedelta(hours=1)
    )
    client = sign_in(received.host)
    client.raise_request_exception = False
    with connection.execute_wrapper(ConflictOn("observations_praise", 1)):
        answer = client.get(f"/praise/{received.pk}/")
    assert answer.status_code == 200
    assert "Exit tickets!" in answer.content.decode()
    received.refresh_from_db()
    assert received.read_at is None


def test_a_retried_form_reads_its_file_again(send, walker, hosts):
    walk = a_walk(walker, hosts, state="approved", started_at=NOW)
    stop = walk.stops.first()
    walk.stops.filter(pk=stop.pk).update(arrived_at=NOW)
    page = str(uuid.uuid4())  # set by the page, so that a form sent twice makes one note and one photo
    data = {"note_id": page, "page": page, "photos": a_jpeg(), "text": "A word wall"}
    answer = send(walker, f"/walks/{walk.pk}/go/{stop.pk}/leave/", data, ConflictOn("observations_photo", 1))
    assert (answer.status_code, stop.photos.count(), stop.notes.count()) == (302, 1, 1)
