"""Facts that the benchmark needs about an installation. bench/facts.py collects them there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Facts:
    """Ids for URLs, sessions by mailbox, and query counts by page."""

    names: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    queries: dict[str, int] = field(default_factory=dict)
    crowd: list[str] = field(default_factory=list)

    def fill_in(self, text: str) -> str:
        """Replace names such as {walk} in a URL or a mailbox."""
        return text.format(**self.names)
