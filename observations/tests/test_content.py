"""Prompts and sentence starters: complete, with blanks to fill, and without words that recall an inspection."""

import re

import pytest
from django.utils.functional import Promise

from observations import content
from observations.words.praise_hint import find_hint
from walks.content import BLANK

FORBIDDEN = "observation|evaluat|evidence|complian|feedback form|submit|reject|overdue|fail|score|please|oops|invalid"
LISTS = {name: value for name, value in vars(content).items() if name.isupper() and isinstance(value, tuple)}
TEXTS = [value for value in vars(content).values() if isinstance(value, Promise)]
WORDS = [str(text) for texts in [*LISTS.values(), TEXTS] for text in texts]


@pytest.mark.parametrize("words", WORDS)
def test_the_texts_have_no_word_that_recalls_an_inspection(words):
    assert re.findall(FORBIDDEN, words, re.IGNORECASE) == []


@pytest.mark.parametrize("name", LISTS)
def test_no_list_has_a_line_twice(name):
    lines = [str(line) for line in LISTS[name]]
    assert len(set(lines)) == len(lines)


def test_the_lists_are_complete():
    found = {name: len(value) for name, value in LISTS.items()}
    assert found["CORE_PROMPTS"] == 5
    assert found["SAMPLE_PRAISE"] == 11
    assert found["STUDENT_PROMPTS"] == 16


@pytest.mark.parametrize("name", ["SAMPLE_PRAISE", "SENTENCES_TO_SHARE"])
def test_every_sample_sentence_has_a_gap_to_fill(name):
    assert [sentence for sentence in LISTS[name] if BLANK not in sentence] == []


def test_students_are_asked_about_learning_not_about_the_teacher():
    assert [prompt for prompt in content.STUDENT_PROMPTS if "teacher" in prompt.lower()] == []


@pytest.mark.parametrize("sentence", content.SAMPLE_PRAISE)
def test_no_sample_praise_sounds_like_advice(sentence):
    filled = f"{sentence} ".replace(BLANK, "this one small thing that I saw in 7A") * 2
    assert find_hint(filled) is None


def test_sentences_to_share_are_short_enough_for_words_and_hashtags():
    """A post on X has 280 characters. Two thirds are kept for the words in the blanks, and for hashtags."""
    assert max(len(str(sentence)) for sentence in content.SENTENCES_TO_SHARE) < 280 // 3
