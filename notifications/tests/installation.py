"""A whole installation of its own, with a database file, for tests that need several processes."""

import os
import subprocess
import sys
from pathlib import Path

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


class Installation:
    """Runs Python code, with Django set up, in processes that share one database file."""

    def __init__(self, folder, mail_port=None):
        url = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_port}"} if mail_port else {}
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.env = {**kept, **url, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "learningwalks.settings"}

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
