"""A walk to three rooms on Thursday 12 November at ten past ten, and its steps."""

import pytest

from walks.tests.factories import TEN_PAST_TEN, a_walk
from walks.workflow import walking


@pytest.fixture
def walk(walker, hosts, head):
    """An approved walk."""
    return a_walk(walker, hosts)


@pytest.fixture
def stops(walk):
    """The three stops of the walk."""
    found = list(walk.stops.all())
    for stop in found:
        stop.walk = walk
    return found


@pytest.fixture
def live(walk, stops, walker):
    """A started walk with the walker in the first room."""
    walking.arrive(stops[0], by=walker, now=TEN_PAST_TEN)
    walk.refresh_from_db()
    return walk
