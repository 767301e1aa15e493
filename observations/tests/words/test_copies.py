"""The server names the form whose words it stored, so that the phone deletes its own copy of them."""

import pytest

from observations.models import Note, Praise
from observations.words.copies import COOKIE
from school.tests.factories import NOW

COPY = "mibk3f2kqz81"
WORDS = "Every table held up the answer and how."


@pytest.fixture
def cookie_after(sign_in, walker, stop):
    """Return a function that sends the form and returns the cookie of the answer, which names the stored copy."""

    def post(page, **data):
        path = f"/walks/{stop.walk_id}/{page}/"
        answer = sign_in(walker).post(path.replace("STOP", str(stop.pk)), {"text": WORDS, "copy": COPY} | data)
        return answer.cookies[COOKIE].value if COOKIE in answer.cookies else None

    return post


def test_the_answer_names_a_stored_note(cookie_after, stop):
    assert cookie_after("go/STOP/note") == f"note-{stop.pk}.{COPY}"
    assert Note.objects.get().text == WORDS


@pytest.mark.parametrize("action", ["save", "send"])
def test_the_answer_names_stored_praise(cookie_after, stop, action):
    assert cookie_after("praise/STOP", action=action) == f"praise-{stop.pk}.{COPY}"
    assert Praise.objects.get().text == WORDS


def test_the_answer_names_praise_said_in_person(cookie_after, stop):
    assert cookie_after("praise/STOP/in-person") == f"praise-{stop.pk}.{COPY}"


@pytest.mark.parametrize("data", [{"text": "x" * 4001}, {"copy": ""}, {"copy": "a; path=/x"}, {"copy": "x" * 41}])
def test_the_answer_names_nothing_that_was_not_stored(cookie_after, data):
    assert cookie_after("go/STOP/note", **data) is None


def test_the_phone_keeps_its_copy_if_other_words_were_sent_before(cookie_after, stop):
    Praise.objects.create(
        stop=stop, author=stop.walk.walker, host=stop.host, text="Sent", sent_at=NOW, updated_at=NOW, send_count=1
    )
    assert cookie_after("praise/STOP/in-person") is None
    assert cookie_after("praise/STOP", action="send") is None
