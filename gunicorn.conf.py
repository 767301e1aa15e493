"""The web server: two processes of eight threads. It writes no access log, because URLs can contain private links."""

import gc
import os
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from learningwalks import environment
from operations import hosts, logs

env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE") or Path(__file__).with_name(".env"))
try:
    PORT = environment.number(env, "PORT", default=8000, lowest=1, highest=65535)
    workers = environment.number(env, "WEB_CONCURRENCY", default=2, lowest=1)
    threads = environment.number(env, "WEB_THREADS", default=8, lowest=1)
except ImproperlyConfigured as error:
    sys.exit(f"Learning Walks cannot start: {error}")
HOST = os.environ.get("HOST") or "127.0.0.1"
LEVEL = (os.environ.get("LOG_LEVEL") or "INFO").upper()

bind = [f"{hosts.bracketed(HOST)}:{PORT}"]
worker_class = "operations.web.worker.WebWorker"
timeout = 60
graceful_timeout = 30
max_requests = 20_000  # rarely, because the first pages of a new process are slow (docs/performance.md)
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (gunicorn picks a random name)
control_socket_disable = True
accesslog = None
proc_name = "learningwalks"
logconfig_dict = logs.configuration(LEVEL, (os.environ.get("LOG_FORMAT") or "text").lower())


def post_worker_init(worker):  # type: ignore[no-untyped-def]
    """Keep SQLite's helper files, and store long request bodies in the data folder, because /tmp may be in memory.

    Python's garbage collector skips what the application has loaded, and looks less often (docs/performance.md).
    """
    from django.conf import settings

    from operations import sqlite
    from operations.web import incoming

    folder = settings.DATA_DIR / "tmp"
    folder.mkdir(mode=0o700, exist_ok=True)
    incoming.Body.folder = str(folder)
    worker.sqlite_connection = sqlite.hold_open()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
