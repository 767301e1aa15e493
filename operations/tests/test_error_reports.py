"""Reports to Sentry, received by a real HTTP server: they say where an error happened and contain no private word."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest

from .services_plugin import manage

pytestmark = [pytest.mark.services, pytest.mark.not_on_postgresql]
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
SECRET = "Jonas had chalk on his nose"
ERRORS = """
import logging
from django.db import connection
from django.test import Client, override_settings
from django.core.management import call_command
from celery import shared_task
from learningwalks import urls

secret = {secret!r}


def broken(request, key):
    note = request.POST["note"]
    logging.getLogger("any").warning("a crumb of %s", note)
    try:
        connection.cursor().execute("SELECT nothing FROM nowhere WHERE note = %s", [note])
    except Exception as error:
        error.add_note(note)
        raise ValueError("cannot keep " + note) from error


@shared_task(name="tests.break_down")
def break_down(words):
    local = words
    raise KeyError(local)


with override_settings(ROOT_URLCONF=type("Urls", (), {{
    "urlpatterns": [urls.path("broken/<str:key>/", urls.login_not_required(broken)), *urls.urlpatterns],
    "handler500": urls.handler500,
}})):
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    address = "/broken/" + secret.replace(" ", "-") + "/?q=" + secret
    answer = client.post(address, {{"note": secret}}, headers={{"X-Words": secret, "Cookie": "c=" + secret}})
    print("answered", answer.status_code, answer["X-Request-ID"])
break_down.apply(args=[secret], kwargs={{}})
logging.getLogger("any").error("alone %s", secret)
import sentry_sdk
sentry_sdk.capture_message(secret)
sentry_sdk.flush(10)
"""


class Sink:
    """Stores what is sent to it."""

    def __init__(self):
        self.bodies = []

    @property
    def text(self):
        return "\n".join(self.bodies)

    @property
    def errors(self):
        """Return the type of every error that arrived, with the other fields of each event."""
        lines = [json.loads(line) for body in self.bodies for line in body.splitlines()]
        return [line for line in lines if "exception" in line]


@pytest.fixture
def sink():
    """A fake Sentry that keeps everything; `.dsn` is its address."""
    found = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.bodies.append(UNPACK[self.headers["Content-Encoding"]](body).decode())
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found.dsn = f"http://key@127.0.0.1:{server.server_port}/1"
        yield found
        server.shutdown()


def test_a_report_says_where_an_error_happened_and_quotes_no_text(sink, tmp_path):
    program = ERRORS.format(secret=SECRET)
    code, output = manage("shell", "-v0", "-c", program, DATA_DIR=str(tmp_path), SENTRY_DSN=sink.dsn)
    page, task = sink.errors
    number = output.partition("answered 500 ")[2].partition("\n")[0]  # a missing table is a bug
    assert (code, len(number)) == (0, 12)
    assert [error["type"] for error in page["exception"]["values"]] == [
        "OperationalError",
        "OperationalError",
        "ValueError",
    ]
    assert page["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "broken"
    assert (page["tags"]["request"], task["exception"]["values"][0]["type"]) == (number, "KeyError")
    assert [word for word in ("chalk", "nose", "SELECT", "cannot keep", "/broken/") if word in sink.text] == []


def test_without_a_dsn_nothing_is_reported(sink, tmp_path):
    program = "import sentry_sdk; print(sentry_sdk.is_initialized())"
    assert manage("shell", "-v0", "-c", program, DATA_DIR=str(tmp_path)) == (0, "False\n")
