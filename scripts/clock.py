"""Shift the clock of the processes that tests start, and list the dates on which the tests must pass."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

SOURCE = Path(__file__).with_name("shift_clock.c")
ZONE = ZoneInfo("Europe/London")  # where the schools of the tests are
DAY = dt.timedelta(days=1)


class CannotShiftError(Exception):
    """The clock cannot be shifted; the message says why."""


def dates(now: dt.datetime) -> dict[str, dt.datetime]:
    """Return the moments (UTC) on which the suite must pass. All but the first are in the future.

    Dates in the past do not work: the browser would take the server's cookies as expired.
    """
    days = [now.date() + n * DAY for n in range(1, 9 * 366)]  # there may be eight years without a leap day

    def first(hour: int, minute: int, fits: Callable[[dt.date], bool]) -> dt.datetime:
        day = next(filter(fits, days))
        return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=dt.UTC)

    return {
        "today": now,
        "a Saturday night": first(23, 50, lambda day: day.weekday() == 5),
        "the day after the last semester": first(8, 30, lambda day: (day.month, day.day) == (12, 19)),
        "New Year’s Eve": first(23, 50, lambda day: (day.month, day.day) == (12, 31)),
        "the clock goes forward": first(0, 50, lambda day: _change(day) > dt.timedelta()),
        "the clock goes back": first(0, 50, lambda day: _change(day) < dt.timedelta()),
        "29 February": first(23, 30, lambda day: (day.month, day.day) == (2, 29)),
        "in two years": now + 2 * 365 * DAY,
    }


def _change(day: dt.date) -> dt.timedelta:
    """Return by how much the clocks of the school change on this day."""
    midnights = [dt.datetime.combine(date, dt.time(), tzinfo=ZONE) for date in (day, day + DAY)]
    before, after = (midnight.utcoffset() or dt.timedelta() for midnight in midnights)
    return after - before


def moments(words: str) -> Iterator[dt.datetime]:
    """Parse a variable such as DATES=2028-02-29T23:30,2026-12-31T23:50 (UTC)."""
    for word in words.replace(",", " ").split():
        try:
            moment = dt.datetime.fromisoformat(word)
        except ValueError:
            sys.exit(f"{word} is not a date. Write it like 2028-02-29 or 2028-02-29T23:30 (UTC).")
        yield moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def format_for_variable(moment: dt.datetime) -> str:
    """Format a moment so that `moments` can read it."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M}"


def format_for_people(moment: dt.datetime) -> str:
    """Format a moment for people."""
    return f"{moment.astimezone(dt.UTC):%A, %-d %B %Y, %H:%M} UTC"


def compile_library(folder: Path) -> Path:
    """Compile the library that shifts the clock. Raise CannotShiftError if that is not possible."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise CannotShiftError("A C compiler (cc) is missing. On Debian: apt install gcc libc6-dev.")
    if sys.platform != "linux":
        raise CannotShiftError("The clock of a process can be shifted on Linux only.")
    target = folder / "shift_clock.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(target), str(SOURCE), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise CannotShiftError(f"The C compiler {compiler} could not compile {SOURCE.name}: {last}")
    if not works(target):
        raise CannotShiftError(
            "This Python does not ask the C library for the time, or its time-outs depend on the wall clock."
        )
    return target


def works(compiled: Path) -> bool:
    """Return whether a process gets the shifted time and its time-outs still end."""
    moment = dt.datetime.now(dt.UTC) + 100 * DAY
    code = "import threading, time; threading.Event().wait(0.01); print(time.time())"
    environment = os.environ | variables_for(moment, compiled)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, timeout=30, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return False
    return abs(float(done.stdout) - moment.timestamp()) < 60


def variables_for(moment: dt.datetime, compiled: Path) -> dict[str, str]:
    """Return variables that start a process at that moment. Its child processes inherit the shift."""
    seconds = round((moment - dt.datetime.now(dt.UTC)).total_seconds())
    preload = " ".join(filter(None, [str(compiled), os.environ.get("LD_PRELOAD")]))
    return {"LD_PRELOAD": preload, "CLOCK_SHIFT": str(seconds)}
