"""The hint while praise is written: about vague words and advice. Good praise gets none."""

import pytest
from django.utils import translation

from observations.words.praise_hint import find_hint

GOOD = (
    "When you waited after asking why the ice melted, I noticed students turn to each other and start explaining. "
    "I'm going to try that pause with my sevens."
)


def with_moment(sentence):
    return f"{GOOD} {sentence}"


def test_good_praise_gets_no_hint():
    assert find_hint(GOOD) is None


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_box_gets_no_hint(text):
    assert find_hint(text) is None


def test_short_praise_gets_a_hint_to_add_a_line():
    assert find_hint("Great lesson, thank you!").startswith("Short and kind.")


def test_twenty_words_are_enough():
    nineteen = "When we met " + "word " * 16
    assert find_hint(nineteen).startswith("Short and kind.")
    assert find_hint(nineteen + "more") is None


def test_long_praise_without_a_moment_gets_a_hint():
    text = (
        "What a lovely lesson in a lovely room with lovely people, so good to be there and so nice to see it all. " * 2
    )
    assert find_hint(text).startswith("Is there one moment in your praise?")


@pytest.mark.parametrize(
    "moment",
    [
        "when",
        "because",
        "so",
        "I saw",
        "I heard",
        "noticed",
        "“why?”",
        '"why?"',
        "14",
        "three",
        "I also saw",
        "Noticed",
    ],
)
def test_one_concrete_word_counts_as_a_moment(moment):
    assert find_hint(f"{'lovely ' * 25} {moment} students {'lovely ' * 3}") is None


@pytest.mark.parametrize("word", ["but", "But", "however", "However,"])
def test_praise_with_but_or_however_gets_a_hint(word):
    assert "Often people remember only" in find_hint(with_moment(f"It was calm, {word} the end was rushed."))


@pytest.mark.parametrize(
    "sentence",
    [
        "I saw nothing but smiles.",
        "They not only counted but sorted as well.",
        "Last but not least, thank you.",
        "I could not help but smile.",
        "Every voice, however quiet, was heard.",
        "Your button wall and the rebuttal game are lovely.",
        "A student said “I was wrong but now I see it”.",
        'A student said "you should listen to Mia, she knows".',
        "A student said 'I was stuck but I asked'.",
    ],
)
def test_harmless_uses_of_but_however_and_should_get_no_hint(sentence):
    assert find_hint(with_moment(sentence)) is None


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("You should do it more often.", "should"),
        ("I think you should slow down.", "should"),
        ("The pairs shouldn’t change so often.", "shouldn't"),
        ("Next time the timer might help.", "next time"),
        ("Try to leave more time.", "try to"),
        ("You could try to leave more time.", "try to"),
        ("Maybe try to leave more time.", "try to"),
        ("I’ll borrow it, and you should tell others.", "should"),
    ],
)
def test_advice_gets_a_hint(sentence, word):
    assert find_hint(with_moment(sentence)).startswith(f"“{word}” can sound like advice.")


@pytest.mark.parametrize(
    "sentence",
    [
        "I'm going to try to wait longer.",
        "I’m going to try it next time.",
        "I'll try to copy that.",
        "I will use it next time.",
        "Next time I teach fractions I want your cards.",
        "I should do this in my room.",
        "I really should borrow it.",
        "I want to try to copy your board.",
        "I saw students try to beat their own best.",
    ],
)
def test_the_walkers_own_plans_get_no_hint(sentence):
    assert find_hint(with_moment(sentence)) is None


def test_the_hint_about_advice_comes_before_the_hint_about_length():
    assert find_hint("You should smile more.").startswith("“should”")


def test_praise_in_other_languages_gets_only_the_hint_about_length():
    with translation.override("de"):
        assert find_hint("Danke!") is not None
        assert (
            find_hint("Das war ein Besuch, den ich nicht vergesse, aber auch nicht nur wegen der Ruhe im Raum. " * 2)
            is None
        )
