"""One installation for measuring: a database with a big school, and gunicorn as it runs in production."""

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
OURS = ("HOST", "PORT", "SECRET_KEY", "SITE_URL", "ALLOWED_HOSTS", "TIME_ZONE", "EMAIL_URL", "REDIS_URL", "DEBUG")


class Installation:
    """A school of some size in a database of its own; `with` starts its web server."""

    def __init__(self, database_url: str, postmaster: int, folder: Path) -> None:
        self.postmaster, self.folder = postmaster, folder
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
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
        """The demo school in the size asked for, and static files with hashed names, as in production."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("createcachetable")
        self.manage("seed_demo", "--teachers", str(teachers), "--walks", str(walks))
        self.manage("collectstatic", "--noinput", "--verbosity", "0")

    def manage(self, *words: str) -> None:
        """Run one of the product's commands."""
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
        """What a module of the bench finds out inside this installation (it prints JSON)."""
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
        """The processor time of this installation from now on."""
        assert self.web is not None
        return Meter(self.web.pid, self.postmaster)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
