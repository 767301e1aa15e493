"""The pages to measure: who opens them, and what multiple of the reference they may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page for one person. `path` may contain a fact of the installation, such as {walk}."""

    name: str
    who: str
    path: str
    limit: float
    against: str = "bare list"


BARE = Page("bare list", "bare", "/", 0)  # of another site (bench/bare.py)
# L0: session and signed-in person only. LB: L0 plus 25 rows in a simple template (bench/reference.py). A page's `limit`
# is a multiple of the page named in `against`.
REFERENCES = (
    BARE,
    Page("L0", "walker", "/bench/l0/", 0),
    Page("LB", "walker", "/bench/lb/", 0),
    Page("LB in base.html", "walker", "/bench/lb-base/", 0),
    Page("raw SQL + csv", "admin", "/bench/raw.csv?semester={semester}", 0),
)
PAGES = (
    Page("home, a walker's", "walker", "/", 1.5),
    Page("home, a host's", "host", "/", 1.5),
    Page("home, a head's", "head", "/", 1.5),
    Page("home, a newcomer's", "{newcomer}", "/", 2),
    Page("my walks", "walker", "/walks/", 1.5),
    Page("approvals, a head's", "head", "/approvals/", 3),
    Page("approvals, an administrator's", "admin", "/approvals/", 3),
    Page("people", "admin", "/people/", 2),
    Page("praise received", "host", "/praise/", 1.5),
    Page("walk", "walker", "/walks/{walk}/", 1.2),
    Page("plan a walk", "walker", "/walks/new/", 2),
    Page("edit a request", "{asking}", "/walks/{request}/edit/", 2.5),
    Page("walk, at the next room", "{arriving}", "/walks/{next_room}/go/", 1),
    Page("walk, in a room", "{walking}", "/walks/{live}/go/{room}/", 1.5),
    Page("report, an administrator's", "admin", "/report/", 3),
    Page("report, a head's", "head", "/report/", 3),
    Page("report as CSV", "admin", "/report.csv", 2, "raw SQL + csv"),
)
