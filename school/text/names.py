"""People's names as they are said and as lists sort them. Some people have one name only; it is a family name here."""

from __future__ import annotations


def full_name(given: str, family: str, *, family_first: bool) -> str:
    """Return the name as it is said: "Amara Osei", or "Osei Amara" where the family name comes first."""
    return f"{family} {given}".strip() if family_first else f"{given} {family}".strip()


def sort_name(given: str, family: str, *, family_first: bool) -> str:
    """Return the name as sorted lists show it: "Osei, Amara". No comma is needed if the family name is said first."""
    separator = " " if family_first else ", "
    return separator.join(name for name in (family, given) if name)


def initials(given: str, family: str, *, family_first: bool) -> str:
    """Return two letters: of both names, or the first two of a single name."""
    if not (given and family):
        return f"{given}{family}"[:2].upper()
    letters = family[0] + given[0] if family_first else given[0] + family[0]
    return letters.upper()


def store_single_name(given: str, family: str) -> tuple[str, str]:
    """Return given and family name. A single name becomes the family name, because lists are sorted by that."""
    return (given, family) if family else ("", given)
