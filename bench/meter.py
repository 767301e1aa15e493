"""The processor time and the memory of server processes, in nanoseconds and bytes, from the kernel's own accounts."""

from __future__ import annotations

import time
from pathlib import Path

PROC = Path("/proc")


def cpu_of(pid: int) -> float:
    """Seconds that all threads of a process have run, ended ones included; finer than the ticks of /proc."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the kernel's number for "processor clock of this process"
    except OSError:
        return 0.0


def memory_of(pid: int) -> int:
    """Resident bytes of a process; 0 when it has ended."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)


def children_of(pid: int) -> list[int]:
    """The processes that this one started, of all its threads."""
    found = (path.read_text().split() for path in (PROC / str(pid) / "task").glob("*/children"))
    return [int(number) for numbers in found for number in numbers]


def is_backend(pid: int) -> bool:
    """Whether a PostgreSQL process serves a connection (and is not one of its own housekeepers)."""
    try:
        return "[local]" in (PROC / str(pid) / "cmdline").read_text()
    except OSError:
        return False


class Meter:
    """Processor seconds of gunicorn's workers and of PostgreSQL's backends since the last look."""

    def __init__(self, web: int, database: int) -> None:
        self.web, self.database = web, database
        self.seen: dict[int, float] = {}
        self.spent()

    def processes(self) -> list[int]:
        """Workers and backends that live now."""
        return children_of(self.web) + [pid for pid in children_of(self.database) if is_backend(pid)]

    def spent(self) -> float:
        """What was used since the last call; a process that began meanwhile counts from its beginning."""
        now = {pid: cpu_of(pid) for pid in self.processes()}
        used = sum(max(seconds - self.seen.get(pid, 0.0), 0.0) for pid, seconds in now.items())
        self.seen = now
        return used
