"""A walk under way: Thursday 12 November, ten past ten, the walker in the first of three rooms."""

import datetime as dt

import pytest
import time_machine

from walks.models import Walk
from walks.tests.factories import a_walk
from walks.workflow import walking

TEN_PAST_TEN = dt.datetime(2026, 11, 12, 10, 10, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    """The time of the walk; `clock.shift(60)` moves on by a minute."""
    with time_machine.travel(TEN_PAST_TEN, tick=False) as travel:
        yield travel


@pytest.fixture
def live(walker, hosts, head, clock):
    """The walk, with the walker in Room 204."""
    walk = a_walk(walker, hosts)
    walking.arrive(walk.stops.first(), by=walker, now=TEN_PAST_TEN)
    return Walk.objects.get(pk=walk.pk)


@pytest.fixture
def room(live):
    """The room the walker is in."""
    return live.stops.select_related("walk__walker__school", "room").first()
