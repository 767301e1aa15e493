"""`make bench`: measure everything on this machine and print the tables of docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import postgres  # noqa: E402
import psycopg  # noqa: E402

from . import load, photo, table  # noqa: E402
from .facts_file import Facts  # noqa: E402
from .installation import Installation  # noqa: E402
from .pages import PageMeasurement  # noqa: E402


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--teachers", type=int, default=5000)
    parser.add_argument("--walks", type=int, default=20000)
    parser.add_argument(
        "--scale",
        action="store_true",
        help="also measure a quarter and four times that size",
    )
    parser.add_argument("--rounds", type=int, default=12, help="batches of each page")
    parser.add_argument("--batch", type=int, default=10, help="requests in a batch")
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    parser.add_argument("--crowd", type=int, default=200, help="teachers at once")
    parser.add_argument("--minutes", type=float, default=10, help="how long they stay")
    parser.add_argument("--skip", default="", help="parts to leave out: pages,crowd,sweeps,offers,photo")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    return parser.parse_args()


def main() -> None:
    """Measure the parts one after another, and print each table as soon as it is ready."""
    chosen = options()
    skipped = chosen.skip.split(",")
    figures: dict[str, Any] = {"date": time.strftime("%Y-%m-%d"), "machine": machine()}
    say(f"Learning Walks, {time.strftime('%Y-%m-%d')}, {machine()}")
    with tempfile.TemporaryDirectory(prefix="lw-bench-") as folder, postgres.Postgres() as server:
        big = installation(server, Path(folder), chosen.teachers, chosen.walks)
        if "pages" not in skipped:
            figures["pages"] = measure_pages(chosen, server, Path(folder), big)
        if "crowd" not in skipped:
            figures["crowd"] = measure_crowd(chosen, big)
        if "sweeps" not in skipped:
            say("Background sweeps over 1,000,000 reminders and 1,000,000 mails, nothing due")
            figures["sweeps"] = big.report("sweeps")
            say(table.sweeps(figures["sweeps"]))
        if "offers" not in skipped:
            say(f"The search for good times among {chosen.teachers} teachers")
            figures["offers"] = big.report("good_times")
            say(table.plain(figures["offers"]))
    if "photo" not in skipped:
        say("A photo of 12 megapixels")
        figures["photo"] = photo.measure()
        say(table.plain(figures["photo"]))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")


def machine() -> str:
    """Return a description of this machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "CPU")
    return f"{os.cpu_count()} x {model}, Python {sys.version.split()[0]}"


def say(text: str) -> None:
    """Print and flush."""
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


def installation(server: postgres.Postgres, folder: Path, teachers: int, walks: int) -> Installation:
    """Create and fill a database of its own on the server."""
    name = f"school{teachers}"
    with psycopg.connect(host=str(server.folder), user=postgres.USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    assert server.process is not None
    url = server.url.removesuffix("/postgres") + f"/{name}"
    made = Installation(url, server.process.pid, folder / name)
    made.fill(teachers, walks)
    with psycopg.connect(host=str(server.folder), user=postgres.USER, dbname=name, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # in real use, autovacuum has done this
    say(f"{teachers} teachers and {walks} walks are in the database.")
    return made


def measure_pages(
    chosen: argparse.Namespace, server: postgres.Postgres, folder: Path, big: Installation
) -> dict[str, dict[str, float]]:
    """Measure the pages of the big school. With --scale, measure a smaller and a larger school in turn with it."""
    sizes = [big]
    if chosen.scale:
        small = installation(server, folder, chosen.teachers // 4, chosen.walks // 4)
        large = installation(server, folder, chosen.teachers * 4, chosen.walks * 4)
        sizes = [small, big, large]
    facts = [Facts(**size.report("facts", "0")) for size in sizes]
    with ExitStack() as stack:
        for size in sizes:
            stack.enter_context(size)
        pairs = zip(sizes, facts, strict=True)
        found = [PageMeasurement(size, known, chosen.batch, chosen.only) for size, known in pairs]
        for number in range(chosen.rounds + 1):
            for measurement in found:
                measurement.round(warm_up=number == 0)
    say(f"Pages at {chosen.teachers} teachers and {chosen.walks} walks")
    say(table.pages(found[sizes.index(big)].found))
    if chosen.scale:
        say("The same pages at a quarter, the whole, and four times that size")
        say(table.scale([measurement.found for measurement in found]))
    return table.page_figures(found[sizes.index(big)].found)


def measure_crowd(chosen: argparse.Namespace, big: Installation) -> dict[str, object]:
    sessions = Facts(**big.report("facts", str(chosen.crowd))).crowd
    with big:
        found = load.run(big, sessions, chosen.minutes * 60)
    say(f"{chosen.crowd} teachers at once for {chosen.minutes:g} minutes")
    say(table.plain(found))
    return found


if __name__ == "__main__":
    main()
