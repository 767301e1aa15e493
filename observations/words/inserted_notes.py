"""Put a note into a text (praise or takeaway) as a paragraph of its own, and take it out again."""

from __future__ import annotations

import re
from collections import deque

from school.text.typed import several_lines


def contains_note(text: str, note: str) -> bool:
    """Whether the note stands in the text, on lines of its own."""
    return _find(note, several_lines(text)) is not None


def toggle_note(text: str, note: str) -> str:
    """Return the text without the note if it contains the note, otherwise with the note as its last paragraph."""
    words = several_lines(text)
    found = _find(note, words)
    if found is None:
        return "\n\n".join(filter(None, (words, several_lines(note))))
    before = words[: found.start()].rstrip()
    after = words[found.end() :]
    return several_lines(before + after)


def _find(note: str, words: str) -> re.Match[str] | None:
    """Find the last place of the note in the text. The same words within a line are the walker's own sentence."""
    places = re.finditer(rf"(?<![^\n]){re.escape(several_lines(note))}(?![^\n])", words)
    return next(iter(deque(places, maxlen=1)), None)
