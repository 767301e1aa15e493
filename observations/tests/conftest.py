"""A walk under way, with the walker in the first of three rooms; and a walk that has ended."""

import datetime as dt

import pytest
import time_machine

from walks.models import Walk
from walks.tests.factories import TEN_PAST_TEN, a_walk
from walks.workflow import walking


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


@pytest.fixture
def walk(walker, hosts):
    """A walk that has ended. No host is thanked yet."""
    return a_walk(walker, hosts, state="walked")


@pytest.fixture
def stop(walk):
    """The stop in Room 204, where Jonas teaches."""
    return walk.stops.first()


@pytest.fixture
def later(walk):
    """An hour after the walk ended."""
    return walk.finished_at + dt.timedelta(hours=1)


@pytest.fixture
def as_walker(sign_in, walker):
    """The walker, signed in."""
    return sign_in(walker)
