"""Tell administrators about walks that are planned on days off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils.translation import ngettext

from school import policy
from school.models import School
from school.text.typed import number_in_words

from .models import Walk
from .querysets import STATES_THAT_OCCUPY_ROOMS


@policy.planned_on_days
def sentence_about_planned_walks(school: School, days: Collection[dt.date], now: dt.datetime) -> str:
    """Say how many walks are planned on these days, or return an empty text."""
    walks = Walk.objects.filter(walker__school=school, date__in=days, ends_at__gt=now)
    number = walks.filter(state__in=STATES_THAT_OCCUPY_ROOMS, started_at__isnull=True).count()
    if not number:
        return ""
    if len(days) == 1:
        words = ngettext(
            "%(n)s walk is planned on that day; the walker and the Head of Grade will see that there is no school.",
            "%(n)s walks are planned on that day; the walkers and Heads of Grade will see that there is no school.",
            number,
        )
    else:
        words = ngettext(
            "%(n)s walk is planned on these days; the walker and the Head of Grade will see that there is no school.",
            "%(n)s walks are planned on these days; the walkers and Heads of Grade will see that there is no school.",
            number,
        )
    return words % {"n": number_in_words(number)}
