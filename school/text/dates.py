"""Dates in words. Dates of another year name their year."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format


def date_words(date: dt.date, style: str, *, today: dt.date) -> str:
    """The date in Django's format; with the year, when it is not that of today."""
    return date_format(date, style if date.year == today.year else f"{style} Y")
