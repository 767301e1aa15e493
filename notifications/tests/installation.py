"""A whole installation for tests with several processes, on the database of the test run (SQLite or PostgreSQL)."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
import weakref
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psycopg
import time_machine

ROOT = Path(__file__).resolve().parents[2]
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "LD_PRELOAD", "CLOCK_SHIFT")
APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
PRELUDE = """
import copy, datetime as dt, os, sys, time
from pathlib import Path
from django.conf import settings
from django.utils import timezone
settings.TEMPLATES[0]["DIRS"].append(Path("notifications/tests/templates"))
from notifications import reminders
from notifications.sending import delivery, outbox, wake
from notifications.models import Message, Reminder
from notifications.tests.factories import a_message
from school.models import Person
from school.tests.factories import a_person, a_school
now = timezone.now()
later = now + dt.timedelta(minutes=11)
"""


@contextmanager
def database(folder, *, like=None):
    """Create a database for the installation in the folder, empty or a copy of `like`. Remove it afterwards."""
    server, url_file = os.environ.get("DATABASE_URL", ""), folder / "database-url"
    if not server.startswith("postgres"):
        yield
        return
    copied = (like / "database-url").read_text().rpartition("/")[2] if like else "template1"
    name = f"lw_{uuid.uuid4().hex}"
    url_file.write_text(f"{server.rpartition('/')[0]}/{name}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied}")
    try:
        yield
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class ConsoleSocket:
    """The socket to a process that forks others."""

    def __init__(self, control):
        self.control, self.answers, self.lock = control, control.makefile("r"), threading.Lock()

    def order(self, files=(), **order):
        """Send an order, perhaps with files for the new process. Return the answer."""
        with self.lock:
            socket.send_fds(self.control, [b" "], files) if files else self.control.sendall(b" ")
            self.control.sendall(f"{json.dumps(order)}\n".encode())
            answer = self.answers.readline()
        assert answer, "the console has ended; the reason is above"
        return json.loads(answer)

    def close(self):
        """Close the socket, so that the process at the other end stops."""
        self.answers.close()
        self.control.close()


@cache
def library_process():
    """Return the socket to the process that has loaded the libraries. It is started once and ends with the tests.

    It has a session of its own, so that Ctrl-C reaches only the tests.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        words = [sys.executable, "-m", "notifications.tests.console", str(theirs.fileno())]
        env = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        process = subprocess.Popen(words, cwd=ROOT, env=env, pass_fds=[theirs.fileno()], start_new_session=True)
    line = ConsoleSocket(ours)
    atexit.register(_end, line, process)
    return line


def _end(line, process):
    line.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Console:
    """A process that has loaded the product with these settings, and forks one more for each piece of code."""

    def __init__(self, env):
        self.env = dict(env)
        ours, theirs = socket.socketpair()
        with theirs:
            code = f"from notifications.tests import console\nconsole.serve_console({self.env!r})"
            library_process().order([theirs.fileno(), 1, 2], code=code)
        self.line = ConsoleSocket(ours)
        self.end = weakref.finalize(self, self.line.close)

    def order(self, files=(), **order):
        """Send an order over its own socket. Return the answer."""
        return self.line.order(files, **order)


class Process:
    """One process of an installation, with pipes like those of `subprocess`; `output` is a file for its output."""

    def __init__(self, console, code, output=None):
        self.console, self.returncode, self.took_too_long = console, None, False
        stdin, writing = os.pipe()
        reading, stdout = (None, os.open(output, APPEND, 0o600)) if output else os.pipe()
        self.stdin = os.fdopen(writing, "w")
        self.stdout = None if reading is None else os.fdopen(reading)
        try:
            self.pid = console.order([stdin, stdout, stdout if output else 2], code=PRELUDE + code)
        except BaseException:
            self.close()
            raise
        finally:
            os.close(stdin)
            os.close(stdout)

    def send_signal(self, number):
        """Send a signal, unless the process is known to have ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self):
        """kill -9."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout=60):
        """Return what it still prints, and set `returncode`. If it takes longer, kill it with its children and fail."""
        if self.returncode is not None:
            return ""
        clock = threading.Timer(timeout, self._kill_because_late)
        clock.daemon = True
        clock.start()
        try:
            with suppress(BrokenPipeError):
                self.stdin.close()
            output = self.stdout.read() if self.stdout else ""
            self.returncode = self.console.order(wait=self.pid)
        finally:
            clock.cancel()
            self.close()
        assert not self.took_too_long, f"it did not end within {timeout} seconds: {output[-2000:]}"
        return output

    def close(self):
        """Close the pipes."""
        for pipe in filter(None, (self.stdin, self.stdout)):
            with suppress(BrokenPipeError):
                pipe.close()

    def _kill_because_late(self):
        self.took_too_long = True
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class Installation:
    """Runs Python code, with Django set up, in processes that share one database."""

    def __init__(self, folder, mail_port=None):
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        url_file = folder / "database-url"
        self.env = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "learningwalks.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": url_file.read_text() if url_file.exists() else f"sqlite:///{folder / 'db.sqlite3'}",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}" if mail_port else "",
            "REDIS_URL": "",
            "DEMO": "1",
        }
        self.console = None

    def start(self, code, output=None):
        """Start a process with the current environment. Do not wait for it."""
        assert not time_machine.escape_hatch.is_travelling(), (
            "this process reads the real clock: mark the test services"
        )
        if self.console is None or self.console.env != self.env:
            self.console = Console(self.env)
        return Process(self.console, code, output)

    def run(self, code):
        """Run the code to its end. Return its output."""
        return self.finish(self.start(code))

    def finish(self, process, within=60):
        """Wait for a started process. Return its output."""
        output = process.communicate(within)
        assert process.returncode == 0
        return output.strip()

    def migrate(self):
        """Create the tables, one school and one person. The semester ends too late for reminders about its end."""
        migrate = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
        self.run(migrate + "a_person(a_school(today=now.date() + dt.timedelta(weeks=3)))")
        return self
