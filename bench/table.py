"""The tables that `make bench` prints, in Markdown for docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from .pages import Measured


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [list(heads), ["---"] * len(heads), *map(list, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def pages(found: Sequence[Measured]) -> str:
    """Compare each page's cost with its reference."""
    costs = {measured.page.name: measured.cost for measured in found}
    heads = ("page", "CPU ms", "times", "limit", "met", "median ms", "p95 ms", "SQL", "kB")
    return table(heads, (_line(measured, costs) for measured in found))


def _line(measured: Measured, costs: dict[str, float]) -> tuple[str, ...]:
    page = measured.page
    times = measured.cost / costs[page.against]
    goal = ("", "") if not page.limit else (f"{page.limit:g} {page.against}", "yes" if times <= page.limit else "NO")
    waited = statistics.median(measured.waited)
    return (
        page.name,
        f"{measured.cost * 1000:.1f}",
        f"{times:.2f}",
        *goal,
        f"{waited * 1000:.1f}",
        f"{measured.p95 * 1000:.1f}",
        str(measured.queries),
        f"{measured.size / 1000:.0f}",
    )


def scale(sizes: Sequence[Sequence[Measured]]) -> str:
    """Show each page's CPU ms by size of the school, and the change from the smallest to the largest."""
    lines = []
    for same in zip(*sizes, strict=True):
        costs = [measured.cost * 1000 for measured in same]
        queries = "/".join(str(measured.queries) for measured in same)
        change = f"{costs[-1] / costs[0] - 1:+.0%}"
        lines.append((same[0].page.name, *(f"{cost:.1f}" for cost in costs), change, queries))
    return table(("page", *(f"size {n}" for n in range(1, len(sizes) + 1)), "change", "SQL"), lines)


def sweeps(found: dict[str, float]) -> str:
    """Show each sweep in milliseconds, and as a multiple of a look-up by primary key."""
    least = found["look-up by primary key"]
    return table(("sweep", "ms", "times"), ((k, f"{v:.2f}", f"{v / least:.1f}") for k, v in found.items()))


def plain(found: Mapping[str, object]) -> str:
    """A table of names and figures."""
    return table(("", ""), ((k, f"{v:.0f}" if isinstance(v, float) else str(v)) for k, v in found.items()))
