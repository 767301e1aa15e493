"""Every kind of page under axe-core: phone and desktop, light and dark, without horizontal overflow or broken short
words, and with forced colours.

Closed parts of a page are opened first, so that their content is checked too. axe takes long, so it checks each page
once: the four combinations of width and theme take turns, so what pages share is checked in all four. `make attack`
checks each page in all four.
"""

import os
from itertools import cycle

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from . import tours
from .conftest import DESKTOP, HEIGHTS, PHONE, sign_in
from .measures import CHOSEN_BUT_UNMARKED, OPEN_ALL_DETAILS, TOO_WIDE

pytestmark = pytest.mark.browser
RUN_AXE = "options => axe.run(document, options).then(found => found.violations)"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
COMBINATIONS = [(DESKTOP, "light"), (PHONE, "dark"), (PHONE, "light"), (DESKTOP, "dark")]
# A bar that stays in view covers whatever happens to be below it, and axe would call that too small.
BARS_AT_REST = """() => document.querySelectorAll(".plan-bar, .compose-bar, .actionbar").forEach(bar => {
    bar.style.position = "static";
})"""
BROKEN_WORDS = """() => {
    const broken = new Set(), texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        if (texts.currentNode.parentElement.closest(".visually-hidden, .stack thead, option, textarea")) continue;
        for (const word of texts.currentNode.data.matchAll(/(?<!\\S)\\p{L}{2,9}(?=[.,:;?!]?(\\s|$))/gu)) {
            const range = document.createRange();
            range.setStart(texts.currentNode, word.index);
            range.setEnd(texts.currentNode, word.index + word[0].length);
            if (new Set([...range.getClientRects()].map(part => Math.round(part.top))).size > 1) broken.add(word[0]);
        }
    }
    return [...broken].join(", ");
}"""


class Tour:
    """A browser that goes from page to page and records what is wrong."""

    def __init__(self, visit, site, watch):
        self.today = site.now.date()
        self.page, self.site, self.watch, self.found = visit(), site, watch, []
        self.turns = cycle(COMBINATIONS)

    def become(self, mailbox):
        """Continue as another demo person."""
        sign_in(self.page.context, self.site, mailbox)

    def look(self, address, before=None):
        """Open the page, do something on it (`before`), then check it in every size and theme."""
        self.page.goto(address)
        if before:
            before(self.page)
        self.page.evaluate(OPEN_ALL_DETAILS)
        self.page.evaluate(BARS_AT_REST)
        self.page.evaluate(AXE_SCRIPT)
        for width, theme in COMBINATIONS if os.environ.get("ATTACK") == "full" else [next(self.turns)]:
            self._check_rules(address, width, theme)
        for width in (DESKTOP, PHONE):
            self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            self._check_words(address, width)
        self._check_forced_colours(address)
        for width, height in ((640, 512), (320, 640)):  # a desktop at 200 % zoom, and a small phone
            self.page.set_viewport_size({"width": width, "height": height})
            if wider := self.page.evaluate(TOO_WIDE):
                self.found.append(f"{address}: wider than {width} px because of {wider}")
        self._check_words(address, 320)

    def _check_forced_colours(self, address):
        self.page.emulate_media(forced_colors="active")
        if unmarked := self.page.evaluate(CHOSEN_BUT_UNMARKED):
            self.found.append(f"{address}: forced colours hide that this is chosen: {unmarked}")
        self.page.emulate_media(forced_colors="none")

    def _check_words(self, address, width):
        if broken := self.page.evaluate(BROKEN_WORDS):
            self.found.append(f"{address} ({width}): a short word is broken: {broken}")

    def _check_rules(self, address, width, theme):
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        self.page.emulate_media(color_scheme=theme)
        self.page.wait_for_selector(f"html[data-bs-theme={theme}]")
        for finding in self.page.evaluate(RUN_AXE, RULES):
            rule = f"{finding['id']} [{finding['impact']}]"
            for node in finding["nodes"]:
                self.found.append(f"{address} ({width} {theme}): {rule} at {node['target']}: {node['failureSummary']}")
        self.page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("way", tours.ALL, ids=lambda way: way.__name__)
def test_every_page_is_accessible(visit, site, watch, way):
    tour = Tour(visit, site, watch)
    way(tour)
    assert not tour.found, "\n".join(tour.found)
