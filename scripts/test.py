"""Run the test suite twice at the same time: whole on SQLite, and what is about the database on PostgreSQL.

The second run works beside the first, which often waits for other programs; what it says is shown when the first is
through. It leaves out the browser, tests marked `once`, and whatever touches no database (conftest.py); which tests
are smaller there is in docs/architecture.md.
The processes that tests start live on another date each time, which is printed; DATES=2028-02-29T23:30 chooses it.
Further words go to pytest: scripts/test.py walks/tests -k approval. Called by `make test`. With COVERAGE=1 (`make
coverage`) only the first run takes place, alone and twice as slowly; fail_under in pyproject.toml is the gate.
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
OURS = re.compile(
    r"(?:HOST|PORT|DATA_DIR|\w+_URL|SECRET_KEY|ALLOWED_HOSTS|TIME_ZONE|DEMO\w*|DEBUG|TRUST\w+"
    r"|LOG_\w+|S3_\w+|AWS_\w+|METRICS_TOKEN|SENTRY_\w+)"
)
WORKERS = int(os.environ.get("TEST_WORKERS") or min(os.cpu_count() or 1, 4))
NO_TESTS = 5  # how pytest ends when it was left nothing to run
LIMIT = 40 * 60  # seconds; a test has a limit of its own (pytest.ini), but a process of a run may hang after its tests


def main() -> None:
    """Both runs always happen; one that is not green makes the result not green."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="lw-test-") as folder:
        environment = clean(folder) | {"CHROMIUM_PATH": chromium.find()} | some_date(Path(folder))
        if os.environ.get("COVERAGE"):
            say("Tests on SQLite, with a browser")
            sys.exit(start(["--cov", "--cov-report=term:skip-covered"], environment, WORKERS).wait())
        sys.exit(both(environment, Path(folder)))


def some_date(folder: Path) -> dict[str, str]:
    """Variables that move the clock of a run to one of DATES, or of the dates that matter; says how to repeat it.

    Without a C compiler the clock stays, unless DATES was given.
    """
    asked = list(clock.moments(os.environ.get("DATES", "")))
    try:
        library = clock.library(folder)
    except clock.CannotShiftError as error:
        if asked:
            sys.exit(str(error))
        say(f"The processes that tests start live on today’s date and no other. {error}")
        return {}
    moment = secrets.choice(asked or list(clock.dates(dt.datetime.now(dt.UTC)).values()))
    say(f"The processes that tests start live on {clock.named(moment)}; again: make test DATES={clock.short(moment)}")
    return clock.shifted(moment, library)


def both(environment: dict[str, str], folder: Path) -> int:
    """Start the two runs, show the first as it goes and then the second; whatever ends this script ends them."""
    log = folder / "postgresql.log"
    began = time.monotonic()
    with postgres.Postgres() as server, log.open("wb") as output:
        say("Tests on SQLite, with a browser (those on PostgreSQL run beside them and are shown afterwards)")
        other = environment | {"DATABASE_URL": server.url, "DATA_DIR": str(folder / "postgresql")}
        runs = [start([], environment, WORKERS)]
        try:
            runs.append(start(["-m", "not browser and not once"], other, WORKERS, output))
            first = wait(runs[0], began)
            say("Tests on PostgreSQL")
            second = follow(runs[1], log, began)
        finally:
            for run in runs:
                end(run)
    return first or (0 if second == NO_TESTS and sys.argv[1:] else second)


def start(
    words: list[str], environment: dict[str, str], workers: int, output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """One run over the words given to this script, or over everything."""
    command = [sys.executable, "-m", "pytest", "-n", str(workers), *words, *sys.argv[1:]]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output and subprocess.STDOUT)


def wait(run: subprocess.Popen[bytes], began: float) -> int:
    """Wait until a run ends or is over the limit; its exit code."""
    try:
        return run.wait(max(began + LIMIT - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        say(f"The tests did not end within {LIMIT // 60} minutes.")
        return 1


def end(run: subprocess.Popen[bytes]) -> None:
    """End a run, even one that hangs."""
    run.terminate()
    try:
        run.wait(10)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()


def follow(run: subprocess.Popen[bytes], log: Path, began: float) -> int:
    """Show what a run has written so far, and what it goes on to write; its exit code."""
    with log.open("rb") as said:
        goes_on = True
        while goes_on:
            goes_on = run.poll() is None and time.monotonic() < began + LIMIT  # asked before its last words are read
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
            time.sleep(0.2)
    return wait(run, began)


def clean(folder: str) -> dict[str, str]:
    """This environment without the settings of an installation, and with a data folder for the run.

    Python may keep what it compiled, whatever the environment says: tests start hundreds of processes.
    """
    kept = {name: value for name, value in os.environ.items() if not OURS.fullmatch(name)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"ENV_FILE": os.devnull, "DATA_DIR": folder, "SECRET_KEY": secrets.token_urlsafe(50)}


def say(text: str) -> None:
    """A heading, at once."""
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    main()
