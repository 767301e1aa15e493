"""A Head of Grade with a request to decide."""

import pytest

from walks.tests.factories import a_walk


@pytest.fixture
def as_head(head, sign_in):
    """The Head of Grade 7, signed in."""
    return sign_in(head)


@pytest.fixture
def requested(walker, hosts, head):
    """A request without clashes."""
    return a_walk(walker, hosts, state="requested")
