"""Tools for experiments: installations whose processes can be killed, concurrent clicks, and measured figures."""

import http.client
import json
import os
import signal
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

from notifications.tests.installation import ROOT, Installation
from notifications.tests.smtp_sink import free_port
from operations.tests.services_plugin import wait_until
from operations.tests.web.web_server import SERVE

from .sizes import SIZES

TOKEN = "t" * 32  # the same in the form and in the cookie
IMPORT_PEOPLE = "from operations.tests.faults import people\n"
WORKER = [
    "--quiet",
    "worker",
    "--pool",
    "threads",
    "--concurrency",
    "4",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "--loglevel",
    "WARNING",
]
RUN_CELERY = "from learningwalks.celery import app\napp.start({words})"
RUN_OUTBOX_LOOP = (
    "from django.core.management import call_command\ncall_command('outbox', '--loop', '--every', '{every}')"
)
SPEED_UP_BEAT = (
    "for entry in settings.CELERY_BEAT_SCHEDULE.values(): entry['schedule'] = max(entry['schedule'] * {factor}, 1.0)\n"
)
BROKER = """
import json
from operations import broker
print(json.dumps(broker.command(broker.program(), settings.DATA_DIR)))
"""


class Site(Installation):
    """An installation with its own data, database, ports and processes. `stop` removes everything."""

    def __init__(self, folder, people):
        self.port, self.mail_port = free_port(), free_port()
        super().__init__(folder, self.mail_port)
        self.folder, self.people, self.started, self.others = folder, people, [], []
        self.env |= {
            "PORT": str(self.port),
            "LW_PLAIN_STATIC": "1",
            "ENV_FILE": os.devnull,
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }

    def spawn(self, code):
        """Start a process of the product. Return its id; its output is in `output()`."""
        self.started.append(self.start(code, self.folder / "output.txt"))
        return self.started[-1].pid

    def output(self):
        """Return the output of all processes."""
        file = self.folder / "output.txt"
        return file.read_text(errors="replace") if file.exists() else ""

    def states(self):
        return self.run("print(*Message.objects.values_list('state', flat=True))").split()

    def serve(self):
        """Start the web server as in production, and wait until it answers."""
        server = self.spawn(SERVE)
        wait_until(lambda: self.client().get("/healthz").status == 200, within=60)
        return server

    def worker(self):
        """Start Celery's worker as `manage.py run` does."""
        return self.spawn(RUN_CELERY.format(words=WORKER))

    def beat(self):
        """Start Celery's beat; in small experiments with shorter intervals."""
        words = ["beat", "--loglevel", "WARNING", "--pidfile=", "--schedule", str(self.folder / uuid.uuid4().hex)]
        return self.spawn(SPEED_UP_BEAT.format(factor=SIZES.beat_factor) + RUN_CELERY.format(words=words))

    def loop(self, *, every=0.2):
        """Start `manage.py outbox --loop`."""
        return self.spawn(RUN_OUTBOX_LOOP.format(every=every))

    def broker(self):
        command = json.loads(self.run(BROKER))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.others.append(process)
        return process

    def stop(self):
        """Kill what still runs."""
        for process in self.started:
            end(process.pid)
        for process in self.started:
            process.communicate()
        for process in self.others:
            process.kill()
            process.communicate()

    def client(self, person=None):
        """Return a browser, signed in if a person is given."""
        return Browser(self.port, person["session"] if person else "")


def end(pid):
    """kill -9 the process and everything it started; wait until it has ended."""

    def is_killed():
        for kill in (os.killpg, os.kill):  # a process that was just forked has no group of its own yet
            with suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
        return not alive(pid)

    wait_until(is_killed)


def alive(pid):
    """Return whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Browser:
    """A person's requests, each on its own connection; status 0 means no answer."""

    def __init__(self, port, session):
        self.port, self.session = port, session

    def get(self, path):
        return self._ask("GET", path, None, {})

    def post(self, path, data=None, *, file=None, headers=None):
        """Submit a form, perhaps with a file (name, bytes)."""
        fields = [("csrfmiddlewaretoken", TOKEN)]
        for name, value in (data or {}).items():
            fields += [(name, str(item)) for item in (value if isinstance(value, list) else [value])]
        if file is None:
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        else:
            kind, body = _multipart(fields, *file)
        return self._ask("POST", path, body, {"Content-Type": kind, **(headers or {})})

    def _ask(self, method, path, body, headers):
        cookies = f"csrftoken={TOKEN}" + (f"; sessionid={self.session}" if self.session else "")
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {"Cookie": cookies, "Connection": "close", **headers})
            answer = connection.getresponse()
            status, text, location = answer.status, answer.read().decode(errors="replace"), answer.getheader("Location")
        except (OSError, http.client.HTTPException):
            status, text, location = 0, "", None
        finally:
            connection.close()
        seconds = time.monotonic() - started
        return SimpleNamespace(status=status, text=text, location=location or "", seconds=seconds)


def _multipart(fields, name, content):
    line = b"--lw\r\nContent-Disposition: form-data; "
    parts = [line + f'name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields]
    head = line + f'name="photos"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
    return "multipart/form-data; boundary=lw", b"".join([*parts, head, content, b"\r\n--lw--\r\n"])


def a_plan(site, rooms=3, *, op="send", **more):
    """Return what the planning page posts."""
    chosen = site.people["rooms"][:rooms]
    plan = {"op": op, "focus": site.people["focus"], "date": site.people["day"], "period": site.people["period"]}
    return plan | {"stop": chosen, "order": chosen, "announced": "yes"} | more


def at_once(jobs):
    """Run all jobs at the same moment. Return their results in order."""
    start = threading.Barrier(len(jobs))

    def run(job):
        start.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0


def figure(what, value, promised=""):
    """Record a figure for the table of `make faults`."""
    if os.environ.get("FAULTS_FIGURES"):
        line = {"what": what, "value": str(value), "promised": str(promised)}
        with open(os.environ["FAULTS_FIGURES"], "a") as file:
            file.write(json.dumps(line) + "\n")
