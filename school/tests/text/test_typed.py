"""What people type and read: numbers in words, codes in order."""

import pytest

from school.text.natural_order import natural_key
from school.text.typed import number_in_words


@pytest.mark.parametrize(("value", "words"), [(0, "0"), (1, "One"), (10, "Ten"), (11, "11")])
def test_one_to_ten_are_written_as_words_and_other_numbers_as_figures(value, words):
    assert number_in_words(value) == words


def test_codes_are_in_the_order_of_their_numbers():
    codes = ["2", "010", "100", "A2", "A10", "Gym 9", "gym 10", "SCI-104", "SCI-1000"]
    assert sorted(sorted(codes), key=natural_key) == codes
