"""The real web server with several workers, and visitors who use it over the network concurrently."""

import http.client
import os
import re
import secrets
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from notifications.tests.installation import Installation, database
from notifications.tests.smtp_sink import free_port
from operations.tests.services_plugin import wait_until

SERVE = """
from gunicorn.app.wsgiapp import run
sys.argv = ["gunicorn", "-c", "gunicorn.conf.py", "learningwalks.wsgi"]
run()
"""


class Web:
    """A gunicorn with its own data; `run(code)` works in the same database."""

    def __init__(self, folder, *, workers=3, settings="learningwalks.tests.quick_settings", **environment):
        self.installation, self.port = Installation(folder), free_port()
        self.log = folder / "web.log"
        self.env = self.installation.env | {
            "DJANGO_SETTINGS_MODULE": settings,
            "DEMO": "0",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(workers),
            "LW_PLAIN_STATIC": "1",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": secrets.token_urlsafe(50),
            **environment,
        }
        self.installation.env = self.env
        self.process = None

    def run(self, code):
        """Run Python code in the installation. Return its output."""
        return self.installation.run(code)

    def mails(self):
        """Return the files of all sent mails."""
        return sorted(Path(self.env["DATA_DIR"], "mail").glob("*.eml"))

    def start(self):
        """Start it and wait for the first page."""
        self.process = self.installation.start(SERVE, self.log)
        wait_until(self._answers, within=60)

    def _answers(self):
        try:
            return Visitor(self.port).get("/healthz").status in (200, 503)
        except OSError:
            return False

    def stop(self):
        """Stop it. Return its log."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate()
        return self.log.read_text() if self.log.exists() else ""


@contextmanager
def serving(people, **options):
    """Run a web server for its own school; `people` is code that creates them (see PRELUDE)."""
    with tempfile.TemporaryDirectory(prefix="lw-web-") as name, database(Path(name)):
        web = Web(Path(name), **options)
        web.run(
            "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
            "call_command('createcachetable', verbosity=0)\n" + people
        )
        try:
            web.start()
            yield web
        finally:
            web.stop()


class Visitor:
    """A browser that keeps cookies. Every request opens a new connection, so any worker may get it."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def get(self, path, **headers):
        return self.ask("GET", path, None, headers)

    def post(self, path, data, **headers):
        """Send a form with the token from the cookie."""
        if "csrftoken" not in self.cookies:
            self.get("/sign-in/")
        form = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **data}
        return self.ask("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"} | headers)

    def ask(self, method, path, body, headers):
        """Send a request; keep the cookies it sets, unless it is one of many at once."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": cookie, "Content-Length": str(len(body or ""))}
        for name, value in (sent | {key.replace("_", "-"): value for key, value in headers.items()}).items():
            connection.putheader(name, value)
        connection.endheaders((body or "").encode())
        answer = connection.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = re.match(r"([^=]+)=([^;]*)", line).groups()
            self.cookies[name] = value
        connection.close()
        return answer


def at_once(functions):
    """Run all these functions at the same moment. Return their results."""
    start = time.monotonic() + 0.3

    def wait_then(function):
        time.sleep(max(0, start - time.monotonic()))
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(wait_then, functions))
