"""Why a walk is proposed, in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.models import Period, Person
from school.text.typed import number_in_words

from ..availability.availability import Availability
from .routes import PeopleRoute, Route


def why_words(
    route: Route,
    date: dt.date,
    period: Period,
    room_ids: Collection[int],
    *,
    walker: Person,
    availability: Availability,
) -> str:
    """Return for example "You’re free, and five of six rooms have a lesson. Nobody else is visiting."

    `room_ids` are the proposed rooms. The lessons of the route must have been read.
    """
    open_rooms = availability.open_rooms(date, period, visitor=walker).values()
    teaching = sum(route.has(taught.room, taught.hosts) for taught in open_rooms)
    rooms = len(route.rooms(availability.school))
    visitors = availability.visitor_counts(availability.longest_walk_times(date, period))
    numbers = {"n": number_in_words(teaching).lower(), "all": number_in_words(rooms).lower()}
    if isinstance(route, PeopleRoute):
        words = ngettext(
            "You’re free, and %(n)s colleague teaches.", "You’re free, and %(n)s colleagues teach.", teaching
        )
    elif teaching == rooms:
        words = ngettext(
            "You’re free, and its %(n)s room has a lesson.", "You’re free, and all %(n)s rooms have a lesson.", rooms
        )
    else:
        words = ngettext(
            "You’re free, and %(n)s of %(all)s room has a lesson.",
            "You’re free, and %(n)s of %(all)s rooms have a lesson.",
            rooms,
        )
    sentences = [words % numbers]
    if visitors.keys().isdisjoint(room_ids):
        sentences.append(_("Nobody else is visiting."))
    return " ".join(sentences)
