""" "Log a walk I did": a walk that nobody planned."""

import datetime as dt

import pytest
from django.urls import reverse

from school.models import Lesson
from school.tests.factories import a_lesson, a_person
from school.tests.pages import text_of
from walks.models import Walk
from walks.tests.factories import a_practice

URL = "observations:log_unplanned"


@pytest.fixture
def signed_in(walker, hosts, head, sign_in, clock):
    a_practice(walker.school)
    clock.shift(dt.timedelta(days=1, hours=5))
    return sign_in(walker)


def a_form(walker, codes=("204", "206"), **fields):
    thursday_lessons = Lesson.objects.filter(period__position=3, day_type__weekday=3)
    lessons = thursday_lessons.filter(room__code__in=codes).values_list("pk", flat=True)
    focus = a_practice(walker.school).pk
    return {"date": "2026-11-12", "time": "10:10", "minutes": "12", "lesson": list(lessons), "focus": focus, **fields}


def test_the_page_shows_the_rooms_of_the_typed_time(signed_in, walker):
    assert "Log a walk I did" in signed_in.get(reverse("walks:list")).content.decode()
    assert "We’ll e-mail Lucía about it" in signed_in.get(reverse(URL)).content.decode()
    page = signed_in.post(reverse(URL), a_form(walker, then="look")).content.decode()
    assert "Jonas Lindqvist" in page and page.count("checked") == 3
    assert not Walk.objects.exists()


def test_showing_the_rooms_of_a_future_day_says_what_is_wrong_and_keeps_the_ticks(signed_in, walker):
    answer = signed_in.post(reverse(URL), a_form(walker, date="2026-11-19", then="look"))
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"date": ["Choose a day that isn’t in the future"]}
    assert answer.content.decode().count("checked") == 3


def test_a_logged_walk_goes_on_to_the_thank_yous(signed_in, walker):
    walker.grade.heads.add(a_person(walker.school, "Ruth", "Adeyemi"))
    shown = signed_in.post(reverse(URL), a_form(walker), follow=True).content.decode()
    for words in ("Two rooms, 12 minutes", "We’ve e-mailed Ruth and Lucía", "Write your praise"):
        assert words in shown
    own = signed_in.get(reverse("walks:detail", args=[Walk.objects.get().pk])).content.decode()
    assert (
        "None: you logged the walk afterwards. We e-mailed Ruth and Lucía." in own
        and "You logged this walk afterwards, without a plan" in own
    )


def test_a_room_with_two_teachers_is_ticked_once_and_logged_for_both(signed_in, walker, colleague):
    a_lesson(colleague, "204", title="7B Maths")
    page = text_of(signed_in.post(reverse(URL), a_form(walker, then="look")))
    assert page.count("Samuel Brandt and Jonas Lindqvist") == 1
    first = Lesson.objects.get(teacher=colleague, day_type__weekday=3)
    typed = a_form(walker, codes=["206"])
    page = text_of(signed_in.post(reverse(URL), typed | {"lesson": [*typed["lesson"], first.pk]}, follow=True))
    assert "Two rooms, 12 minutes" in page and "Samuel Brandt and Jonas Lindqvist" in page
    assert Walk.objects.get().stops.count() == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lesson": []}, "Choose at least two rooms"),
        ({"focus": [], "own_focus": ""}, "Choose one or two things to look for"),
        ({"date": "9999-12-31"}, "Choose a day in this semester"),
        ({"date": "2026-11-14"}, "Choose a day that isn’t in the future"),
        ({"time": "08:15"}, "One of your rooms has no class at that time"),
        ({"minutes": "61"}, "60"),
    ],
)
def test_an_impossible_value_is_explained_and_the_form_keeps_the_rest(signed_in, walker, fields, words):
    form = a_form(walker, **({"own_focus": "Quiet starts"} | fields))
    answer = signed_in.post(reverse(URL), form)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown
    assert form["own_focus"] in shown
    assert not Walk.objects.exists()
