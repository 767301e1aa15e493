"""What people type and read: numbers in words."""

import pytest

from school.text.typed import number_in_words


@pytest.mark.parametrize(("value", "words"), [(0, "0"), (1, "One"), (9, "Nine"), (10, "10")])
def test_one_to_nine_are_words_and_other_numbers_figures(value, words):
    assert number_in_words(value) == words
