"""The order in which people expect codes: "2" before "10", and "Gym 9" before "Gym 10"."""

from __future__ import annotations

import re

from .typed import comparable


def natural_key(code: str) -> str:
    """Return a text that sorts as people expect: each number is preceded by a character for its length."""
    return re.sub(r"0*(\d+)", lambda found: f"{chr(ord('0') + len(found[1]))}{found[1]}", comparable(code))
