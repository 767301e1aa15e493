"""The phone hears which of its copies the server has, and forgets only those."""

import pytest

from observations.models import Note, Praise
from observations.words.copies import COOKIE
from school.tests.factories import NOW
from walks.tests.factories import a_walk

COPY = "mibk3f2kqz81"
WORDS = "Every table held up the answer and how."


@pytest.fixture
def stop(walker, hosts):
    return a_walk(walker, hosts, state="walked").stops.first()


@pytest.fixture
def told(sign_in, walker, stop):
    """What the answer to this form says of the copy."""

    def post(page, **data):
        path = f"/walks/{stop.walk_id}/{page}/"
        answer = sign_in(walker).post(path.replace("STOP", str(stop.pk)), {"text": WORDS, "copy": COPY} | data)
        return answer.cookies[COOKIE].value if COOKIE in answer.cookies else None

    return post


def test_a_note_that_is_stored_is_named(told, stop):
    assert told("go/STOP/note") == f"note-{stop.pk}.{COPY}"
    assert Note.objects.get().text == WORDS


@pytest.mark.parametrize("action", ["save", "send"])
def test_praise_that_is_stored_is_named(told, stop, action):
    assert told("praise/STOP", action=action) == f"praise-{stop.pk}.{COPY}"
    assert Praise.objects.get().text == WORDS


def test_praise_said_in_person_is_named(told, stop):
    assert told("praise/STOP/in-person") == f"praise-{stop.pk}.{COPY}"


@pytest.mark.parametrize("data", [{"text": "x" * 4001}, {"copy": ""}, {"copy": "a; path=/x"}, {"copy": "x" * 41}])
def test_what_is_not_stored_or_not_ours_is_not_named(told, data):
    assert told("go/STOP/note", **data) is None


def test_praise_that_was_sent_already_keeps_other_words_on_the_phone(told, stop):
    Praise.objects.create(
        stop=stop, author=stop.walk.walker, host=stop.host, text="Sent", sent_at=NOW, updated_at=NOW, send_count=1
    )
    assert told("praise/STOP/in-person") is None
    assert told("praise/STOP", action="send") is None
