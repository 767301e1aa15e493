"""Find out whether a text mentions a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from ..models import Person

Mentions = Callable[[str], bool]
WHOLE_WORD_BELOW = 4  # letters; a shorter name is part of too many other words


def mentions_of(person: Person) -> Mentions:
    """Return a function that tells whether a text contains either name of the person, or their address."""
    return _any_of(person.given_name, person.family_name, person.email or "")


def full_mentions_of(person: Person) -> Mentions:
    """Return a function that tells whether a text contains the person's full name or their address.

    Other people may have the same first name, so the first name alone does not count.
    """
    return _any_of(person.full_name, person.email or "")


def _any_of(*names: str) -> Mentions:
    patterns = [_pattern(name) for name in names if any(letter.isalpha() for letter in name)]  # "-" is in every text
    found = re.compile("|".join(patterns), re.IGNORECASE)
    return lambda text: found.search(text) is not None


def _pattern(name: str) -> str:
    """Return a pattern that finds the name at the start of a word ("Lindqvists Klasse").

    A short Latin name such as Bo must be a whole word. Scripts without capitals may write words without spaces, or
    particles before a name, so such a name is found anywhere.
    """
    start = r"(?<!\w)" if name.lower() != name.upper() else ""
    latin = all(unicodedata.name(letter, "").startswith("LATIN") for letter in name if letter.isalpha())
    end = r"(?!\w)" if latin and len(name) < WHOLE_WORD_BELOW else ""
    return start + re.escape(name) + end
