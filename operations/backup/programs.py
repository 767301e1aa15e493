"""Find PostgreSQL's command-line programs in a suitable version, and run them. No command contains the password."""

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
        "or set PG_BIN to its folder."
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


def connection_arguments() -> tuple[list[str], dict[str, str]]:
    """Return the command-line arguments that select our database, and an environment with the password."""
    command, extra = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    _psql, *server, name = command
    return [*server, f"--dbname={name}"], {**os.environ, **(extra or {})}


def run(command: list[str], *, into: IO[bytes] | None = None) -> None:
    """Run the program to its end; `into` receives its output. Raise BackupError with its first error."""
    _arguments, environment = connection_arguments()
    done = subprocess.run(command, env=environment, stdout=into, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name}: {first_error(done.stderr)}")


def first_error(errors: bytes) -> str:
    """Return the first line that mentions an error. Skip DETAIL and CONTEXT: they quote rows, which are private."""
    lines = [line for line in errors.decode("utf-8", "replace").splitlines() if re.search("error|fatal", line, re.I)]
    return (lines or ["it stopped without an error message"])[0].strip()[:300]
