"""A whole installation of its own, on SQLite or PostgreSQL as the test run, for tests of several processes."""

import os
import subprocess
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import copy, datetime as dt, os, sys, time
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.utils import timezone
settings.TEMPLATES[0]["DIRS"].append(Path("notifications/tests/templates"))
from notifications import nudging, outbox, reminders
from notifications.models import Message, Reminder
from notifications.tests.factories import a_message
from school.models import Person
from school.tests.factories import a_person, a_school
now = timezone.now()
later = now + dt.timedelta(minutes=11)
"""


@contextmanager
def database(folder, *, like=None):
    """A database for the installation in the folder, empty or a copy; on PostgreSQL gone afterwards."""
    server, note = os.environ.get("DATABASE_URL", ""), folder / "database-url"
    if not server.startswith("postgres"):
        yield
        return
    copied = (like / "database-url").read_text().rpartition("/")[2] if like else "template1"
    name = f"lw_{uuid.uuid4().hex}"
    note.write_text(f"{server.rpartition('/')[0]}/{name}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied}")
    try:
        yield
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Installation:
    """Runs Python code, with Django set up, in processes that share one database."""

    def __init__(self, folder, mail_port=None):
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
        note = folder / "database-url"
        self.env = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "learningwalks.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": note.read_text() if note.exists() else f"sqlite:///{folder / 'db.sqlite3'}",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}" if mail_port else "",
            "REDIS_URL": "",
            "DEMO": "1",
        }

    def start(self, code):
        """Start a process and do not wait."""
        command = [sys.executable, "-c", PRELUDE + code]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, code):
        """Run to the end; what was printed."""
        return self.finish(self.start(code))

    def finish(self, process):
        """Wait for a process that was started; what it printed."""
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        return output.strip()

    def migrate(self):
        """Make the database, with one school and one person."""
        migrate = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
        self.run(migrate + "a_person(a_school())")
        return self
