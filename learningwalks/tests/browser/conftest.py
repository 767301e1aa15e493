"""A demo school for each browser test: a copy of one seeded file, on a Wednesday morning, behind a real web server.

The pages of a test are watched: a console error, a blocked script or style, a request to another site, or a response of
500 fails it. BROWSER_PICTURES=folder saves a picture of every page at the end of its test. BROWSER_SLOW=1 sends every
page in two halves, so that tests fail which do not wait for the whole page.
"""

import os
import re
import shutil
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.files import locks
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from django.utils import timezone
from playwright.sync_api import expect

from notifications.sending import delivery
from school.models import Person
from walks.models import State, Stop, Walk
from walks.workflow import walking

MOMENT = datetime(2026, 11, 11, 9, 0, tzinfo=UTC)  # a Wednesday in the autumn semester; London shows the same time
PHONE, DESKTOP = 390, 1280
expect.set_options(timeout=15_000)  # a busy machine may be slow
HEIGHTS = {PHONE: 844, DESKTOP: 860}


@contextmanager
def _database(path):
    """Let every thread of this process use this file; restore the usual test database afterwards."""
    usual, usual_settings = connections["default"], connections.settings["default"]
    ours = usual.copy()
    ours.settings_dict["NAME"] = str(path)
    connections["default"], connections.settings["default"] = ours, ours.settings_dict
    try:
        yield
    finally:
        ours.close()
        connections["default"], connections.settings["default"] = usual, usual_settings


@pytest.fixture(scope="session")
def seeded(tmp_path_factory, django_db_blocker):
    """The demo school as a file. The first worker makes it while the others wait."""
    if connections["default"].vendor != "sqlite":
        pytest.skip("the browser tests copy a file of SQLite")
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # which all workers share
    file = folder / "demo.sqlite3"
    with (folder / "demo.lock").open("w") as lock:
        locks.lock(lock, locks.LOCK_EX)
        if not file.exists():
            new = folder / "new-demo.sqlite3"
            with time_machine.travel(MOMENT), django_db_blocker.unblock(), _database(new):
                call_command("migrate", verbosity=0)
                call_command("createcachetable")
                call_command("seed_demo")
            new.rename(file)
    return file


@dataclass
class Site:
    """The running demo of one test."""

    url: str
    clock: time_machine.Traveller

    def person(self, mailbox):
        """Return a person of the demo."""
        return Person.objects.get(email=f"{mailbox}@maplehill.example")

    def walks(self, mailbox="walker", **filters):
        """Return a person's walks, newest first."""
        return Walk.objects.filter(walker__email=f"{mailbox}@maplehill.example", **filters).order_by(
            "-starts_at", "-pk"
        )

    @property
    def now(self):
        """Return the current time in the school's zone."""
        return timezone.now()

    def advance(self, *, minutes=0, seconds=0):
        """Move the clock forward."""
        self.clock.shift(timedelta(minutes=minutes, seconds=seconds))

    def deliver(self):
        """Send everything that is due to the mailbox, as the worker does."""
        return delivery.sweep(self.now)


class CachedStaticFiles(StaticFilesHandler):
    """Lets browsers cache static files, as in production; otherwise every page of a tour loads all of them."""

    def __call__(self, environ, start_response):
        answer = super().__call__(environ, start_response)
        return _in_two_halves(answer) if os.environ.get("BROWSER_SLOW") else answer

    def serve(self, request):
        response = super().serve(request)
        response["Cache-Control"] = "max-age=3600"
        return response


def _in_two_halves(answer):
    """Send half of `main` first, and the rest a third of a second later, like a slow connection."""
    with closing(answer):
        content = b"".join(answer)
        half = (max(content.find(b"<main"), 0) + len(content)) // 2
        yield content[:half]
        time.sleep(0.35)
        yield content[half:]


@pytest.fixture
def site(seeded, tmp_path, settings, django_db_blocker):
    """A fresh copy of the demo school behind its own web server."""
    settings.DEMO = True
    file = tmp_path / "school.sqlite3"
    shutil.copy(seeded, file)
    with time_machine.travel(MOMENT) as clock, django_db_blocker.unblock(), _database(file):
        server = LiveServerThread("127.0.0.1", CachedStaticFiles, port=0)
        server.start()
        server.is_ready.wait()
        assert server.error is None, server.error
        settings.SITE_URL = f"http://127.0.0.1:{server.port}"
        yield Site(settings.SITE_URL, clock)
        server.terminate()


@dataclass
class Watch:
    """Records what goes wrong in the pages of a test."""

    origin: str
    problems: list[str] = field(default_factory=list)
    allowed: list[str] = field(
        default_factory=lambda: ["htmx:sendAbort", "htmx:afterRequest"]
    )  # a newer redraw replaced an older one
    allowed_statuses: set[int] = field(default_factory=set)  # statuses from 500 that this test allows

    def watch_context(self, context):
        """Watch every page of a browser context."""
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._on_request)
        context.on("response", self._on_response)

    def allow(self, words):
        """Allow console messages with these words. The test does not demand that they come."""
        self.allowed.append(words)

    def _on_console(self, message):
        if message.type in ("error", "warning") and not any(words in message.text for words in self.allowed):
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request):
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.problems.append(f"left the site: {request.url}")

    def _on_response(self, answer):
        if answer.status >= 500 and answer.status not in self.allowed_statuses:
            self.problems.append(f"{answer.status}: {answer.url}")


@pytest.fixture
def watch(site):
    """The watch over this test's pages."""
    return Watch(site.url)


@pytest.fixture
def visit(site, browser, watch, request):
    """`visit("walker", PHONE)` opens a page signed in as a demo person; `visit()` opens one signed out."""
    contexts = []

    def open_page(mailbox=None, width=DESKTOP, **options):
        options = {"locale": "en-GB", "timezone_id": "Europe/London", "reduced_motion": "reduce"} | options
        size = {"width": width, "height": HEIGHTS.get(width, 800)}
        context = browser.new_context(base_url=site.url, viewport=size, **options)
        context.set_default_timeout(15_000)
        watch.watch_context(context)
        contexts.append(context)
        if mailbox:
            sign_in(context, site, mailbox)
        return context.new_page()

    yield open_page
    for context in contexts:
        _keep_pictures(request.node.name, context)
        context.close()
    assert watch.problems == []


@pytest.fixture
def room_page(visit, site):
    """Amara's phone in the first room of today's walk."""
    walk = site.walks(state=State.APPROVED).get()
    stop = Stop.objects.filter(walk=walk).first()
    walking.arrive(stop, by=site.person("walker"), now=site.now)
    page = visit("walker", PHONE)
    page.goto(f"/walks/{walk.pk}/go/{stop.pk}/")
    return page


def sign_in(context, site, mailbox):
    """Give the browser a session."""
    client = Client()
    client.force_login(site.person(mailbox))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])


def _keep_pictures(name, context):
    folder = os.environ.get("BROWSER_PICTURES")
    for page in context.pages if folder else []:
        page.wait_for_load_state()
        path = re.sub(r"\W+", "-", page.url.split("/", 3)[-1]).strip("-")
        page.screenshot(path=Path(folder) / f"{name}-{path}.png", full_page=True)
