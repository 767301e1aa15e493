"""Walks recorded afterwards: "I did walk", and walks that nobody planned."""

import datetime as dt

import pytest

from school.errors import NotAllowedError, RuleError
from walks.tests.factories import a_walk
from walks.workflow import afterwards, walking

TEN_PAST_TEN = dt.datetime(2026, 11, 12, 10, 10, tzinfo=dt.UTC)  # the planned walk's own day and time


def minutes(number):
    return TEN_PAST_TEN + dt.timedelta(minutes=number)


@pytest.fixture
def walk(walker, hosts, head):
    return a_walk(walker, hosts)


@pytest.fixture
def stops(walk):
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


def states(walk):
    def word(stop):
        if stop.skipped_at:
            return "skipped"
        return "left" if stop.left_at else "in" if stop.arrived_at else "ahead"

    return [word(stop) for stop in walk.stops.all()]


def test_nobody_logs_for_the_walker(live, head):
    with pytest.raises(NotAllowedError):
        afterwards.log_planned(live, visited=[], started_at=TEN_PAST_TEN, minutes=20, by=head, now=minutes(30))


# --- A planned walk -----------------------------------------------------------------------------
def test_a_walk_logged_afterwards_shares_its_minutes(walk, stops, walker):
    visited = [stops[0].pk, stops[2].pk]
    afterwards.log_planned(walk, visited=visited, started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minutes(90))
    assert states(walk) == ["left", "skipped", "left"]
    assert walk.stops.last().arrived_at == minutes(10)
    assert (walk.state, walk.finished_at) == ("walked", minutes(20))


def test_logging_needs_a_room(walk, walker):
    with pytest.raises(walking.NothingVisitedError):
        afterwards.log_planned(walk, visited=[], started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minutes(90))


def test_logging_needs_the_walks_semester(walk, stops, walker):
    august = TEN_PAST_TEN.replace(month=8)
    with pytest.raises(RuleError, match="Choose a day in Autumn 2026"):
        afterwards.log_planned(walk, visited=[stops[0].pk], started_at=august, minutes=20, by=walker, now=minutes(90))


def test_a_walk_under_way_is_not_logged(live, stops, walker):
    with pytest.raises(RuleError, match="This walk is not waiting to be walked"):
        afterwards.log_planned(
            live, visited=[stops[0].pk], started_at=TEN_PAST_TEN, minutes=20, by=walker, now=minutes(90)
        )
