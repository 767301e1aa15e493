"""Run what reads the machine's clock on each of the dates that matter, and everything on one of them.

A date of DATES (UTC, such as 2028-02-29T23:30, several with commas) is run instead of these. Further words go to
pytest: scripts/dates.py -k backup. Called by `make test-dates`; takes half an hour on two quiet cores.
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
from test import WORKERS, both, clean, end, say, start, wait

EVERYTHING = "29 February"
READS_THE_CLOCK = ["-m", "services or browser"]  # all other tests set a clock of their own (conftest.py)


def main() -> None:
    """Every date is run; one that is not green makes the result not green."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    now = dt.datetime.now(dt.UTC)
    asked = {clock.short(moment): moment for moment in clock.moments(os.environ.get("DATES", ""))}
    results = []
    for name, moment in (asked or clock.dates(now)).items():
        began = time.monotonic()
        code = run(name, moment, everything=name == EVERYTHING)
        minutes = (time.monotonic() - began) / 60
        results.append((code, f"{name:32} {clock.short(moment)}  {'red' if code else 'green':6} {minutes:4.1f} min"))
    say("\n".join(line for _code, line in results))
    sys.exit(any(code for code, _line in results))


def run(name: str, moment: dt.datetime, *, everything: bool) -> int:
    """One date: on SQLite what reads the clock, or the whole suite on both databases."""
    with tempfile.TemporaryDirectory(prefix="lw-dates-") as folder:
        try:
            library = clock.library(Path(folder))
        except clock.CannotShiftError as error:
            sys.exit(f"make test-dates cannot move the clock. {error}")
        say(f"{name}: {clock.named(moment)}. To repeat: make test-dates DATES={clock.short(moment)}")
        environment = clean(folder) | {"CHROMIUM_PATH": chromium.find()} | clock.shifted(moment, library)
        return both(environment, Path(folder)) if everything else on_sqlite(environment)


def on_sqlite(environment: dict[str, str]) -> int:
    """What reads the clock, on SQLite; whatever ends this script ends it."""
    tests = start(READS_THE_CLOCK, environment, WORKERS)
    try:
        return wait(tests, time.monotonic())
    finally:
        end(tests)


if __name__ == "__main__":
    main()
