"""An installation to measure: a database with a large school, and gunicorn as in production."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .meter import Meter

ROOT = Path(__file__).resolve().parent.parent
OUR_SETTINGS = (
    "HOST",
    "PORT",
    "SECRET_KEY",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "TIME_ZONE",
    "EMAIL_URL",
    "REDIS_URL",
    "DEBUG",
)


# The bare reference has as many processes and threads as the product, and nothing of our settings of gunicorn.
BARE_SITE = (
    "-c",
    os.devnull,
    "--log-level",
    "error",
    "-w",
    "2",
    "-k",
    "gthread",
    "--threads",
    "8",
    "django.core.wsgi:get_wsgi_application()",
)


class Installation:
    """A school in its own database. `with` starts its web server, and that of the bare reference beside it."""

    def __init__(self, database_url: str, postmaster: int, folder: Path) -> None:
        self.postmaster = postmaster  # the process id of PostgreSQL's main process
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name not in OUR_SETTINGS}
        self.environment = kept | {
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "only-for-measuring-" + "x" * 40,
            "DEMO": "0",
            "ADMINISTRATOR_MFA": "0",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        self.port = free_port()
        self.bare_port = free_port()
        self.webs: list[subprocess.Popen[bytes]] = []  # the product's first

    def fill(self, teachers: int, walks: int) -> None:
        """Load the demo school in this size, and collect static files with hashed names as in production."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("createcachetable")
        self.manage("seed_demo", "--teachers", str(teachers), "--walks", str(walks))
        self.run("real_school")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")

    def manage(self, *words: str) -> None:
        """Run a management command."""
        command = [sys.executable, "manage.py", *words]
        subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if words[0] == "seed_demo" else None,
        )

    def report(self, module: str, *words: str) -> Any:
        """Run a module of `bench` inside this installation and return the JSON it prints."""
        return json.loads(self.run(module, *words))

    def run(self, module: str, *words: str) -> bytes:
        """Run a module of `bench` inside this installation and return what it prints."""
        command = [sys.executable, "-m", f"bench.{module}", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE).stdout

    def __enter__(self) -> Installation:
        self.webs = [
            self._start(self.port, "bench.settings", "-c", "gunicorn.conf.py", "learningwalks.wsgi"),
            self._start(self.bare_port, "bench.bare_settings", *BARE_SITE),
        ]
        return self

    def _start(self, port: int, settings: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", *words]
        own = {"HOST": "127.0.0.1", "PORT": str(port), "DJANGO_SETTINGS_MODULE": settings}
        web = subprocess.Popen(command, cwd=ROOT, env=self.environment | own)
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if time.monotonic() > deadline or web.poll() is not None:
                sys.exit("The web server did not start.")
            time.sleep(0.2)
        return web

    def __exit__(self, *error: object) -> None:
        for web in self.webs:
            web.terminate()
        for web in self.webs:
            web.wait(40)

    def meter(self) -> Meter:
        """Start measuring the CPU time of both web servers and of the database."""
        return Meter([web.pid for web in self.webs], self.postmaster)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
