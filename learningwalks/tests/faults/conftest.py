"""A prepared installation, made once, and a copy of it for each experiment. All experiments run one after the other."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from learningwalks.tests.services_plugin import wait_until
from notifications.tests.installation import Installation, database

from .sizes import NOW
from .tools import HERE, PEOPLE, Site


MAKE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable")
"""


def pytest_collection_modifyitems(items):
    """One group, so that they share one prepared installation and do not disturb each other's clocks."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="session")
def prepared():
    """The installation with its school."""
    folder = Path(tempfile.mkdtemp(prefix="lw-faults-"))
    with database(folder):
        people = json.loads(Installation(folder).run(MAKE + PEOPLE + f"people.build({NOW.clients})"))
        yield folder, people
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def site(prepared):
    """A copy of it; nothing runs yet."""
    original, people = prepared
    folder = Path(tempfile.mkdtemp(prefix="lw-faults-"))
    shutil.copytree(original, folder, dirs_exist_ok=True)
    with database(folder, like=original):
        made = Site(folder, people)
        yield made
        made.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Mailroom:
    """The mail server of mailroom.py."""

    def __init__(self, site, *, seconds, lose):
        self.site, self.file = site, site.folder / "accepted.txt"
        self.code = f"from learningwalks.tests.faults import mailroom\nmailroom.open_at({site.mail_port}, {str(self.file)!r}, {seconds}, {lose})"

    def start(self):
        """Start it (again) and wait until it listens."""
        ready = self.site.said().count("ready\n")
        self.pid = self.site.spawn(self.code)
        wait_until(lambda: self.site.said().count("ready\n") > ready)

    @property
    def accepted(self):
        """The Message-IDs it took, in order."""
        return [line.split()[0] for line in self.file.read_text().splitlines()] if self.file.exists() else []


@pytest.fixture
def mailroom(site):
    """`mailroom(seconds=…, lose=…)`: a mail server in a process of its own, started."""

    def make(*, seconds=0.0, lose=0):
        made = Mailroom(site, seconds=seconds, lose=lose)
        made.start()
        return made

    return make
