"""Prepare an installation to serve: locks, port, database, demo school, static files."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection, connections

from school import demo
from school.models import School

from .supervisor import StartError

SERVING = "serving.lock"
PORT_PATIENCE = 3.0  # seconds for a stopping server to release the port


def lock(data_dir: Path, *, name: str = "run.lock", kind: int = fcntl.LOCK_EX) -> IO[str]:
    """Lock the data folder. Two brokers or two servers in one folder would corrupt each other's data."""
    file = (data_dir / name).open("w")
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise StartError(f"Learning Walks is already running with the data in {data_dir}.") from error
    return file


def lock_for_serving(data_dir: Path) -> IO[str]:
    """Take the lock that all web processes share. While one holds it, no restore can start."""
    return lock(data_dir, name=SERVING, kind=fcntl.LOCK_SH)


def listening_socket(host: str, port: int) -> socket.socket:
    """Bind the port before any other preparation, so that a port in use is reported at once."""
    deadline = time.monotonic() + PORT_PATIENCE
    while True:
        try:
            return _listen(host, port)
        except socket.gaierror as error:
            raise StartError(f"HOST {host} is not an address of this machine.") from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise StartError(_bind_error(error, host, port)) from error
            time.sleep(0.2)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _bind_error(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. Choose another one, such as PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user. Choose one above 1023, such as PORT=8000."
    return f"HOST {host}, PORT {port} cannot be used: {error.strerror}."


def prepare_database() -> None:
    """Migrate, and create the cache table."""
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    except DatabaseError as error:
        raise _unusable(error) from error


def _unusable(error: DatabaseError) -> StartError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return StartError(f"The database cannot be used: {reason}")


def switch_demo_off(say: Callable[[str], None]) -> bool:
    """Set DEMO=0 for all processes if a real school is in the database, because the demo's passwords are public.

    Return whether it was set; the caller must then restart this process. Raise StartError if DEMO=1 was set
    explicitly.
    """
    if not settings.DEMO or not _is_true_in_database(demo.has_real_school):
        return False
    if settings.DEMO_IS_EXPLICIT:
        advice = "Leave DEMO out, or use another DATA_DIR."
        raise StartError(f"DEMO=1 is set, but a real school is in this database. {advice}")
    say("A real school is in this database: no demo (DEMO=0)")
    os.environ["DEMO"] = "0"
    return True


def refuse_demo_data() -> None:
    """Raise StartError if a real school would start in a database that holds the demo's made-up people."""
    if not settings.DEMO and _is_true_in_database(demo.schools().exists):
        advice = "Start with another folder, such as DATA_DIR=var/school, or DATABASE_URL."
        raise StartError(f"The demo school is in the data of {settings.DATA_DIR}. {advice}")


def _is_true_in_database(question: Callable[[], bool]) -> bool:
    """Return the answer to the question, or False if the database has no tables yet."""
    try:
        return School._meta.db_table in connection.introspection.table_names() and question()
    except DatabaseError as error:
        raise _unusable(error) from error
    finally:
        connections.close_all()


def load_demo(say: Callable[[str], None]) -> None:
    """Load the demo school into an empty database, or bring an existing demo school up to date."""
    if settings.DEMO and (_is_empty() or demo.schools().exists()):
        say("Loading the demo school" if _is_empty() else "Bringing the demo school up to date")
        call_command("seed_demo", stdout=StringIO())
    connections.close_all()


def _is_empty() -> bool:
    return not School.objects.exists()


def collect_static() -> None:
    """Collect static files, but only if one changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    wanted = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _make_older_than_every_source(root)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted)


def _make_older_than_every_source(root: Path) -> None:
    """Let collectstatic copy all files again. It skips a file whose copy is newer, even if the file has changed.

    So it is after an upgrade whose files are older than the last start, for example from an archive.
    """
    for file in root.rglob("*"):
        if file.is_file():
            os.utime(file, (0, 0))


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
