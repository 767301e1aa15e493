"""Why a walk is proposed, in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.models import Period, Person
from school.text.typed import number_in_words

from ..availability.availability import Availability
from .routes import PeopleRoute, Route

MOST_IN_WORDS = 10  # "five of six rooms", but "10 of 15 rooms"


def why_words(
    route: Route,
    date: dt.date,
    period: Period,
    room_ids: Collection[int],
    *,
    walker: Person,
    availability: Availability,
) -> str:
    """Return for example "You’re free, five of six rooms teach, nobody else is visiting."

    `room_ids` are the proposed rooms. Lessons and rooms of the route must have been read.
    """
    open_rooms = availability.open_rooms(date, period, visitor=walker).values()
    teaching = sum(route.has(taught.room, taught.hosts) for taught in open_rooms)
    rooms = sum(route.has(room, ()) for room in availability.rooms.values())
    visitors = availability.visitor_counts(availability.longest_walk_times(date, period))
    numbers: dict[str, str | int] = {"n": teaching, "all": rooms}
    if isinstance(route, PeopleRoute):
        who = ngettext("%(n)s colleague teaches", "%(n)s colleagues teach", teaching)
    elif teaching == rooms:
        who = ngettext("its %(n)s room teaches", "all %(n)s rooms teach", rooms)
    else:
        who = ngettext("%(n)s of %(all)s room teaches", "%(n)s of %(all)s rooms teach", rooms)
    if max(teaching, rooms) <= MOST_IN_WORDS:
        numbers = {"n": number_in_words(teaching).lower(), "all": number_in_words(rooms).lower()}
    parts = [_("you’re free"), who % numbers]
    if visitors.keys().isdisjoint(room_ids):
        parts.append(_("nobody else is visiting"))
    return f"{capfirst(', '.join(parts))}."
