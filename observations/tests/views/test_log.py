""" "I did this walk": a walk recorded afterwards, from a laptop."""

import datetime as dt

import pytest
from django.urls import reverse

from school.models import Lesson
from school.tests.factories import a_lesson, a_person
from walks.tests.factories import a_walk


@pytest.fixture
def walk(walker, hosts, head, client, clock):
    walk = a_walk(walker, hosts)
    clock.shift(dt.timedelta(hours=5))
    client.force_login(walker)
    return walk


@pytest.fixture
def url(walk):
    return reverse("observations:log", args=[walk.pk])


def a_form(walk, **fields):
    visited = [stop.pk for stop in walk.stops.all()][:2]
    return {"visited": visited, "date": "2026-11-12", "time": "10:10", "minutes": "12", **fields}


def test_day_time_length_and_rooms_are_filled_in(client, url):
    form = client.get(url).context["form"]
    values = [str(form[name].value()) for name in ("date", "time", "minutes")]
    assert (values, len(form["visited"].value())) == (["2026-11-12", "10:10:00", "15"], 3)


def test_a_logged_walk_goes_on_to_the_thank_yous(client, walk, url):
    shown = client.post(url, a_form(walk), follow=True).content.decode()
    assert "Two rooms, 12 minutes" in shown and "Write your praise" in shown


def test_a_walk_logged_twice_is_logged_once(client, walk, url):
    client.post(url, a_form(walk))
    assert "Two rooms, 12 minutes" in client.post(url, a_form(walk), follow=True).content.decode()
    assert walk.events.filter(action="log").count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"visited": []}, "Choose at least one room you visited."),
        ({"date": "2026-11-13"}, "That time isn’t over yet."),
        ({"date": "0001-01-01"}, "Choose a day near the one you planned."),
        ({"date": "9999-12-31"}, "Choose a day near the one you planned."),
        ({"date": "2026-08-13"}, "Choose a day in Autumn 2026"),
        ({"minutes": "0"}, "Write 1 or more"),
        ({"time": "soon"}, "Write a time, for example 10:15"),
    ],
)
def test_an_impossible_value_is_explained(client, walk, url, fields, words):
    answer = client.post(url, a_form(walk, **fields))
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_showing_the_rooms_of_a_future_day_says_what_is_wrong(client, walk, url):
    answer = client.post(url, a_form(walk, date="2026-11-13", then="look"))
    assert answer.status_code == 422
    assert answer.context["form"].errors["date"] == [
        "That time isn’t over yet. Check when your walk began and how long it took"
    ]


def test_a_draft_cannot_be_logged(client, walker, hosts, walk):
    draft = a_walk(walker, hosts, state="draft")
    answer = client.get(reverse("observations:log", args=[draft.pk]))
    assert answer.url == reverse("observations:go", args=[draft.pk])


def test_notes_can_be_written_after_a_logged_walk(client, walk, url):
    client.post(url, a_form(walk))
    room_url = reverse("observations:room", args=[walk.pk, walk.stops.first().pk])
    assert "Notes from Room 204" in client.get(room_url).content.decode()


def test_a_visited_room_that_was_not_planned_is_added(client, walk, url, school):
    a_lesson(a_person(school, "Tom", "Baker"), "210", title="7D Art")
    other = Lesson.objects.get(title="7D Art", day_type__weekday=walk.date.weekday())
    assert "7D Art" in client.get(url).content.decode()
    shown = client.post(url, a_form(walk, visited=[], lesson=[other.pk]), follow=True).content.decode()
    assert "One room, 12 minutes" in shown and "Tom Baker" in shown
    assert walk.stops.count() == 4


def test_a_room_without_a_class_at_the_typed_time_is_named(client, walk, url, school):
    other = a_lesson(a_person(school, "Tom", "Baker"), "210", title="7D Art")
    answer = client.post(url, a_form(walk, time="08:15", lesson=[other.pk]))
    assert answer.status_code == 422
    assert "has no class at that time" in answer.content.decode()
