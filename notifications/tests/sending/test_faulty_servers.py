"""Faulty mail servers: a mail is retried if the server did not accept its data, and else its delivery is unknown."""

import datetime as dt
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from notifications.models import Message
from notifications.sending import delivery, transports
from notifications.tests.factories import a_message
from notifications.tests.smtp_sink import ScriptedServer

pytestmark = pytest.mark.django_db


@contextmanager
def server_that_says(greeting):
    """A server that sends this greeting and then nothing."""
    listener, calls = socket.create_server(("127.0.0.1", 0)), []

    def answer():
        while True:
            try:
                calls.append(listener.accept()[0])
                calls[-1].sendall(greeting)
            except OSError:
                return

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for call in calls:
            call.close()
        thread.join()


@pytest.mark.parametrize(
    ("greeting", "options"),
    [
        (b"", {}),  # the server never answers
        (b"421 too busy\r\n", {}),
        (b"554 go away\r\n", {}),
        (b"\x16\x03\x01 what?\r\n", {}),
        (b"220 hello\r\n", {}),  # and then nothing
        (b"220 hello\r\n", {"EMAIL_USE_SSL": True}),  # the server has no TLS
        (b"220 hello\r\n250 mail.example\r\n", {"EMAIL_USE_TLS": True}),  # the server does not offer TLS
        (b"220 hello\r\n250-mail.example\r\n250 STARTTLS\r\n220 go\r\nnonsense", {"EMAIL_USE_TLS": True}),
    ],
)
def test_a_faulty_server_is_tried_again_within_two_minutes(walker, settings, now, greeting, options):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "smtp://x", "127.0.0.1", 0.3
    for name, value in options.items():
        setattr(settings, name, value)
    messages = [a_message(walker, key=str(number)) for number in range(3)]
    started = time.monotonic()
    with server_that_says(greeting) as settings.EMAIL_PORT:
        assert delivery.sweep(now) == 1
    assert time.monotonic() - started < 10  # EMAIL_TIMEOUT ends it, on a busy machine too
    first = Message.objects.get(pk=messages[0].pk)
    assert (first.state, first.data_started_at, first.attempts) == ("queued", None, 1)
    assert now < first.next_try <= now + dt.timedelta(minutes=2)
    assert Message.objects.filter(state="queued", attempts=0).count() == 2


@pytest.fixture
def scripted(settings):
    """Send mails to a scripted server: `with scripted(ScriptedServer(answers)) as server`."""
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "smtp://x", "127.0.0.1", 2

    @contextmanager
    def serve(server):
        with server as settings.EMAIL_PORT:
            yield server

    return serve


@pytest.mark.parametrize("answer", ["cut", "250 fine", "299 odd", "334 odd", "999 odd", "what?", "451 later"])
def test_a_mail_is_sent_again_if_the_server_did_not_accept_the_data_command(walker, scripted, now, answer):
    """Before the answer 354 no byte of the mail is sent, so it is retried automatically."""
    message = a_message(walker)
    with scripted(ScriptedServer({"DATA": answer})):
        delivery.sweep(now)
    message.refresh_from_db()
    assert (message.state, message.data_started_at) == ("queued", None)
    with scripted(ScriptedServer()) as healthy:
        delivery.sweep(now + dt.timedelta(minutes=2))
    message.refresh_from_db()
    assert (message.state, len(healthy.bodies)) == ("sent", 1)


@pytest.mark.parametrize("answer", ["cut", "354 more", "what?"])
def test_delivery_is_unknown_without_a_valid_answer_after_the_mail(walker, scripted, now, answer):
    message = a_message(walker)
    with scripted(ScriptedServer({".": answer})) as server:
        delivery.sweep(now)
    message.refresh_from_db()
    assert (message.state, len(server.bodies)) == ("unknown", 1)


def test_a_server_that_ends_its_lines_with_lf_gets_the_mail_unchanged(walker, scripted, now):
    message = a_message(walker, context={"words": "one\n.two\n..three"})
    with scripted(ScriptedServer(newline="\n")) as server:
        delivery.sweep(now)
    message.refresh_from_db()
    assert message.state == "sent"
    assert b"\r\n..two\r\n...three" in server.bodies[0]


@pytest.mark.parametrize(
    ("verb", "limit", "state"),
    [
        ("220", "envelope_seconds", "queued"),
        ("MAIL", "envelope_seconds", "queued"),
        ("DATA", "data_seconds", "queued"),
        (".", "data_seconds", "unknown"),
    ],
)
def test_a_server_that_answers_byte_by_byte_is_given_up_in_time(walker, scripted, monkeypatch, now, verb, limit, state):
    monkeypatch.setattr(transports.SmtpTransport, limit, 0.5)
    message, started = a_message(walker), time.monotonic()
    with scripted(ScriptedServer({verb: "drip"})):
        delivery.sweep(now)
    assert time.monotonic() - started < 5  # it would drip for ten seconds
    message.refresh_from_db()
    assert message.state == state


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({"220": "cut"}, "WARNING"),
        ({"RCPT": "550 nobody"}, "WARNING"),
        ({".": "cut"}, "WARNING"),
        ({"RCPT": "451 later"}, "INFO"),
        ({}, "INFO"),
    ],
)
def test_a_failed_mail_is_logged_as_a_warning_without_its_address(walker, scripted, now, caplog, answers, level):
    caplog.set_level("INFO", logger="notifications")
    a_message(walker)
    with scripted(ScriptedServer(answers)):
        delivery.sweep(now)
    (record,) = [record for record in caplog.records if record.name == "notifications.sending.delivery"]
    assert record.levelname == level
    assert walker.email not in record.getMessage()


def test_a_mail_that_expired_is_logged_as_a_warning(walker, scripted, now, caplog):
    a_message(walker)
    with scripted(ScriptedServer({"RCPT": "451 later"})):
        delivery.sweep(now + dt.timedelta(hours=72) - dt.timedelta(milliseconds=1))
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [line for line in warned if line.endswith("failed, expired")] != []
