"""Run the tests that read the machine's clock on each of several critical dates, and the whole suite on one of them.

The variable DATES replaces the list of dates: DATES=2028-02-29T23:30,2026-12-31T23:50 (UTC). Arguments go to pytest:
scripts/dates.py -k backup. `make test-dates` calls this script; it takes half an hour on two idle cores.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import chromium
import clock
from test import ON_SQLITE, clean_environment, end, run_on_both_databases, say, start, wait

EVERYTHING = "29 February"
READS_THE_CLOCK = ["-m", "services or browser"]  # for all other tests, conftest.py sets the clock


def main() -> None:
    """Run the tests on every date. Fail if they failed on one of them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    now = dt.datetime.now(dt.UTC)
    chosen = {clock.format_for_variable(moment): moment for moment in clock.moments(os.environ.get("DATES", ""))}
    results = []
    for name, moment in (chosen or clock.dates(now)).items():
        started = time.monotonic()
        code = run(name, moment, everything=name == EVERYTHING)
        minutes = (time.monotonic() - started) / 60
        results.append(
            (code, f"{name:32} {clock.format_for_variable(moment)}  {'red' if code else 'green':6} {minutes:4.1f} min")
        )
    say("\n".join(line for _code, line in results))
    sys.exit(any(code for code, _line in results))


def run(name: str, moment: dt.datetime, *, everything: bool) -> int:
    """Run the tests on one date: those that read the clock on SQLite, or everything on both databases."""
    with tempfile.TemporaryDirectory(prefix="lw-dates-") as folder:
        try:
            library = clock.compile_library(Path(folder))
        except clock.CannotShiftError as error:
            sys.exit(f"make test-dates cannot shift the clock. {error}")
        say(
            f"{name}: {clock.format_for_people(moment)}. "
            f"To repeat: make test-dates DATES={clock.format_for_variable(moment)}"
        )
        environment = (
            clean_environment(folder) | {"CHROMIUM_PATH": chromium.find()} | clock.variables_for(moment, library)
        )
        if everything:
            return run_on_both_databases(environment, Path(folder))
        return run_on_sqlite(environment)


def run_on_sqlite(environment: dict[str, str]) -> int:
    """Run the tests that read the clock on SQLite. Stop them if this script is stopped."""
    tests = start(READS_THE_CLOCK, environment, ON_SQLITE)
    try:
        return wait(tests, time.monotonic())
    finally:
        end(tests)


if __name__ == "__main__":
    main()
