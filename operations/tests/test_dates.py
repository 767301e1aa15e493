"""The critical dates of the test suite, and the shifted clock of the processes that tests start."""

import datetime as dt
import os
import subprocess
import sys
import time
from zoneinfo import ZoneInfo

import pytest

from notifications.tests.installation import Installation

from .services_plugin import ROOT

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def clock(monkeypatch):
    """The module scripts/clock.py."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import clock

    return clock


@pytest.mark.services
@pytest.mark.not_on_postgresql
def test_a_process_started_by_a_test_has_the_date_of_the_test(tmp_path):
    output = Installation(tmp_path).run("print(now.timestamp())")
    assert abs(float(output) - time.time()) < 120


WAIT = """
import ctypes, math, time
class Deadline(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]
part, seconds = math.modf(time.time() + 0.1)
deadline = ctypes.byref(Deadline(int(seconds), int(part * 1e9)))
place = [(ctypes.c_char * 64)() for _ in range(2)]
libc = ctypes.CDLL(None)
"""
WAITS = {  # functions with which C libraries wait until a time of day
    "condition": "libc.pthread_mutex_lock(place[1]); libc.pthread_cond_timedwait(*place, deadline)",
    "mutex": "libc.pthread_mutex_lock(place[0]); libc.pthread_mutex_timedlock(place[0], deadline)",
    "semaphore": "libc.sem_init(place[0], 0, 0); libc.sem_timedwait(place[0], deadline)",
}
IN_TWO_YEARS = """
import datetime as dt, os, subprocess, sys
from pathlib import Path
sys.path.insert(0, "scripts")
import clock
in_two_years = clock.variables_for(dt.datetime.now(dt.UTC) + 730 * clock.DAY, clock.compile_library(Path(sys.argv[1])))
subprocess.run([sys.executable, "-c", sys.argv[2]], env=os.environ | in_two_years, timeout=30, check=True)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the clock of a process can be moved on Linux only")
@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_until_a_time_of_day_ends_on_another_date(tmp_path, wait):
    command = [sys.executable, "-c", IN_TWO_YEARS, tmp_path, WAIT + WAITS[wait]]
    unmoved = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "CLOCK_SHIFT")}
    subprocess.run(command, cwd=ROOT, env=unmoved, check=True)


@pytest.mark.parametrize("today", ["2026-11-30", "2026-12-31", "2028-02-29", "2028-03-26"])
def test_the_critical_dates_are_in_the_future_and_match_their_names(clock, today):
    now = dt.datetime.fromisoformat(f"{today}T12:00+00:00")
    dates = clock.dates(now)
    assert min(dates.values()) == dates["today"] == now
    assert (dates["a Saturday night"].weekday(), dates["29 February"].strftime("%d %B")) == (5, "29 February")
    hours = [
        (moment + dt.timedelta(hours=1)).astimezone(LONDON).hour - moment.astimezone(LONDON).hour
        for moment in (dates["the clock goes forward"], dates["the clock goes back"])
    ]
    assert hours == [2, 0]


def test_a_printed_date_can_be_read_back(clock):
    leap = dt.datetime(2028, 2, 29, 23, 30, tzinfo=dt.UTC)
    assert list(clock.moments("2028-02-29T23:30, 2028-02-29T23:30Z")) == [leap, leap]
    assert clock.format_for_variable(leap) == "2028-02-29T23:30"
    with pytest.raises(SystemExit, match="tomorrow is not a date"):
        list(clock.moments("tomorrow"))


def test_without_a_compiler_the_error_says_what_is_missing(clock, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(clock.CannotShiftError, match=r"^A C compiler \(cc\) is missing\."):
        clock.compile_library(tmp_path)
