"""Dates in words. Dates of another year name their year. The only place that writes a day and a month."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format


def date_words(date: dt.date, style: str = "l j F", *, today: dt.date | None = None) -> str:
    """Return the date in Django's format `style`, with the year if it is not this year."""
    this_year = (today or timezone.localdate()).year
    return date_format(date, style if date.year == this_year else f"{style} Y")
