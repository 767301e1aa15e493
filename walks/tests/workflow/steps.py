"""The minutes of a walk, and what became of its rooms."""

import datetime as dt

from walks.tests.factories import TEN_PAST_TEN


def minute(number):
    """Return the moment that many minutes after ten past ten."""
    return TEN_PAST_TEN + dt.timedelta(minutes=number)


def room_states(walk):
    """Return what became of each room, in order."""

    def word(stop):
        if stop.skipped_at:
            return "skipped"
        if stop.left_at:
            return "left"
        return "in" if stop.arrived_at else "ahead"

    return [word(stop) for stop in walk.stops.all()]
