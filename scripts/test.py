"""Run the test suite twice in parallel: all of it on SQLite, and what concerns the database on PostgreSQL.

The second run uses the time in which the first run waits for other programs. Its output is shown after the first run.
It leaves out browser tests, tests marked `not_on_postgresql`, and tests that use no database (conftest.py).
docs/architecture.md says which tests do less on PostgreSQL.
The processes that tests start run on a random critical date, which is printed. DATES=2028-02-29T23:30 chooses the date.
Arguments go to pytest: scripts/test.py walks/tests -k approval. `make test` calls this script. With COVERAGE=1 (`make
coverage`), only the first run takes place, at half the speed; fail_under in pyproject.toml is the gate.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import chromium
import clock
import postgres

ROOT = Path(__file__).resolve().parent.parent
OUR_VARIABLES = re.compile(
    r"(?:HOST|PORT|DATA_DIR|\w+_URL|SECRET_KEY|ALLOWED_HOSTS|TIME_ZONE|DEMO\w*|DEBUG|TRUST\w+"
    r"|LOG_\w+|S3_\w+|AWS_\w+|METRICS_TOKEN|SENTRY_\w+)"
)
WORKERS = int(os.environ.get("TEST_WORKERS") or min(os.cpu_count() or 1, 4))
ON_SQLITE = WORKERS + 1  # tests with a browser or another process often wait for it
ON_POSTGRESQL = max(WORKERS - 1, 1)  # these tests take half as long
NO_TESTS = 5  # pytest's exit code if no test was selected
LIMIT = 40 * 60  # seconds for a run: pytest.ini limits each test, but a process may hang after its tests


def main() -> None:
    """Run the tests on both databases. Fail if they failed on one of them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="lw-test-") as folder:
        environment = clean_environment(folder) | {"CHROMIUM_PATH": chromium.find()} | shifted_clock(Path(folder))
        if os.environ.get("COVERAGE"):
            say("Tests on SQLite, with a browser")
            sys.exit(start(["--cov", "--cov-report=term:skip-covered"], environment, WORKERS).wait())
        sys.exit(run_on_both_databases(environment, Path(folder)))


def shifted_clock(folder: Path) -> dict[str, str]:
    """Return variables that shift the clock to a random one of DATES or of the critical dates. Print how to repeat it.

    Without a C compiler the clock is not shifted; that is an error if DATES was given.
    """
    chosen = list(clock.moments(os.environ.get("DATES", "")))
    try:
        library = clock.compile_library(folder)
    except clock.CannotShiftError as error:
        if chosen:
            sys.exit(str(error))
        say(f"The processes that tests start run on today’s date only. {error}")
        return {}
    moment = secrets.choice(chosen or list(clock.dates(dt.datetime.now(dt.UTC)).values()))
    say(
        f"The processes that tests start run on {clock.format_for_people(moment)}; "
        f"to repeat: make test DATES={clock.format_for_variable(moment)}"
    )
    return clock.variables_for(moment, library)


def run_on_both_databases(environment: dict[str, str], folder: Path) -> int:
    """Start both runs. Show the first while it runs, then the second. If this script is stopped, stop both."""
    log = folder / "postgresql.log"
    started = time.monotonic()
    with postgres.Postgres() as server, log.open("wb") as output:
        say("Tests on SQLite, with a browser (those on PostgreSQL run beside them and are shown afterwards)")
        other = environment | {"DATABASE_URL": server.url, "DATA_DIR": str(folder / "postgresql")}
        runs = [start([], environment, ON_SQLITE)]
        try:
            runs.append(start(["-m", "not browser and not not_on_postgresql"], other, ON_POSTGRESQL, output))
            first = wait(runs[0], started)
            say("Tests on PostgreSQL")
            second = follow(runs[1], log, started)
        finally:
            for run in runs:
                end(run)
    return first or (0 if second == NO_TESTS and sys.argv[1:] else second)


def start(
    words: list[str], environment: dict[str, str], workers: int, output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start one run over the arguments of this script, or over all tests."""
    command = [sys.executable, "-m", "pytest", "-n", str(workers), *words, *sys.argv[1:]]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output and subprocess.STDOUT)


def wait(run: subprocess.Popen[bytes], started: float) -> int:
    """Wait until the run ends or exceeds LIMIT. Return its exit code."""
    try:
        return run.wait(max(started + LIMIT - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        say(f"The tests did not end within {LIMIT // 60} minutes.")
        return 1


def end(run: subprocess.Popen[bytes]) -> None:
    """Stop a run, even one that hangs."""
    run.terminate()
    try:
        run.wait(10)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()


def follow(run: subprocess.Popen[bytes], log: Path, started: float) -> int:
    """Show the output of a run until it ends. Return its exit code."""
    with log.open("rb") as output:
        continues = True
        while continues:
            # Ask before reading, so that the last read gets the rest of the output.
            continues = run.poll() is None and time.monotonic() < started + LIMIT
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
            time.sleep(0.2)
    return wait(run, started)


def clean_environment(folder: str) -> dict[str, str]:
    """Return this environment without variables of an installation, and with a data folder for the run.

    PYTHONDONTWRITEBYTECODE is removed too: tests start hundreds of processes, and cached bytecode makes them faster.
    """
    kept = {name: value for name, value in os.environ.items() if not OUR_VARIABLES.fullmatch(name)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"ENV_FILE": os.devnull, "DATA_DIR": folder, "SECRET_KEY": secrets.token_urlsafe(50)}


def say(text: str) -> None:
    """Print a heading and flush."""
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    main()
