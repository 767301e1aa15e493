"""Run the whole test suite twice: on SQLite with the browser tests, then without those on PostgreSQL
(where tests marked `once` are left out too: they have nothing to do with a database).

Further words go to pytest: scripts/test.py walks/tests -k approval. Called by `make test`. With COVERAGE=1 (`make
coverage`) only the first run takes place, twice as slowly; fail_under in pyproject.toml is the gate.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import chromium
import postgres

ROOT = Path(__file__).resolve().parent.parent
OURS = re.compile(
    r"(?:HOST|PORT|DATA_DIR|\w+_URL|SECRET_KEY|ALLOWED_HOSTS|TIME_ZONE|DEMO\w*|DEBUG|TRUST\w+"
    r"|LOG_\w+|S3_\w+|AWS_\w+|METRICS_TOKEN|SENTRY_\w+)"
)
WORKERS = os.environ.get("TEST_WORKERS") or str(min(os.cpu_count() or 1, 4))


def main() -> None:
    """Both runs always happen; one that is not green makes the result not green."""
    with tempfile.TemporaryDirectory(prefix="lw-test-") as folder:
        environment = clean(folder) | {"CHROMIUM_PATH": chromium.find()}
        say("Tests on SQLite, with a browser")
        if os.environ.get("COVERAGE"):
            sys.exit(pytest(["--cov", "--cov-report=term:skip-covered"], environment))
        first = pytest([], environment)
        with postgres.Postgres() as server:
            say("Tests on PostgreSQL")
            environment |= {"DATABASE_URL": server.url}
            second = pytest(["-m", "not browser and not once"], environment)
    sys.exit(first or second)


def pytest(words: list[str], environment: dict[str, str]) -> int:
    """One run over the words given to this script, or over everything."""
    command = [sys.executable, "-m", "pytest", "-n", WORKERS, *words, *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def clean(folder: str) -> dict[str, str]:
    """This environment without the settings of an installation, and with a data folder for the run."""
    kept = {name: value for name, value in os.environ.items() if not OURS.fullmatch(name)}
    return kept | {"ENV_FILE": os.devnull, "DATA_DIR": folder, "SECRET_KEY": secrets.token_urlsafe(50)}


def say(text: str) -> None:
    """A heading, at once."""
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    main()
