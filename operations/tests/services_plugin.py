"""Real services for tests: a broker, a mail server, a browser, and the whole product as a subprocess."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine

ROOT = Path(__file__).resolve().parents[2]
OUR_VARIABLES = re.compile(
    "(HOST|PORT|DATA_DIR|DATABASE_URL|REDIS_URL|EMAIL_URL|MAIL_FROM|SECRET_KEY|ALLOWED_HOSTS|SITE_URL|TIME_ZONE|DEMO"
    "|DEMO_BY_DEFAULT|DJANGO_ALLOW_ASYNC_UNSAFE|DEBUG|LOG_LEVEL|STATIC_ROOT|SSL_REDIRECT|TRUST.*|CSRF_.*|ADMINISTRATOR_MFA|WEB_.*"
    "|S3_.*|AWS_.*|LOG_FORMAT|METRICS_TOKEN|SENTRY_.*)"
)
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
)


def pytest_configure():
    """Allow the ORM beside Playwright's event loop, which runs in this thread. Only one test at a time uses it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Let Playwright use this system's Chromium (scripts/chromium.py finds or fetches one)."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import chromium

    return {**browser_type_launch_args, "executable_path": chromium.find(), "args": list(BROWSER_FLAGS)}


@pytest.fixture(scope="session")
def short_folder():
    """A folder with a path short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="lw-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class RunningBroker:
    """The embedded broker, with ways to make it fail."""

    def __init__(self, folder):
        from operations import broker

        self.url = broker.client_url("", folder)
        self.celery_url = broker.celery_url("", folder)
        self.command = broker.command(broker.program(), folder)
        self.state = lambda: broker.state(self.url)
        self.process = None

    def start(self):
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.state() == "ok")

    def stop(self):
        """Stop it; the queue stays on disk."""
        self.process.terminate()
        self.process.wait(20)

    def freeze(self):
        """Make it accept connections but never answer."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """End `freeze`."""
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def _session_broker(short_folder):
    running = RunningBroker(short_folder)
    running.start()
    yield running
    running.thaw()
    running.stop()


@pytest.fixture
def broker(_session_broker, settings):
    """A real broker with Celery's producers connected to it. It is healthy again after each test."""
    from celery import current_app as app

    before, app.conf.broker_url = app.conf.broker_url, _session_broker.celery_url
    settings.REDIS_URL = _session_broker.url
    _forget_connections(app)
    yield _session_broker
    _session_broker.thaw()
    if _session_broker.process.poll() is not None:
        _session_broker.start()
    app.conf.broker_url = before
    _forget_connections(app)


def _forget_connections(app):
    import kombu.pools

    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def smtp():
    """A real mail server: `.url` is its EMAIL_URL, `.sink` sets how it behaves and holds what it received."""
    from notifications.tests.smtp_sink import Sink, running

    sink = Sink()
    with running(sink) as port:
        yield SimpleNamespace(url=f"smtp://127.0.0.1:{port}", sink=sink)


class Stack:
    """`manage.py run` as a process with its own data, port and (on PostgreSQL) database."""

    def __init__(self, folder, **environment):
        from notifications.tests.smtp_sink import free_port

        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        shared = str(Path(folder).parent / "static")  # the first installation collects them
        settings = {"DATA_DIR": str(folder), "PORT": str(self.port), "STATIC_ROOT": shared, **environment}
        self.environment = clean_environment(**settings)
        self.process = None

    def start(self, *, within=60):
        """Start everything and wait until it serves pages."""
        assert not time_machine.escape_hatch.is_travelling(), (
            "these processes read the real clock: mark the test services"
        )
        self.process = start_manage("run", environment=self.environment)
        wait_until(lambda: self.status("/readyz") == 200 or self.process.poll() is not None, within=within)
        assert self.process.poll() is None, self.process.stdout.read()

    def get(self, path):
        """Return status and text of a page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def status(self, path):
        """Return the status of a page; 0 without an answer."""
        return self.get(path)[0]

    def ready(self):
        """Return the answer of /readyz."""
        return json.loads(self.get("/readyz")[1] or "{}")

    def children(self):
        """Return the ids of all processes it started, directly or not."""
        return descendants(self.process.pid)

    def stop(self):
        """Send SIGTERM. Return the exit code and the whole output."""
        if self.process.poll() is None:
            self.process.terminate()
        output, _ = self.process.communicate(timeout=90)
        return self.process.returncode, output


@pytest.fixture
def stack(short_folder):
    """`stack(NAME=value …)` creates a whole installation; it is stopped after the test."""
    stacks = []

    def make(folder=None, **environment):
        folder = folder or Path(tempfile.mkdtemp(dir=short_folder))
        stacks.append(Stack(folder, **environment))
        return stacks[-1]

    yield make
    for created in stacks:
        if created.process is not None:
            created.stop()


def clean_environment(**settings):
    """Return an environment for another process, without this one's settings."""
    kept = {name: value for name, value in os.environ.items() if not OUR_VARIABLES.fullmatch(name)}
    return kept | {"ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"} | settings


def start_manage(*words, environment):
    """Start `manage.py …` as a process with readable output."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def manage(*words, within=60, **settings):
    """Run `manage.py …` to its end. Return exit code and output."""
    process = start_manage(*words, environment=clean_environment(**settings))
    output, _ = process.communicate(timeout=within)
    return process.returncode, output


def wait_until(condition, *, within=30.0):
    """Poll until the condition is true."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.1)


def descendants(pid):
    """Return the ids of all processes below this one."""
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [found for child in below for found in (int(child), *descendants(int(child)))]
