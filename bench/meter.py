"""CPU time (seconds) and memory (bytes) of server processes, as the kernel counts them."""

from __future__ import annotations

import time
from pathlib import Path

PROC = Path("/proc")


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process, ended threads included. The ticks in /proc are less precise."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the kernel's id of that process's CPU clock
    except OSError:
        return 0.0


def memory_of(pid: int) -> int:
    """Return the resident bytes of a process; 0 if it has ended."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)


def children_of(pid: int) -> list[int]:
    """Return the child processes, whichever thread started them."""
    found = (path.read_text().split() for path in (PROC / str(pid) / "task").glob("*/children"))
    return [int(number) for numbers in found for number in numbers]


def is_backend(pid: int) -> bool:
    """Return whether a PostgreSQL process serves a connection (and is not a background process)."""
    try:
        return "[local]" in (PROC / str(pid) / "cmdline").read_text()
    except OSError:
        return False


class Meter:
    """CPU seconds of gunicorn's workers and PostgreSQL's backends since the last call."""

    def __init__(self, webs: list[int], database: int) -> None:
        self.webs = webs  # process ids of gunicorn's and PostgreSQL's main processes
        self.database = database
        self.seen: dict[int, float] = {}
        self.spent()

    def processes(self) -> list[int]:
        """Return the current workers and backends."""
        workers = [pid for web in self.webs for pid in children_of(web)]
        return workers + [pid for pid in children_of(self.database) if is_backend(pid)]

    def spent(self) -> float:
        """Return the seconds since the last call. A new process counts from its start."""
        now = {pid: cpu_of(pid) for pid in self.processes()}
        used = sum(max(seconds - self.seen.get(pid, 0.0), 0.0) for pid, seconds in now.items())
        self.seen = now
        return used
