"""Define the processes that the supervisor runs: broker, web server, worker, beat."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from django.conf import settings

from . import broker
from .supervisor import Child, StartError

QUIET = {
    "LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser",  # normal in a container, and safe: no pickle
}
OLD_BROKER_PATIENCE = 10.0  # seconds


def broker_process(binary: str) -> Child:
    """The embedded broker, with its socket and queue in the data folder."""
    try:
        argv = broker.command(binary, settings.DATA_DIR)
    except OSError as error:
        raise StartError(f"The broker's folder cannot be used: {error}") from error
    _wait_for_old_broker()
    return Child("broker", argv, ready=lambda: _broker_state() == "ok", stop_within=20)


def web_process(listener: int) -> Child:
    """gunicorn on a socket that is already listening."""
    config = str(settings.BASE_DIR / "gunicorn.conf.py")
    argv = [sys.executable, "-m", "gunicorn", "-c", config, "--bind", f"fd://{listener}", "learningwalks.wsgi"]
    return _python("web server", argv, ready=_web_answers, ready_within=60, stop_within=35, pass_fds=(listener,))


def worker_process() -> Child:
    """Celery's worker with four threads. It needs no messages to other workers, because it is the only one."""
    options = "--pool threads --concurrency 4 --without-gossip --without-mingle --without-heartbeat"
    return _python("worker", [*_celery("worker"), *options.split()], stop_within=60)


def beat_process() -> Child:
    """Celery's beat, which also runs due tasks itself when the broker is down."""
    return _python("beat", [*_celery("beat"), "--pidfile="], stop_within=40)


def _celery(command: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "--app",
        "learningwalks",
        command,
        "--loglevel",
        QUIET["LOG_LEVEL"],
    ]


def _python(name: str, argv: list[str], **options: object) -> Child:
    return Child(name, argv, env=QUIET, folder=settings.BASE_DIR, **options)  # type: ignore[arg-type]


def _broker_state() -> str:
    return broker.state(broker.client_url("", settings.DATA_DIR))


def _wait_for_old_broker() -> None:
    """Wait until the broker of a killed run has ended; the kernel asks it to stop (see supervisor.py)."""
    deadline = time.monotonic() + OLD_BROKER_PATIENCE
    while _broker_state() != "down":
        if time.monotonic() > deadline:
            raise StartError(f"Another broker still uses {broker.socket_path(settings.DATA_DIR)}. Stop it first.")
        time.sleep(0.2)


def _web_answers() -> bool:
    host = "127.0.0.1" if settings.LOCAL_HOST == "localhost" else settings.HOST
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}/healthz"
    request = urllib.request.Request(address, headers={"Host": urlsplit(settings.SITE_URL).netloc})
    try:
        with urllib.request.urlopen(request, timeout=2):  # noqa: S310 (our own address)
            return True
    except urllib.error.HTTPError:
        return True  # an error response also shows that the server runs
    except OSError:
        return False
