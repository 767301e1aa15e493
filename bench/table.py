"""The tables that `make bench` prints, in Markdown, so that they can be pasted into docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from .pages import Measured


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    rows = [list(heads), ["---"] * len(heads), *map(list, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def pages(found: Sequence[Measured]) -> str:
    """What every page costs, as a multiple of its reference."""
    costs = {measured.page.name: measured.cost for measured in found}
    heads = ("page", "CPU ms", "times", "limit", "met", "median ms", "p95 ms", "SQL", "kB")
    return table(heads, (_line(measured, costs) for measured in found))


def _line(measured: Measured, costs: dict[str, float]) -> tuple[str, ...]:
    page = measured.page
    times = measured.cost / costs[page.against]
    goal = ("", "") if not page.limit else (f"{page.limit:g} {page.against}", "yes" if times <= page.limit else "NO")
    waited = statistics.median(measured.waited)
    return (page.name, f"{measured.cost * 1000:.1f}", f"{times:.2f}", *goal, f"{waited * 1000:.1f}",
            f"{measured.p95 * 1000:.1f}", str(measured.queries), f"{measured.size / 1000:.0f}")  # fmt: skip
