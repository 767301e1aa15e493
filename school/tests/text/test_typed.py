"""What people type and read: numbers in words."""

import pytest

from school.text.typed import number_in_words


@pytest.mark.parametrize(("value", "words"), [(0, "0"), (1, "One"), (10, "Ten"), (11, "11")])
def test_one_to_ten_are_written_as_words_and_other_numbers_as_figures(value, words):
    assert number_in_words(value) == words
