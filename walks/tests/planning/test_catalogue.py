"""The twenty practices that a new school gets: complete, in plain words, and loaded once."""

import re

import pytest

from walks.models import Practice
from walks.planning import catalogue

FORBIDDEN = "observation|evaluat|evidence|complian|feedback form|submit|reject|overdue|fail|score|please|oops|invalid"
ENTRIES = [pytest.param(entry, id=entry.name) for entry in catalogue.CATALOGUE]


def words_of(entry):
    return [entry.name, entry.group, entry.borrow_prompt, entry.sample_praise, *entry.look_fors, *entry.student_prompts]


def test_there_are_twenty_practices_with_different_names():
    assert len({entry.name for entry in catalogue.CATALOGUE}) == len(catalogue.CATALOGUE) == 20


def test_every_group_has_a_practice():
    assert {entry.group for entry in catalogue.CATALOGUE} == {
        catalogue.STANDARDS,
        catalogue.OUTCOMES,
        catalogue.ASSESSMENT,
        catalogue.TECHNOLOGY,
    }


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_practice_has_all_its_texts(entry):
    assert 3 <= len(set(entry.look_fors)) == len(entry.look_fors) <= 5
    assert len(set(entry.student_prompts)) == 2
    assert entry.borrow_prompt.endswith("?")
    assert "___" in entry.sample_praise


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_practice_has_no_word_that_recalls_an_inspection(entry):
    assert re.findall(FORBIDDEN, " ".join(words_of(entry)), re.IGNORECASE) == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_students_are_asked_about_learning_not_about_the_teacher(entry):
    assert "teacher" not in " ".join(entry.student_prompts).lower()


def test_each_practice_has_its_own_sample_praise_and_borrow_prompt():
    assert len({entry.sample_praise for entry in catalogue.CATALOGUE}) == 20
    assert len({entry.borrow_prompt for entry in catalogue.CATALOGUE}) == 20


def test_a_school_gets_all_practices_in_order(school):
    assert catalogue.load(school) == 20
    names = Practice.objects.filter(school=school).values_list("name", flat=True)
    assert list(names) == [entry.name for entry in catalogue.CATALOGUE]


def test_loaded_practices_are_valid_and_have_one_line_for_each_look_for_and_question(school):
    catalogue.load(school)
    for practice, entry in zip(Practice.objects.filter(school=school), catalogue.CATALOGUE, strict=True):
        practice.full_clean()
        assert practice.look_fors.splitlines() == list(entry.look_fors)
        assert practice.student_prompts.splitlines() == list(entry.student_prompts)


def test_loading_again_changes_nothing_and_keeps_edits(school):
    catalogue.load(school)
    Practice.objects.filter(name="Student talk").update(look_fors="Our own", is_hidden=True)
    assert catalogue.load(school) == 0
    talk = Practice.objects.get(school=school, name="Student talk")
    assert talk.look_fors == "Our own"
    assert talk.is_hidden


def test_loading_takes_two_queries(school, django_assert_num_queries):
    with django_assert_num_queries(2):
        catalogue.load(school)
