"""One installation, and a copy of it for each experiment. The experiments run one after the other."""

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
from .tools import IMPORT_PEOPLE, Site

CREATE_TABLES = """
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
        yield (
            folder,
            json.loads(
                Installation(folder).run(CREATE_TABLES + IMPORT_PEOPLE + f"people.create_school({SIZES.clients})")
            ),
        )


@contextmanager
def a_copy(prepared):
    """Copy the prepared installation. Nothing runs in the copy yet."""
    original, people = prepared
    with temporary_folder() as folder:
        shutil.copytree(original, folder, dirs_exist_ok=True)
        with database(folder, like=original):
            new = Site(folder, people)
            try:
                yield new
            finally:
                new.stop()


@pytest.fixture(scope="session")
def prepared():
    """The installation that is copied for each experiment."""
    with prepare() as new:
        yield new


@pytest.fixture
def site(prepared):
    """A copy for this test alone."""
    with a_copy(prepared) as new:
        yield new


@pytest.fixture(scope="session")
def served(prepared):
    """A running web server shared by experiments that do not disturb each other."""
    with a_copy(prepared) as new:
        new.server = new.serve()
        yield new


@pytest.fixture
def site_with_own_database(monkeypatch):
    """An installation on a PostgreSQL server (`.server`) that can be stopped and started."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import postgres

    with postgres.Postgres() as server:
        monkeypatch.setenv("DATABASE_URL", server.url)
        with prepare() as original, a_copy(original) as new:
            new.server = server
            yield new


class MailServer:
    """Controls the process of mail_server.py."""

    def __init__(self, site, *options):
        self.site, self.file = site, site.folder / "accepted.txt"
        self.code = (
            "from operations.tests.faults import mail_server\n"
            f"mail_server.serve({site.mail_port}, {str(self.file)!r}, *{options})"
        )

    def start(self):
        """Start it (again) and wait until it listens."""
        ready = self.site.output().count("ready\n")
        self.pid = self.site.spawn(self.code)
        wait_until(lambda: self.site.output().count("ready\n") > ready)

    @property
    def accepted(self):
        """Return the Message-IDs of accepted mails, in order."""
        return [line.split()[0] for line in self.file.read_text().splitlines()] if self.file.exists() else []


@pytest.fixture
def mail_server(request):
    """Start a mail server in its own process: `mail_server(seconds=…, lose=…, stuck=…)`."""
    site = request.getfixturevalue(
        "site_with_own_database" if "site_with_own_database" in request.fixturenames else "site"
    )

    def make(*, seconds=0.0, lose=0, stuck=""):
        new = MailServer(site, seconds, lose, stuck)
        new.start()
        return new

    return make
