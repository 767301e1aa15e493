"""What people type and read: numbers in words, codes in order, plates of rooms."""

import pytest

from school.text.natural_order import natural_key
from school.text.plates import plates_of
from school.text.typed import number_in_words


@pytest.mark.parametrize(("value", "words"), [(0, "0"), (1, "One"), (10, "Ten"), (11, "11")])
def test_one_to_ten_are_written_as_words_and_other_numbers_as_figures(value, words):
    assert number_in_words(value) == words


def test_codes_are_in_the_order_of_their_numbers():
    codes = ["2", "010", "100", "A2", "A10", "Gym 9", "gym 10", "SCI-104", "SCI-1000"]
    assert sorted(sorted(codes), key=natural_key) == codes


def test_a_plate_keeps_the_number_and_shortens_the_words():
    plates = {
        "204": "204",
        "R-2 104": "R2104",
        "SCI-104": "SCI104",
        "SCI-B 104": "SCB104",
        "Science Lab 12": "SciL12",
        "Gym East": "GymE",
        "Musikzimmer": "Musikz",
        "12345678": "345678",
        "-" * 9: "-" * 6,
    }
    assert plates_of(plates, taken=[]) == plates


def test_two_rooms_get_different_plates():
    assert plates_of(["Gym East", "Gym End", "SCI-104"], taken=["gyme", "SCI104"]) == {
        "Gym East": "GymEb",
        "Gym End": "GymEnd",
        "SCI-104": "SC104b",
    }
