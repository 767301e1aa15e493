"""The catalogue of practices: administrators add, change and hide practices; walks keep what they chose."""

import pytest

from school.errors import NotAllowedError, RuleError
from walks.models import Practice
from walks.planning import practices
from walks.tests.factories import a_practice, a_walk

PRACTICE = {"name": "Wait time", "group": "Talk", "look_fors": "Students finish their sentences"}


@pytest.mark.parametrize("persona", ["walker", "head"])
def test_only_administrators_find_the_catalogue(persona, request, sign_in):
    client = sign_in(request.getfixturevalue(persona))
    assert [client.get(page).status_code for page in ("/settings/focus/", "/settings/focus/new/")] == [404, 404]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_catalogue_takes_the_same_number_of_queries_for_one_and_for_three(
    rows, administrator, sign_in, django_assert_num_queries
):
    for n in range(rows):
        a_practice(administrator.school, f"Practice {n}")
    client = sign_in(administrator)
    with django_assert_num_queries(4):
        client.get("/settings/focus/")


def test_a_practice_is_added_at_the_end(administrator, sign_in):
    a_practice(administrator.school, position=20)
    sign_in(administrator).post("/settings/focus/new/", PRACTICE)
    assert Practice.objects.get(name="Wait time").position == 21


@pytest.mark.parametrize("name", ["", "student TALK"])
def test_a_practice_without_a_new_name_is_refused(name, administrator, sign_in):
    a_practice(administrator.school)
    assert sign_in(administrator).post("/settings/focus/new/", PRACTICE | {"name": name}).status_code == 422


@pytest.mark.parametrize("field", ["name", "group", "borrow_prompt", "sample_praise"])
@pytest.mark.parametrize("hidden", ["\x00", "\x0b", "\u202e", "\u2028", "\u200b"])
def test_hidden_characters_are_refused(field, hidden, administrator, sign_in):
    typed = PRACTICE | {field: f"Wait{hidden}time"}
    assert sign_in(administrator).post("/settings/focus/new/", typed).status_code == 422


def test_an_administrator_changes_a_practice(administrator, sign_in):
    practice = a_practice(administrator.school)
    sign_in(administrator).post(f"/settings/focus/{practice.pk}/", PRACTICE)
    assert Practice.objects.get().name == "Wait time"


def test_a_hidden_practice_stays_on_the_walk_that_chose_it(administrator, walker, host, sign_in):
    walk = a_walk(walker, [host])
    sign_in(administrator).post(f"/settings/focus/{walk.focus.get().pk}/hide/", {"hidden": "1"})
    assert walk.focus_names == ["Student talk"]
    assert Practice.objects.get().is_hidden


def test_a_hidden_practice_can_be_shown_again(administrator, sign_in):
    practice = a_practice(administrator.school, is_hidden=True)
    sign_in(administrator).post(f"/settings/focus/{practice.pk}/hide/", {"hidden": "0"})
    assert Practice.objects.get().is_hidden is False


def test_a_practice_of_another_school_is_not_found(administrator, stranger, sign_in):
    practice = a_practice(stranger.school)
    assert sign_in(administrator).get(f"/settings/focus/{practice.pk}/").status_code == 404


def test_a_teacher_may_not_hide_a_practice(walker):
    with pytest.raises(NotAllowedError):
        practices.hide(a_practice(walker.school), hidden=True, by=walker)


def test_a_practice_that_is_sent_twice_is_stored_once(administrator):
    a_practice(administrator.school, "Wait time")
    with pytest.raises(RuleError, match="A practice with this name already exists"):
        practices.save(Practice(school=administrator.school, name="Wait time"), by=administrator)
    assert Practice.objects.filter(name="Wait time").count() == 1
