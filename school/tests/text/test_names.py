"""How names are said, sorted and shortened."""

import pytest

from school.models import Person


@pytest.mark.parametrize(
    ("given", "family", "family_first", "shown"),
    [
        ("Amara", "Osei", False, ("Amara Osei", "Osei, Amara", "Amara", "AO")),
        ("Amara", "Osei", True, ("Osei Amara", "Osei Amara", "Amara", "OA")),
        ("", "Sukarno", False, ("Sukarno", "Sukarno", "Sukarno", "SU")),
        ("Zoë", "", True, ("Zoë", "Zoë", "Zoë", "ZO")),
    ],
)
def test_a_name_is_said_sorted_and_shortened(given, family, family_first, shown):
    person = Person(given_name=given, family_name=family, family_name_first=family_first)
    assert (person.full_name, person.sort_name, person.short_name, person.initials) == shown
