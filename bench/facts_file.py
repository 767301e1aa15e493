"""What the bench must know of an installation; bench/facts.py gathers it there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Facts:
    """The numbers in addresses, people's sessions, and the queries of each page."""

    names: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    queries: dict[str, int] = field(default_factory=dict)
    crowd: list[str] = field(default_factory=list)

    def fill_in(self, text: str) -> str:
        """An address or a mailbox with its numbers."""
        return text.format(**self.names)
