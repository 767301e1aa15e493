"""The texts for planning and approval: the norms, the ready-made replies, and no word that recalls an inspection."""

import re

import pytest

from walks import content

FORBIDDEN = "observation|evaluat|evidence|complian|feedback form|submit|reject|overdue|fail|score|please|oops|invalid"
REPLIES = content.CHANGE_REPLIES
LINES = content.NORMS


@pytest.mark.parametrize("words", [str(line) for line in LINES] + [str(reply.words) for reply in REPLIES])
def test_the_texts_have_no_word_that_recalls_an_inspection(words):
    assert re.findall(FORBIDDEN, words, re.IGNORECASE) == []


def test_there_are_eleven_norms():
    assert len(content.NORMS) == 11


def test_a_school_without_norms_shows_the_default_norms(school):
    assert content.norms_of(school)[0] == "You’re there to learn, not to judge."


def test_a_school_shows_its_own_norms(school):
    school.norms = "Be kind.\n\n  Knock softly.  \n"
    assert content.norms_of(school) == ["Be kind.", "Knock softly."]
