"""The page that ends a walk, and the ideas borrowed so far."""

import datetime as dt
from itertools import islice

import pytest
from django.urls import reverse
from django.utils import timezone

from observations.models import Takeaway
from observations.tests.factories import a_note, a_takeaway
from observations.views.takeaway import _texts_to_share
from school.calendar import Calendar
from school.models import School
from walks.models import Walk
from walks.tests.factories import a_walk

IDEAS = "/walks/ideas/"


@pytest.fixture
def address(walk):
    return reverse("observations:takeaway", args=[walk.pk])


def test_the_takeaway_completes_a_walk_with_all_thanked(as_walker, walk, address):
    walk.stops.update(thanked_at=timezone.now())
    answer = as_walker.post(address, {"text": "Answer-and-how boards"}, follow=True)
    html = answer.content.decode()
    assert "Your autumn walk, done" in html
    assert "Three rooms, three colleagues thanked, one idea to try." in html


def test_after_the_takeaway_the_page_counts_the_colleagues_still_to_thank(as_walker, address):
    html = as_walker.post(address, {"text": "Boards"}, follow=True).content.decode()
    assert "Three colleagues still to thank" in html
    assert "walk, done" not in html


def test_an_empty_takeaway_says_what_to_do(as_walker, address):
    answer = as_walker.post(address, {"text": " "})
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"] == ["Write one line about what you will try"]


def test_the_walker_chooses_a_school_day_for_a_reminder(as_walker, school, address):
    day = next(Calendar(school).school_days(timezone.localdate()))
    html = as_walker.post(address, {"text": "Boards", "remind_on": day.isoformat()}, follow=True).content.decode()
    assert Takeaway.objects.get().remind_on == day
    assert "We’ll remind you on the morning of" in html


def test_the_page_after_the_walk_does_not_ask_for_a_reminder_again(as_walker, walk, address):
    walk.stops.update(thanked_at=timezone.now())
    html = as_walker.post(address, {"text": "Boards"}, follow=True).content.decode()
    assert "Back to Home" in html
    assert 'name="remind_on"' not in html


def test_the_form_offers_a_reminder_tomorrow_or_in_a_week_and_folds_other_days(as_walker, school, address):
    days = list(islice(Calendar(school).school_days(timezone.localdate()), 10))
    form = as_walker.get(address).context["form"]
    assert [value for value, _words in form.first_choices] == [days[0].isoformat(), days[5].isoformat(), ""]
    assert len(form.other_choices) == 8 and form.chosen_day == ""


def test_a_complete_walk_shows_its_takeaway_to_the_walker_alone(as_walker, walker, hosts, head, sign_in):
    complete = a_walk(walker, hosts, state="complete")
    a_takeaway(complete, "Boards at every table")
    page = reverse("walks:detail", args=[complete.pk])
    assert "Boards at every table" in as_walker.get(page).text
    assert "Boards" not in sign_in(head).get(page).text


def test_a_takeaway_without_a_reminder_stays_without_one_when_it_is_changed(as_walker, walk, address):
    a_takeaway(walk, "Boards")
    assert as_walker.get(address, {"edit": "1"}).context["form"].chosen_day == ""


def test_a_day_that_is_not_in_the_list_is_refused(as_walker, address):
    answer = as_walker.post(address, {"text": "Boards", "remind_on": "2020-01-01"})
    assert answer.context["form"].errors["remind_on"] == ["Choose one of the school days in the list"]


@pytest.mark.parametrize("begins", ["I’ll borrow", "i'll borrow"])
def test_a_takeaway_can_start_from_any_note_of_the_walk(as_walker, walker, hosts, walk, address, begins):
    a_note(a_walk(walker, hosts, state="walked", date=dt.date(2026, 10, 1)).stops.first(), "Another walk.")
    boards = a_note(walk.stops.first(), "Boards at every table.")
    pause = a_note(walk.stops.last(), f"{begins} the pause.")
    answer = as_walker.get(address)
    assert [note for note, _is_used in answer.context["notes"]] == [pause, boards]
    assert f"Room {boards.stop.room.code}" in answer.content.decode()
    for note in (boards, pause):
        html = as_walker.post(address, {"text": "Try it on Monday.", "use": note.pk}).content.decode()
        assert "Try it on Monday." in html and f"{note.text.split()[-1]}</textarea>" in html and "autofocus" in html
    assert not Takeaway.objects.exists()


@pytest.mark.parametrize("count", [1, 6])
def test_the_takeaway_takes_the_same_number_of_queries_for_any_number_of_notes(
    as_walker, walk, address, count, django_assert_num_queries
):
    for n in range(count):
        a_note(walk.stops.first(), f"Note {n}.")
    with django_assert_num_queries(8):
        html = as_walker.get(address).content.decode()
    assert ("Five more notes" in html) == (count == 6)


def test_the_notes_come_right_below_the_box_then_the_days_then_the_questions(as_walker, walk, address):
    walk.focus.update(borrow_prompt="What could my students explain?")
    html = as_walker.get(address).content.decode()
    parts = [
        "</textarea>",
        "Your notes from",
        "Remind me on",
        "Not sure what to try?",
        "What could my students explain?",
    ]
    assert sorted(parts, key=html.index) == parts


def test_the_takeaway_can_be_changed_later(as_walker, walk, address):
    a_takeaway(walk, "Boards")
    assert "Boards</textarea>" in as_walker.get(address, {"edit": "1"}).content.decode()
    as_walker.post(address, {"text": "Smaller boards"})
    assert Takeaway.objects.get().text == "Smaller boards"


def test_a_school_without_sharing_offers_no_post(as_walker, walk, address):
    walk.stops.update(thanked_at=walk.finished_at)
    as_walker.post(address, {"text": "Boards"})
    assert "#LearningWalks" in as_walker.get(address).text
    School.objects.update(sharing_on=False)
    assert "#LearningWalks" not in as_walker.get(address).text


def test_a_post_to_copy_has_the_schools_hashtags_and_no_names(walk, hosts):
    texts = _texts_to_share(walk, a_takeaway(walk, "Answer-and-how boards"))
    assert texts[0] == "Borrowed today: Answer-and-how boards #LearningWalks"
    assert texts[1] == "Borrowed today: ___ (students ___). #LearningWalks"
    assert not any(host.given_name in text for host in hosts for text in texts)


def test_before_the_end_of_the_walk_the_address_leads_to_the_walk(as_walker, walker, hosts):
    walk = a_walk(walker, hosts)
    answer = as_walker.get(reverse("observations:takeaway", args=[walk.pk]))
    assert answer.url == reverse("walks:detail", args=[walk.pk])


@pytest.mark.parametrize("persona", ["host", "head", "administrator", "stranger"])
def test_nobody_else_finds_the_takeaway(request, sign_in, walk, address, persona):
    idea = a_takeaway(walk)
    client = sign_in(request.getfixturevalue(persona))
    assert client.get(address).status_code == 404
    assert client.post(reverse("observations:outcome", args=[idea.pk]), {"outcome": "tried"}).status_code == 404


def test_an_outcome_is_saved_and_removed(as_walker, walk):
    idea = a_takeaway(walk)
    outcome = reverse("observations:outcome", args=[idea.pk])
    assert as_walker.post(outcome, {"outcome": "adapted"}).url == f"{IDEAS}#idea-{idea.pk}"
    assert "Adapted it" in as_walker.get(IDEAS).content.decode()
    as_walker.post(outcome, {"outcome": ""})
    assert Takeaway.objects.get().outcome == ""


def test_an_unknown_outcome_is_refused(as_walker, walk):
    outcome = reverse("observations:outcome", args=[a_takeaway(walk).pk])
    assert as_walker.post(outcome, {"outcome": "great"}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_the_ideas_take_the_same_number_of_queries_for_any_number(
    as_walker, walker, hosts, count, django_assert_num_queries
):
    for n in range(count):
        a_takeaway(a_walk(walker, hosts, state="walked", date=dt.date(2026, 11, 9 + n)))
    with django_assert_num_queries(5):
        as_walker.get(IDEAS)


def test_without_ideas_the_page_says_where_they_will_be(as_walker):
    assert "Your ideas will be here" in as_walker.get(IDEAS).content.decode()


def test_the_takeaway_of_an_extra_walk_says_another_walk(as_walker, walker, hosts, walk, address):
    a_walk(walker, hosts, state="complete", date=dt.date(2026, 10, 1))
    walk.stops.update(thanked_at=timezone.now())
    assert "Another walk, done" in as_walker.post(address, {"text": "Boards"}, follow=True).content.decode()


def test_a_complete_walk_without_praise_is_shown_as_complete(as_walker, walk, address):
    a_takeaway(walk)
    Walk.objects.update(state="complete", completed_at=timezone.now())
    assert "walk, done" in as_walker.get(address).content.decode()
