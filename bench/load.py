"""Many teachers at once, each with a browser: open pages, read for a while, now and then plan a walk and drop it."""

from __future__ import annotations

import http.client
import random
import statistics
import threading
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser

from .installation import Installation
from .meter import children_of, memory_of
from .pages import visitor
from .visitor import Answer, Visitor

READS = (5.0, 15.0)  # seconds in which somebody reads a page
PAGES = ("/", "/", "/", "/walks/", "/praise/", "/praise/?sent=1", "/walks/new/", "/norms/", "/me/", "/walks/ideas/")
PLANS = 0.1  # how often the next thing is a plan


class Form(HTMLParser):
    """What a browser would send of the planner's form, without its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.routes: list[str] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Inputs as they are filled in, the chosen option of a select, and the ready-made routes."""
        known = {name: value or "" for name, value in attrs}
        name, value = known.get("name", ""), known.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in known:
            self.fields.append((self._select, value))
        elif tag == "button" and value.startswith("route:"):
            self.routes.append(value)
        elif tag == "input" and name and (known.get("type") not in ("checkbox", "radio") or "checked" in known):
            self.fields.append((name, value))


@dataclass
class Tally:
    """What all of them saw."""

    waited: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Teacher:
    """One of the crowd."""

    browser: Visitor
    tally: Tally
    until: float
    chance: random.Random

    def live(self) -> None:
        """Until the time is over: something, then reading."""
        time.sleep(self.chance.uniform(0, READS[1]))
        while time.monotonic() < self.until:
            self.act()
            time.sleep(self.chance.uniform(*READS))

    def act(self) -> None:
        """One thing that a teacher does."""
        try:
            if self.chance.random() < PLANS:
                self.plan()
            else:
                self.note("GET", self.chance.choice(PAGES))
        except (OSError, http.client.HTTPException) as error:
            self.tally.errors.append(type(error).__name__)

    def plan(self) -> None:
        """Open the planner, press a route, keep a draft, open it, throw it away."""
        form = Form(self.note("GET", "/walks/new/").body)
        if not form.routes:
            return
        form = Form(self.note("POST", "/walks/new/", [*form.fields, ("op", self.chance.choice(form.routes))]).body)
        kept = self.note("POST", "/walks/new/", [*form.fields, ("op", "draft")])
        if kept.status == 302 and kept.location.startswith("/walks/"):
            self.note("GET", kept.location)
            self.note("POST", f"{kept.location}cancel/", [])

    def note(self, method: str, path: str, fields: list[tuple[str, str]] | None = None) -> Answer:
        """Ask, and write down how it went."""
        answer = self.browser.get(path) if method == "GET" else self.browser.post(path, fields or [])
        (self.tally.waited if method == "GET" else self.tally.writes).append(answer.seconds)
        if answer.status not in (200, 302):
            self.tally.errors.append(f"{answer.status} {method} {path}")
        return answer


def run(installation: Installation, sessions: list[str], seconds: float) -> dict[str, object]:
    """Let them all in for that long; how it went, and what the web server's memory did meanwhile."""
    tally, until = Tally(), time.monotonic() + seconds
    crowd = [Teacher(visitor(installation, s), tally, until, random.Random(n)) for n, s in enumerate(sessions)]
    threads = [threading.Thread(target=teacher.live) for teacher in crowd]
    for thread in threads:
        thread.start()
    time.sleep(min(30, seconds / 4))
    before = memory(installation)
    for thread in threads:
        thread.join()
    everything = sorted(tally.waited + tally.writes)
    return {
        "teachers": len(sessions),
        "seconds": seconds,
        "requests": len(everything),
        "writes": len(tally.writes),
        "errors": len(tally.errors),
        "first errors": tally.errors[:5],
        "median ms": statistics.median(everything) * 1000,
        "p95 ms": everything[int(len(everything) * 0.95)] * 1000,
        "MB before": before / 1e6,
        "MB after": memory(installation) / 1e6,
    }


def memory(installation: Installation) -> int:
    """Resident bytes of gunicorn and its workers."""
    assert installation.web is not None
    return sum(memory_of(pid) for pid in [installation.web.pid, *children_of(installation.web.pid)])
