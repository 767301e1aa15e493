"""Dates in words. A date far away names its year. The only place that writes a day and a month."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format

HALF_A_YEAR = dt.timedelta(days=183)


def date_words(date: dt.date, style: str = "l j F", *, today: dt.date | None = None) -> str:
    """Return the date in Django's format `style`, with the year if it is not this year or over half a year away.

    So "20 January" without a year, read in December, can only be the one that has just been or comes next.
    """
    today = today or timezone.localdate()
    day = date.date() if isinstance(date, dt.datetime) else date
    is_near = day.year == today.year and abs(day - today) <= HALF_A_YEAR
    return date_format(date, style if is_near else f"{style} Y")
