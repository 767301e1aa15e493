"""The door through which a walk changes state: the whole grid of state, action and person."""

import datetime as dt

import pytest

from school.errors import NotAllowedError
from school.tests.factories import NOW
from walks import approval
from walks.errors import AlreadyDecidedError
from walks.models import State, Walk
from walks.tests.factories import a_walk


def test_a_head_approves_a_request(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    assert (walk.state, walk.decided_by, walk.decided_at) == (State.APPROVED, head, NOW)


def test_nobody_decides_on_their_own_walk(head, hosts, administrator):
    walk = a_walk(head, hosts, state="requested")
    with pytest.raises(NotAllowedError):
        approval.approve(walk, by=head, now=NOW)
    approval.approve(walk, by=administrator, now=NOW)
    assert walk.state == State.APPROVED


@pytest.mark.parametrize("person", ["walker", "colleague", "other_head", "administrator", "stranger"])
def test_others_cannot_decide(person, walker, hosts, head, request):
    walk = a_walk(walker, hosts, state="requested")
    with pytest.raises(NotAllowedError):
        approval.approve(walk, by=request.getfixturevalue(person), now=NOW)
    assert Walk.objects.get().state == State.REQUESTED


def test_the_second_decider_is_told_who_and_when(walker, hosts, head, school):
    walk = a_walk(walker, hosts, state="requested")
    stale = Walk.objects.get()
    approval.approve(walk, by=head, now=NOW)
    with pytest.raises(AlreadyDecidedError, match="Lucía Reyes approved this walk at 09:00"):
        approval.ask_change(stale, words="Period 4?", by=head, now=NOW)


@pytest.mark.parametrize("action", sorted(approval.TABLE))
@pytest.mark.parametrize("state", State.values)
def test_only_the_tables_states_may_start_an_action(action, state, walker, hosts, head):
    walk = a_walk(walker, hosts, state=state)
    step = approval.TABLE[action]
    by = head if action in ("approve", "adjust", "ask_change") else walker
    if step.only_if == approval.LIVE and state == State.APPROVED:
        Walk.objects.update(started_at=NOW)
    walk.refresh_from_db()
    fits = state in step.origin and step.only_if != approval.AS_SUGGESTED  # its own test is below
    assert approval.may(by, action, walk) == fits


def test_finishing_starts_twenty_four_real_hours(walker, hosts, head):
    walk = a_walk(walker, hosts, started_at=NOW)
    approval.finish(walk, by=walker, now=NOW)
    assert walk.praise_due_at == NOW + dt.timedelta(hours=24)
