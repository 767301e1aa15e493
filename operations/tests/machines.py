"""Several simulated machines, each with its own data folder; database, broker, photo store and mails are shared."""

import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from contextlib import contextmanager

from notifications.tests.smtp_sink import free_port
from operations import broker

from .services_plugin import ROOT, clean_environment, wait_until

KEY = "Zt9x-Qm4vB7w_Lk2pR8yN5cJ1hG6fD3sA0uXeTiOoPqWnMzKrVb"
HOST = "walks.maplehill.example"
SHARED = {
    "SECRET_KEY": KEY,
    "SITE_URL": f"http://{HOST}",
    "DJANGO_SETTINGS_MODULE": "learningwalks.settings",
    "LW_PLAIN_STATIC": "1",
}
CELERY = [sys.executable, "-m", "celery", "-A", "learningwalks"]


@contextmanager
def redis(folder):
    """A broker that listens on the network, as several machines need. Yield its REDIS_URL."""
    port = free_port()
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(folder), "save": "", "maxmemory-policy": "noeviction"}
    words = [part for name, value in options.items() for part in (f"--{name}", value)]
    server = subprocess.Popen([broker.program(), *words], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: broker.state(f"redis://127.0.0.1:{port}/0") == "ok")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)


class Machine:
    """One machine: its folder and its processes."""

    def __init__(self, folder, shared):
        folder.mkdir()
        self.folder, self.port, self.running = folder, free_port(), {}
        own = {"DATA_DIR": str(folder / "data"), "PORT": str(self.port)}
        (folder / "data").mkdir()
        self.environment = clean_environment(**shared, **own, LOG_FORMAT="json", WEB_CONCURRENCY="1")
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self, name, *words):
        """Start a process and log its output to a file of that name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(words, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def start_web(self):
        """Start the web server as docs/deploy.md says."""
        self.start("web", sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "learningwalks.wsgi")

    def start_worker(self):
        """Start a worker as docs/deploy.md says."""
        self.start("worker", *CELERY, "worker", "--pool", "threads", "--concurrency", "2", "-n", f"{self.port}@here")

    def start_beat(self):
        """Start beat as docs/deploy.md says."""
        self.start("beat", *CELERY, "beat", "--pidfile=")

    def answers(self):
        """Return whether the web server answers."""
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def logged(self, name):
        """Return everything a process wrote."""
        file = self.folder / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def lines(self, name):
        """Return the JSON lines of a process."""
        return [json.loads(line) for line in self.logged(name).splitlines() if line.startswith("{")]

    def files(self):
        """Return the files on this machine's own disk."""
        return {path.name for path in (self.folder / "data").rglob("*")}

    def stop(self):
        """Stop the web server gracefully and kill the others (test_run.py stops those gracefully)."""
        for name, process in self.running.items():
            process.terminate() if name == "web" else process.kill()
        for process in self.running.values():
            process.wait(40)


class Visitor:
    """A browser that a load balancer sends to one machine and then to another."""

    def __init__(self, email):
        self.email, self.cookies = email, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, machine, path):
        """Return status, content and final URL."""
        return self._open(urllib.request.Request(machine.address + path, headers={"Host": HOST}))

    def post(self, machine, path, data, files=(), **headers):
        """Send a form with its token."""
        token = next((c.value for c in self.cookies if c.name == "csrftoken"), "")
        fields = [*data.items(), ("csrfmiddlewaretoken", token)]
        if not files:
            body = urllib.parse.urlencode(fields).encode()
        else:
            mark = uuid.uuid4().hex
            headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
            body = _multipart(mark, fields, files)
        return self._open(urllib.request.Request(machine.address + path, body, {"Host": HOST, **headers}))

    def sign_in(self, machine, password):
        """Submit the sign-in form."""
        self.get(machine, "/sign-in/")
        return self.post(machine, "/sign-in/", {"login": self.email, "password": password})

    def _open(self, request):
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.read(), answer.url
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.url


def _multipart(mark, fields, files):
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    for name, filename, content in files:
        head = (
            f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        parts.append(head.encode() + content)
    edge = f"--{mark}\r\n".encode()
    return b"".join(edge + part + b"\r\n" for part in parts) + f"--{mark}--\r\n".encode()


def prepare(machines):
    """Create tables, and a school with a finished walk whose mails are due. Beat has been away for a day."""
    words = [sys.executable, "-c", SCHOOL, *(str(machine.folder / "data") for machine in machines)]
    environment = machines[0].environment
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return json.loads(re.findall("facts (.*)", done.stdout)[0])


SCHOOL = """
import datetime as dt, json, sys
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
from operations.beat import Scheduler
from learningwalks.celery import app
from school.tests.factories import a_person, a_school
from walks.tests.factories import a_walk
today = timezone.now().date()
school = a_school(today=today)
walker, *hosts = [a_person(school, name, "Osei") for name in ("Amara", "Jonas", "Leila", "Priya", "Mei")]
walk = a_walk(walker, hosts, state="walked", date=today - dt.timedelta(days=1))
for folder in sys.argv[1:]:
    schedule = Scheduler(app, schedule_filename=folder + "/beat-schedule")
    for entry in schedule.schedule.values():
        entry.last_run_at -= dt.timedelta(days=1)
    schedule.close()
print("facts", json.dumps({"walker": walker.email, "hosts": [host.email for host in hosts], "walk": walk.pk,
                           "stops": [stop.pk for stop in walk.stops.all()]}))
"""
