"""PostgreSQL's own programs: found in a version that fits the server, run without a password in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

from .archive import BackupError

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


def find(name: str, *, major: int) -> str:
    """The program in the server's version or a newer one: PG_BIN, then PATH, then where systems put it."""
    seen = []
    for path in _candidates(name):
        version = _version(path)
        if version >= major:
            return path
        seen.append(f"{path} is version {version}")
    found = f" ({'; '.join(seen)})" if seen else ""
    raise BackupError(
        f"{name} of PostgreSQL {major} or newer is needed here{found}. Install it (Debian: postgresql-client-{major}), "
        "or say in PG_BIN in which folder it is."
    )


def _candidates(name: str) -> list[str]:
    if settings.PG_BIN:
        return [str(Path(settings.PG_BIN) / name)]
    found = [path] if (path := shutil.which(name)) else []
    folders = [folder for pattern in PLACES for folder in Path("/").glob(pattern[1:])]
    return [*found, *(str(folder / name) for folder in sorted(folders, reverse=True) if (folder / name).exists())]


def _version(path: str) -> int:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)(?:\.\d+)?", said)
    return int(found[1]) if found else 0


def address() -> tuple[list[str], dict[str, str]]:
    """How these programs reach the database: words for the command line, and the password in the environment."""
    words, extra = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    _psql, *where, name = words
    return [*where, f"--dbname={name}"], {**os.environ, **(extra or {})}


def run(words: list[str], *, into: IO[bytes] | None = None) -> None:
    """Run to the end; what went wrong is said in the program's last line."""
    _words, environment = address()
    done = subprocess.run(words, env=environment, stdout=into, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{Path(words[0]).name}: {last_line(done.stderr)}")


def last_line(said: bytes) -> str:
    """The most telling line of an error; never a row of a table, which PostgreSQL tells in DETAIL and CONTEXT."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if re.search("error|fatal", line, re.I)]
    return (lines or ["it stopped without a reason"])[0].strip()[:300]
