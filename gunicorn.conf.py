"""The web server: two processes of eight threads. No access log of its own: addresses can hold private links."""

import os
from pathlib import Path

import environ

from learningwalks import logs

environ.Env.read_env(os.environ.get("ENV_FILE") or Path(__file__).with_name(".env"))
HOST = os.environ.get("HOST") or "127.0.0.1"
LEVEL = (os.environ.get("LOG_LEVEL") or "INFO").upper()

bind = [f"{f'[{HOST}]' if ':' in HOST else HOST}:{os.environ.get('PORT') or 8000}"]
worker_class = "learningwalks.web_worker.WebWorker"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
timeout = 60
graceful_timeout = 30
max_requests = 1000
max_requests_jitter = 100
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (memory, not a fixed file)
control_socket_disable = True
accesslog = None
proc_name = "learningwalks"
logconfig_dict = logs.configuration(LEVEL, (os.environ.get("LOG_FORMAT") or "text").lower())


def post_worker_init(worker):  # type: ignore[no-untyped-def]
    """Each web process keeps the database's helper files in place."""
    from learningwalks import sqlite

    worker.reader = sqlite.hold_open()
