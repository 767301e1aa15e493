"""The gunicorn worker class used in gunicorn.conf.py: gunicorn manages the processes, waitress serves in each."""

from __future__ import annotations

import os
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from . import connections

LINGER_SECONDS = 1.0  # to receive requests that were sent just before this process was asked to stop
# This pipe makes sure that only one process at a time is replaced: it holds a byte while none is being replaced.
# gunicorn's main process creates it, and all workers inherit it.
TURN, GIVE_TURN = os.pipe()
os.set_blocking(TURN, False)
os.write(GIVE_TURN, b".")


class WebWorker(Worker):
    """Reads all connections in the main thread and passes complete requests to its web threads."""

    def run(self) -> None:
        """Serve until asked to stop, or until this process has served max_requests."""
        self.map: dict[int, Any] = {}
        self.web_threads = ThreadedTaskDispatcher()
        self.web_threads.set_thread_count(self.cfg.threads)
        self.servers = [
            connections.server_on(listener.sock, self._count_and_answer, threads=self.web_threads, map=self.map)
            for listener in self.sockets
        ]
        if self.age > self.cfg.workers:
            give_turn()  # this process replaces another
        while self.alive:
            self._serve_for()
            self._check_whether_to_stop()
        self._drain()

    def _count_and_answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.nr += 1
        return self.wsgi(environ, start_response)

    def _serve_for(self, seconds: float = 1.0) -> None:
        self.notify()
        wasyncore.loop(timeout=seconds, use_poll=True, map=self.map, count=1)

    def _check_whether_to_stop(self) -> None:
        if self.ppid != os.getppid():
            self.log.info("Parent changed, shutting down: %s", self)
            self.alive = False
        # Prefer a moment without requests, but do not wait too long for one.
        is_due = self.nr >= self.max_requests and (not self._is_busy() or self.nr >= 2 * self.max_requests)
        if is_due and take_turn():
            self.alive = False

    def _is_busy(self) -> bool:
        return any(channel.busy for server in self.servers for channel in server.active_channels.values())

    def _drain(self) -> None:
        """Accept no more connections, finish the current requests, then stop."""
        began = time.monotonic()
        for server in self.servers:
            server.draining = True
            server.stop_listening()
        while self._is_busy() or time.monotonic() < began + LINGER_SECONDS:
            self._serve_for(0.1)
            for server in self.servers:
                server.maintenance(time.time())
            if time.monotonic() > began + self.cfg.graceful_timeout:
                break
        self.web_threads.shutdown()


def take_turn() -> bool:
    """Return whether this process may be replaced now. If so, the others have to wait for `give_turn`."""
    try:
        return bool(os.read(TURN, 1))
    except BlockingIOError:
        return False


def give_turn() -> None:
    """Let the next process be replaced."""
    take_turn()
    os.write(GIVE_TURN, b".")
