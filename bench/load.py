"""Simulate many teachers at once: they open pages, read for a while, and sometimes plan a walk and cancel it."""

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

READS = (5.0, 15.0)  # seconds to read a page: least, most
PAGES = ("/", "/", "/", "/walks/", "/praise/", "/praise/sent/", "/walks/new/", "/norms/", "/me/", "/walks/ideas/")
PLANS = 0.1  # probability that the next action is planning a walk


class Form(HTMLParser):
    """The fields that a browser would send from the planner's form, without its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.routes: list[str] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the inputs, the selected options, and the ready-made routes."""
        known = {name: value or "" for name, value in attrs}
        name = known.get("name", "")
        value = known.get("value", "")
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
    """The errors of the whole crowd, and the seconds that they waited for pages and for writes."""

    waited: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Teacher:
    """One simulated teacher."""

    browser: Visitor
    tally: Tally
    until: float
    chance: random.Random

    def work(self) -> None:
        """Act and read in turn until the time is up."""
        time.sleep(self.chance.uniform(0, READS[1]))
        while time.monotonic() < self.until:
            self.act()
            time.sleep(self.chance.uniform(*READS))

    def act(self) -> None:
        """Open a page, or plan a walk."""
        try:
            if self.chance.random() < PLANS:
                self.plan()
            else:
                self.request("GET", self.chance.choice(PAGES))
        except (OSError, http.client.HTTPException) as error:
            self.tally.errors.append(type(error).__name__)

    def plan(self) -> None:
        """Open the planner, choose a route, save a draft, open it, cancel it."""
        form = Form(self.request("GET", "/walks/new/").body)
        if not form.routes:
            return
        form = Form(self.request("POST", "/walks/new/", [*form.fields, ("op", self.chance.choice(form.routes))]).body)
        kept = self.request("POST", "/walks/new/", [*form.fields, ("op", "draft")])
        if kept.status == 302 and kept.location.startswith("/walks/"):
            self.request("GET", kept.location)
            self.request("POST", f"{kept.location}cancel/", [])

    def request(self, method: str, path: str, fields: list[tuple[str, str]] | None = None) -> Answer:
        """Send a request, and record its time and any error."""
        answer = self.browser.get(path) if method == "GET" else self.browser.post(path, fields or [])
        waiting_times = self.tally.waited if method == "GET" else self.tally.writes
        waiting_times.append(answer.seconds)
        if answer.status not in (200, 302):
            self.tally.errors.append(f"{answer.status} {method} {path}")
        return answer


def run(installation: Installation, sessions: list[str], seconds: float) -> dict[str, object]:
    """Let the crowd work for `seconds`. Return the figures, with the web server's memory early on and at the end."""
    tally = Tally()
    until = time.monotonic() + seconds
    crowd = [
        Teacher(visitor(installation.port, session), tally, until, random.Random(number))
        for number, session in enumerate(sessions)
    ]
    threads = [threading.Thread(target=teacher.work) for teacher in crowd]
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
    """Return the resident bytes of the product's gunicorn and its workers."""
    web = installation.webs[0].pid
    return sum(memory_of(pid) for pid in [web, *children_of(web)])
