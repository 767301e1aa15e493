"""The word for a semester in sentences such as "your autumn walk"."""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_noop

SEASONS = (
    gettext_noop("autumn"),
    gettext_noop("fall"),
    gettext_noop("winter"),
    gettext_noop("spring"),
    gettext_noop("summer"),
)


def guess_word(name: str) -> str:
    """Return the season in a semester's name, in English or the reader's language; else "semester"."""
    words = re.findall(r"\w+", name.casefold())
    return next((word for word in words if is_season(word)), gettext("semester"))


def is_season(word: str) -> bool:
    """Whether the word names a season, in English or in the reader's language."""
    return word.casefold() in {*SEASONS, *(gettext(season).casefold() for season in SEASONS)}
