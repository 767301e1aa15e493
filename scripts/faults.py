"""Test the promises of docs/reliability.md at full length on SQLite and PostgreSQL, and print the figures.

It takes about twenty minutes per database. Arguments go to pytest: scripts/faults.py -k praise. `make faults` calls
this script.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import postgres
from test import ROOT, clean_environment, say

EXPERIMENTS = ("operations/tests/faults", "learningwalks/tests/stories/test_double_tap.py")


def main() -> None:
    """Run the experiments on both databases. Fail if they failed on one of them."""
    with tempfile.TemporaryDirectory(prefix="lw-faults-") as folder:
        first = run("SQLite", clean_environment(folder), Path(folder))
        with postgres.Postgres() as server:
            environment = clean_environment(folder) | {"DATABASE_URL": server.url}
            second = run("PostgreSQL", environment, Path(folder))
    sys.exit(first or second)


def run(name: str, environment: dict[str, str], folder: Path) -> int:
    """Run all experiments on one database, one after the other, and print their figures."""
    say(f"Faults on {name}")
    figures = folder / f"figures-{name}"
    command = [sys.executable, "-m", "pytest", "-o", "faulthandler_timeout=3600", *EXPERIMENTS, *sys.argv[1:]]
    full = environment | {"FAULTS": "full", "FAULTS_FIGURES": str(figures)}
    code = subprocess.run(command, cwd=ROOT, env=full, check=False).returncode
    say(f"Figures on {name}")
    for line in figures.read_text().splitlines() if figures.exists() else []:
        found = json.loads(line)
        print(f"| {found['what']} | {found['promised']} | {found['value']} |")
    return code


if __name__ == "__main__":
    main()
