"""Mail servers that are ill before any mail: it waits, is tried again soon, and the others are not touched."""

import datetime as dt
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from notifications import outbox
from notifications.models import Message
from notifications.tests.factories import a_message

pytestmark = pytest.mark.django_db


@contextmanager
def server_that_says(greeting):
    """A server that says this to whoever calls and then nothing any more."""
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
        (b"", {}),  # a black hole
        (b"421 too busy\r\n", {}),
        (b"554 go away\r\n", {}),
        (b"\x16\x03\x01 what?\r\n", {}),
        (b"220 hello\r\n", {}),  # and then nothing
        (b"220 hello\r\n", {"EMAIL_USE_SSL": True}),  # no TLS there
        (b"220 hello\r\n250 mail.example\r\n", {"EMAIL_USE_TLS": True}),  # none offered
        (b"220 hello\r\n250-mail.example\r\n250 STARTTLS\r\n220 go\r\nnonsense", {"EMAIL_USE_TLS": True}),
    ],
)
def test_an_ill_server_is_tried_again_within_two_minutes(walker, settings, now, greeting, options):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "smtp://x", "127.0.0.1", 0.3
    for name, value in options.items():
        setattr(settings, name, value)
    messages = [a_message(walker, key=str(number)) for number in range(3)]
    begun = time.monotonic()
    with server_that_says(greeting) as settings.EMAIL_PORT:
        assert outbox.sweep(now) == 1
    assert time.monotonic() - begun < 10  # EMAIL_TIMEOUT ends it, on a busy machine too
    first = Message.objects.get(pk=messages[0].pk)
    assert (first.state, first.fenced_at, first.attempts) == ("queued", None, 1)
    assert now < first.next_try <= now + dt.timedelta(minutes=2)
    assert Message.objects.filter(state="queued", attempts=0).count() == 2
