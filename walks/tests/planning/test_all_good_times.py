"""Good times in random schools are exactly those that a brute-force search allows, and spread over the hosts.

`make attack` tries many more schools.
"""

import json
import os

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from school.tests.factories import NOW
from walks.planning.good_times import NEAR_HALLWAYS, next_good_times

from .brute_force import BruteForce
from .random_schools import Shape, random_school

pytestmark = [pytest.mark.django_db, pytest.mark.not_on_postgresql]  # about rules, not about queries
EXAMPLES = 150 if os.environ.get("ATTACK") == "full" else 4
SHAPES = st.builds(
    Shape,
    cycle=st.sampled_from(["weekdays", "weeks", 6, 1, 10]),
    campuses=st.sampled_from([1, 2]),
    teachers=st.integers(10, 24),
    rooms=st.integers(10, 26),
    hallways=st.integers(1, 9),
    periods=st.integers(5, 8),
    period_minutes=st.sampled_from([25, 45]),
    share_taught=st.floats(0.5, 0.85),
)


@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],  # not Phase.shrink, because each school takes a second
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(shape=SHAPES, seed=st.integers(0, 10**6))
def test_offers_keep_all_rules_and_exist_whenever_the_rules_allow_one(shape, seed):
    with transaction.atomic():
        for walker in random_school(shape, seed)[:6]:
            offers = next_good_times(walker, now=NOW)
            allowed = BruteForce(walker, NOW)
            assert [allowed.faults(offer) for offer in offers] == [[]] * len(offers)
            dates = allowed.dates()
            assert bool(offers) == bool(dates)
            if shape.hallways <= NEAR_HALLWAYS:
                assert [offer.date for offer in offers] == dates[:3]
        transaction.set_rollback(True)


def test_the_first_offers_of_a_school_spread_over_its_hosts(capsys):
    shape = Shape(cycle=6, campuses=2, teachers=80, rooms=200, hallways=12, periods=7)
    school = random_school(shape, seed=1)[0].school
    call_command("offers_report", school=school.pk, json=True)
    report = json.loads(capsys.readouterr().out)
    assert (report["teachers"], report["outside_hours_percent"]) == (80, 0)
    assert report["teachers_without_offer"] == 5  # the rules allow them no walk
    assert report["most_against_mean"] <= 3
