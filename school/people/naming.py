"""Find whether a text names a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from ..models import Person

Naming = Callable[[str], bool]
WHOLE_BELOW = 4  # letters; a shorter name is part of too many words


def naming(person: Person) -> Naming:
    """Whether a text holds either name of the person, or their address."""
    return _holding(person.given_name, person.family_name, person.email)


def naming_in_full(person: Person) -> Naming:
    """Whether a text holds the full name or the address of the person; a first name alone may be a namesake's."""
    return _holding(person.full_name, person.email)


def _holding(*words: str) -> Naming:
    known = [_within(name) for name in words if any(letter.isalpha() for letter in name)]  # "-" would name everybody
    pattern = re.compile("|".join(known), re.IGNORECASE)
    return lambda text: pattern.search(text) is not None


def _within(name: str) -> str:
    """Where a name begins a longer word it counts ("Lindqvists Klasse"), unless it is Latin and short, as Bo is.

    A script without capitals may have no gaps between words, or particles before them: there it counts anywhere.
    """
    start = r"(?<!\w)" if name.lower() != name.upper() else ""
    latin = all(unicodedata.name(letter, "").startswith("LATIN") for letter in name if letter.isalpha())
    return start + re.escape(name) + (r"(?!\w)" if latin and len(name) < WHOLE_BELOW else "")
