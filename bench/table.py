"""The tables that `make bench` prints, in Markdown for docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from .pages import PageFigures


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [list(heads), ["---"] * len(heads), *map(list, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def pages(found: Sequence[PageFigures]) -> str:
    """Return a table that compares each page's cost with its reference."""
    costs = {measured.page.name: measured.cost for measured in found}
    heads = ("page", "CPU ms", "times", "limit", "met", "median ms", "p95 ms", "SQL", "kB")
    return table(heads, (_line(measured, costs) for measured in found))


def _line(measured: PageFigures, costs: dict[str, float]) -> tuple[str, ...]:
    page = measured.page
    times = measured.cost / costs[page.against]
    limit = ""
    met = ""
    if page.limit:
        limit = f"{page.limit:g} {page.against}"
        met = "yes" if times <= page.limit else "NO"
    waited = statistics.median(measured.waited)
    return (
        page.name,
        f"{measured.cost * 1000:.1f}",
        f"{times:.2f}",
        limit,
        met,
        f"{waited * 1000:.1f}",
        f"{measured.p95 * 1000:.1f}",
        str(measured.queries),
        f"{measured.size / 1000:.0f}",
    )


def page_figures(found: Sequence[PageFigures]) -> dict[str, dict[str, float]]:
    """Return the figures of the table as numbers, by page."""
    costs = {measured.page.name: measured.cost for measured in found}
    return {
        measured.page.name: {
            "cpu_ms": measured.cost * 1000,
            "times": measured.cost / costs[measured.page.against],
            "limit": measured.page.limit,
            "median_ms": statistics.median(measured.waited) * 1000,
            "p95_ms": measured.p95 * 1000,
            "sql": measured.queries,
            "kb": measured.size / 1000,
        }
        for measured in found
    }


def scale(sizes: Sequence[Sequence[PageFigures]]) -> str:
    """Return each page's CPU ms by size of the school, and the change from the smallest to the largest school."""
    lines = []
    for same_page in zip(*sizes, strict=True):
        costs = [measured.cost * 1000 for measured in same_page]
        queries = "/".join(str(measured.queries) for measured in same_page)
        change = f"{costs[-1] / costs[0] - 1:+.0%}"
        lines.append((same_page[0].page.name, *(f"{cost:.1f}" for cost in costs), change, queries))
    return table(("page", *(f"size {n}" for n in range(1, len(sizes) + 1)), "change", "SQL"), lines)


def sweeps(found: dict[str, float]) -> str:
    """Return the cost of each sweep in milliseconds and as a multiple of a look-up by primary key."""
    least = found["look-up by primary key"]
    lines = ((name, f"{ms:.2f}", f"{ms / least:.1f}") for name, ms in found.items())
    return table(("sweep", "ms", "times"), lines)


def plain(found: Mapping[str, object]) -> str:
    """Return a table of names and figures."""
    lines = ((name, f"{value:.0f}" if isinstance(value, float) else str(value)) for name, value in found.items())
    return table(("", ""), lines)
