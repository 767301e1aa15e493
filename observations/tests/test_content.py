"""Prompts and sentence starters: complete, with blanks to fill, and without words of inspection."""

import re

import pytest
from django.utils.functional import Promise

from observations import content
from observations.words.specificity import hint
from walks.content import BLANK

FORBIDDEN = "observation|evaluat|evidence|complian|feedback form|submit|reject|overdue|fail|score|please|oops|invalid"
LISTS = {name: value for name, value in vars(content).items() if name.isupper() and isinstance(value, tuple)}
TEXTS = [value for value in vars(content).values() if isinstance(value, Promise)]
WORDS = [str(text) for texts in [*LISTS.values(), TEXTS] for text in texts]


@pytest.mark.parametrize("words", WORDS)
def test_the_texts_have_no_word_of_inspection(words):
    assert re.findall(FORBIDDEN, words, re.IGNORECASE) == []


@pytest.mark.parametrize("name", LISTS)
def test_no_list_has_a_line_twice(name):
    lines = [str(line) for line in LISTS[name]]
    assert len(set(lines)) == len(lines)


def test_the_lists_are_complete():
    found = {name: len(value) for name, value in LISTS.items()}
    assert found["CORE_PROMPTS"] == 5
    assert found["PRAISE_FRAMES"] == 11
    assert found["STUDENT_PROMPTS"] == 16


@pytest.mark.parametrize("name", ["PRAISE_FRAMES", "SHARE_FRAMES"])
def test_every_frame_has_a_blank_to_fill(name):
    assert [frame for frame in LISTS[name] if BLANK not in frame] == []


def test_students_are_asked_about_learning_not_about_the_teacher():
    assert [prompt for prompt in content.STUDENT_PROMPTS if "teacher" in prompt.lower()] == []


@pytest.mark.parametrize("frame", content.PRAISE_FRAMES)
def test_no_praise_frame_sounds_like_advice(frame):
    filled = f"{frame} ".replace(BLANK, "this one small thing that I saw in 7A") * 2
    assert hint(filled) is None


def test_share_frames_are_short_enough_for_words_and_hashtags():
    """A post on X takes 280 characters, hashtags counted."""
    assert max(len(str(frame)) for frame in content.SHARE_FRAMES) < 280 // 3
