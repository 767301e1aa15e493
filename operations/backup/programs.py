"""Find PostgreSQL's command-line programs in a fitting version, and run them without the password in the command."""

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
    """Return the program in the server's major version or newer. Look in PG_BIN, else in PATH and the usual folders.

    Raise BackupError if there is none.
    """
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
        output = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)(?:\.\d+)?", output)
    return int(found[1]) if found else 0


def address() -> tuple[list[str], dict[str, str]]:
    """Return the connection's command-line arguments, and an environment that holds the password."""
    words, extra = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    _psql, *where, name = words
    return [*where, f"--dbname={name}"], {**os.environ, **(extra or {})}


def run(words: list[str], *, into: IO[bytes] | None = None) -> None:
    """Run the program to its end. Raise BackupError with the last line of its errors."""
    _words, environment = address()
    done = subprocess.run(words, env=environment, stdout=into, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{Path(words[0]).name}: {last_line(done.stderr)}")


def last_line(errors: bytes) -> str:
    """Return the first line that mentions an error.

    Skip DETAIL and CONTEXT, in which PostgreSQL quotes rows of tables.
    """
    lines = [line for line in errors.decode("utf-8", "replace").splitlines() if re.search("error|fatal", line, re.I)]
    return (lines or ["it stopped without a reason"])[0].strip()[:300]
