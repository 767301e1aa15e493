"""An installation made once, and a copy of it for each experiment. The experiments run one after the other."""

import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from notifications.tests.installation import ROOT, Installation, database
from operations.tests.services_plugin import wait_until

from .sizes import SIZES
from .tools import PEOPLE, Site

MAKE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable")
"""


@contextmanager
def temporary_folder():
    """Return a folder with a path short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="lw-faults-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def prepare():
    """Create an installation with its school. Return its folder and its people."""
    with temporary_folder() as folder, database(folder):
        yield folder, json.loads(Installation(folder).run(MAKE + PEOPLE + f"people.build({SIZES.clients})"))


@contextmanager
def a_copy(prepared):
    """Copy it; nothing runs in the copy yet."""
    original, people = prepared
    with temporary_folder() as folder:
        shutil.copytree(original, folder, dirs_exist_ok=True)
        with database(folder, like=original):
            made = Site(folder, people)
            try:
                yield made
            finally:
                made.stop()


@pytest.fixture(scope="session")
def prepared():
    """The installation that is copied for each experiment."""
    with prepare() as made:
        yield made


@pytest.fixture
def site(prepared):
    """A copy for this test alone."""
    with a_copy(prepared) as made:
        yield made


@pytest.fixture(scope="session")
def served(prepared):
    """A running web server shared by experiments that do not disturb each other."""
    with a_copy(prepared) as made:
        made.server = made.serve()
        yield made


@pytest.fixture
def restarting(monkeypatch):
    """An installation on a PostgreSQL server (`.server`) that can be stopped and started."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import postgres

    with postgres.Postgres() as server:
        monkeypatch.setenv("DATABASE_URL", server.url)
        with prepare() as original, a_copy(original) as made:
            made.server = server
            yield made


class Mailroom:
    """The mail server of mailroom.py."""

    def __init__(self, site, *options):
        self.site, self.file = site, site.folder / "accepted.txt"
        self.code = (
            "from operations.tests.faults import mailroom\n"
            f"mailroom.open_at({site.mail_port}, {str(self.file)!r}, *{options})"
        )

    def start(self):
        """Start it (again) and wait until it listens."""
        ready = self.site.said().count("ready\n")
        self.pid = self.site.spawn(self.code)
        wait_until(lambda: self.site.said().count("ready\n") > ready)

    @property
    def accepted(self):
        """The Message-IDs it accepted, in order."""
        return [line.split()[0] for line in self.file.read_text().splitlines()] if self.file.exists() else []


@pytest.fixture
def mailroom(request):
    """Start a mail server in its own process: `mailroom(seconds=…, lose=…, stuck=…)`."""
    site = request.getfixturevalue("restarting" if "restarting" in request.fixturenames else "site")

    def make(*, seconds=0.0, lose=0, stuck=""):
        made = Mailroom(site, seconds, lose, stuck)
        made.start()
        return made

    return make
