"""Dates in words. Dates of another year name their year."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format


def date_words(date: dt.date, style: str, *, today: dt.date) -> str:
    """Return the date in Django's format `style`, with the year if it is not this year."""
    with_year = style if date.year == today.year else f"{style} Y"
    return date_format(date, with_year)
