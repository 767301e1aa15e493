"""Measure pages and references in alternating batches, so that other load on the machine affects all of them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from .facts_file import Facts
from .installation import Installation
from .meter import Meter
from .scenarios import BARE, PAGES, REFERENCES, Page
from .visitor import Visitor


@dataclass
class PageFigures:
    """The figures of one page, in seconds: CPU time per request (one value per batch), and waiting time per request."""

    page: Page
    queries: int
    cpu: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def cost(self) -> float:
        """CPU seconds per request: the median batch."""
        return statistics.median(self.cpu)

    @property
    def p95(self) -> float:
        """The 95th percentile of waiting seconds."""
        return sorted(self.waited)[int(len(self.waited) * 0.95)]


class PageMeasurement:
    def __init__(self, installation: Installation, facts: Facts, batch: int, only: str = "") -> None:
        self.facts = facts
        self.batch = batch
        self.meter: Meter = installation.meter()
        chosen = [page for page in PAGES if only in page.name]
        self.found = [PageFigures(page, facts.queries[page.name]) for page in (*REFERENCES, *chosen)]
        self.visitors = {who: visitor(installation.port, session) for who, session in facts.sessions.items()}
        self.visitors[BARE.who] = visitor(installation.bare_port, facts.sessions[BARE.who])

    def round(self, *, warm_up: bool = False) -> None:
        """Request every page `batch` times."""
        for measured in self.found:
            self._batch(measured, keep=not warm_up)

    def _batch(self, measured: PageFigures, *, keep: bool) -> None:
        person = self.visitors[self.facts.fill_in(measured.page.who)]
        path = self.facts.fill_in(measured.page.path)
        self.meter.spent()
        answers = [person.get(path) for _n in range(self.batch)]
        spent = self.meter.spent()
        assert all(answer.status == 200 for answer in answers), (path, answers[0].status)
        if keep:
            measured.cpu.append(spent / self.batch)
            measured.waited += [answer.seconds for answer in answers]
            measured.size = len(answers[0].body.encode())


def visitor(port: int, session: str) -> Visitor:
    """Return a visitor with this session at the web server with this port."""
    person = Visitor(port)
    person.cookies["sessionid"] = session
    return person
