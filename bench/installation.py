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


class Installation:
    """A school in its own database. `with` starts its web server."""

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
            "DEMO": "1",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        self.port = free_port()
        self.web: subprocess.Popen[bytes] | None = None

    def fill(self, teachers: int, walks: int) -> None:
        """Load the demo school in this size, and collect static files with hashed names as in production."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("createcachetable")
        self.manage("seed_demo", "--teachers", str(teachers), "--walks", str(walks))
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
        command = [sys.executable, "-m", f"bench.{module}", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def __enter__(self) -> Installation:
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "learningwalks.wsgi"]
        environment = self.environment | {"HOST": "127.0.0.1", "PORT": str(self.port)}
        self.web = subprocess.Popen(command, cwd=ROOT, env=environment)
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            if time.monotonic() > deadline or self.web.poll() is not None:
                sys.exit("The web server did not start.")
            time.sleep(0.2)
        return self

    def __exit__(self, *error: object) -> None:
        assert self.web is not None
        self.web.terminate()
        self.web.wait(40)

    def meter(self) -> Meter:
        """Start measuring this installation's CPU time."""
        assert self.web is not None
        return Meter(self.web.pid, self.postmaster)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
