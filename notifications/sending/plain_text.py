"""Make the plain text of a mail from its HTML, so that each sentence is written in only one template."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BLOCKS = frozenset({"blockquote", "div", "h1", "h2", "ol", "p", "table", "td", "tr", "ul"})
NOT_TEXT = frozenset({"head", "style", "title"})
SIGNATURE = "\n-- \n"  # mail programs show what follows this line as a footer
SPACE = re.compile(r"[ \t\r\n]+")
BLANK_LINES = re.compile(r"\n{3,}")


def plain_text(html: str) -> str:
    """Return the text of a mail: a blank line between paragraphs, a link as "words: address".

    <span aria-hidden="true"> is left out. <hr> begins the footer. Line breaks that a person typed are kept, because
    they are <br> in the HTML.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.footer_from: int | None = None  # where <hr> stood
        self.skipped = 0  # how many elements without text are open
        self.spans: list[bool] = []  # the open <span>s: whether each one is left out
        self.link = ""  # the address of the open link
        self.link_words_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_TEXT:
            self.skipped += 1
        elif tag == "span":
            self.spans.append(("aria-hidden", "true") in attrs)
            self.skipped += self.spans[-1]
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "hr":
            self.footer_from = len(self.parts)
        elif tag == "a":
            self.link = dict(attrs).get("href") or ""
            self.link_words_from = len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_TEXT:
            self.skipped -= 1
        elif tag == "span" and self.spans:
            self.skipped -= self.spans.pop()
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self.link:
            words = "".join(self.parts[self.link_words_from :]).strip()
            self.parts[self.link_words_from :] = [f"{words}: {self.link}" if words != self.link else self.link]
            self.link = ""

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.parts.append(SPACE.sub(" ", data))

    def text(self) -> str:
        if self.footer_from is None:
            return _tidy(self.parts)
        return _tidy(self.parts[: self.footer_from]) + SIGNATURE + _tidy(self.parts[self.footer_from :])


def _tidy(parts: list[str]) -> str:
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"
