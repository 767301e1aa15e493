"""The plate of a room: its code in at most six characters, for the small sign that stands for the room on a page.

1. A code of up to six characters is its own plate: "204", "Gym".
2. Else spaces and signs go: "R-2 104" becomes "R2104".
3. If that is still too long, the last number stays whole, each word but the first becomes a capital, and the first
   word keeps as many letters as fit: "SCI-B 104" becomes "SCB104", "Kiln room" becomes "KilnR".
4. If another room has that plate, a small letter follows: "GymE", "GymEb", "GymEc".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from string import ascii_lowercase

from .typed import comparable

LENGTH = 6


def plate_of(code: str, *, length: int = LENGTH) -> str:
    """Return the plate of a code by the first three rules."""
    if len(code) <= length:
        return code
    words = re.findall(r"\d+|[^\W\d_]+", code)
    if sum(map(len, words)) <= length:
        return "".join(words) or code[:length]
    last_number = next((index for index in reversed(range(len(words))) if words[index].isdecimal()), None)
    number = words.pop(last_number)[-length:] if last_number is not None else ""
    initials = "".join(word[0].upper() for word in words[1:])[: max(length - len(number) - 1, 0)]
    first = words[0][: length - len(number) - len(initials)] if words else ""
    return first + initials + number


def plates_of(codes: Iterable[str], *, taken: Iterable[str]) -> dict[str, str]:
    """Return a plate for each code. No two rooms get the same one, unless a whole alphabet of them is taken."""
    used = {comparable(plate) for plate in taken}
    plates = {}
    for code in codes:
        others = (plate_of(code, length=LENGTH - 1) + letter for letter in ascii_lowercase[1:])
        choices = chain([plate_of(code)], others)
        plates[code] = next((plate for plate in choices if comparable(plate) not in used), plate_of(code))
        used.add(comparable(plates[code]))
    return plates
