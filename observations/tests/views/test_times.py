"""The pages of a walk that its walker forgot to finish, and the page that corrects the times of a walk."""

import datetime as dt

import pytest
from django.urls import reverse

from observations.models import Note
from observations.tests.factories import a_note, a_photo
from school.tests.pages import html_of
from walks.activity import ended_at
from walks.errors import NotReadyError
from walks.models import Walk
from walks.planning.plan import plan_of
from walks.tests.factories import TEN_PAST_TEN, a_walk
from walks.workflow import drafts, time_limits, walking

HOURS = dt.timedelta(hours=7)


@pytest.fixture
def evening(live, walker, clock, client):
    """The walker left the only visited room at 10:14 and comes back at 17:10."""
    first = live.stops.first()
    walking.leave(first, by=walker, now=TEN_PAST_TEN + dt.timedelta(minutes=4))
    clock.shift(HOURS)
    client.force_login(walker)
    return Walk.objects.get(pk=live.pk)


# --- Is it over? ------------------------------------------------------------------------------
def test_home_asks_whether_the_walk_is_over(evening, client):
    shown = html_of(client.get("/"))
    assert "Is your walk over?" in shown and "It began on Thursday 12 November, 10:10." in shown
    assert "Walking now" not in shown and "of about" not in shown


def test_the_page_of_a_forgotten_walk_says_when_it_ended(evening, client):
    shown = html_of(client.get(reverse("observations:go", args=[evening.pk]), follow=True))
    assert "One room, 4 minutes" in shown
    assert "Press “Finish my walk”, and we record 10:14 as the end, judging by your rooms and notes." in shown
    assert "This walk began on Thursday 12 November at 10:10" in shown and "of about" not in shown


def test_after_a_long_pause_the_walk_can_go_on_the_same_day(evening, client):
    shown = html_of(client.get(reverse("observations:go_done", args=[evening.pk])))
    assert "still ahead" in shown and "Add a room" in shown


def test_finishing_leads_on_to_the_times(evening, client):
    shown = html_of(client.post(reverse("observations:finish", args=[evening.pk]), follow=True))
    assert reverse("observations:times", args=[evening.pk]) in shown
    assert "One room, 4 minutes" in shown and "About" not in shown


def test_the_next_day_no_room_can_be_entered(evening, client, clock):
    clock.shift(HOURS * 2)
    client.force_login(evening.walker)
    ahead = evening.stops.last()
    shown = client.post(reverse("observations:arrive", args=[evening.pk, ahead.pk]), follow=True)
    assert "This walk began on Thursday 12 November. Finish it first." in html_of(shown)
    shown = client.get(reverse("observations:go", args=[evening.pk]) + f"?to={ahead.pk}", follow=True)
    assert "Finish my walk" in html_of(shown)


@pytest.mark.parametrize(
    ("note_at", "ended"), [(9, 9), (25, 25), (300, 4)], ids=["in the room", "soon after", "evening"]
)
def test_a_note_soon_after_a_room_moves_the_end_of_the_walk(note_at, ended, evening):
    a_note(evening.stops.first(), at=TEN_PAST_TEN + dt.timedelta(minutes=note_at))
    now = TEN_PAST_TEN + HOURS
    assert ended_at(evening, now=now) == TEN_PAST_TEN + dt.timedelta(minutes=ended)


def test_the_clock_of_a_walk_longer_than_planned_shows_its_minutes_alone(live, client, walker, clock):
    client.force_login(walker)
    page = reverse("observations:room", args=[live.pk, live.stops.first().pk])
    assert "1 of about 15 min" in html_of(client.get(page))
    clock.shift(dt.timedelta(minutes=40))
    assert "> 40 min </span>" in html_of(client.get(page))


# --- Correct the times ------------------------------------------------------------------------
@pytest.fixture
def url(evening, walker):
    walking.finish(evening, by=walker, now=TEN_PAST_TEN + HOURS)
    return reverse("observations:times", args=[evening.pk])


def test_the_times_are_filled_in_and_corrected(url, client, evening):
    shown = html_of(client.get(url))
    assert 'value="10:10"' in shown and 'value="10:14"' in shown
    shown = html_of(client.post(url, {"start": "10:10", "end": "10:31"}, follow=True))
    assert "Saved. The times are corrected." in shown and "10:10 to 10:31" in shown
    assert "You corrected the times" in shown


def test_an_unchanged_time_keeps_its_seconds(url, client, evening):
    end = TEN_PAST_TEN + dt.timedelta(minutes=4, seconds=30)
    Walk.objects.update(finished_at=end)
    client.post(url, {"start": "10:05", "end": "10:14"})
    assert Walk.objects.get().finished_at == end


def test_impossible_times_stay_in_the_form(url, client):
    response = client.post(url, {"start": "10:40", "end": "10:31"})
    assert response.status_code == 422
    assert 'value="10:40"' in html_of(response)
    assert "The end has to be after the start, and not in the future." in html_of(response)


def test_the_times_of_a_complete_walk_are_corrected_too(url, client, evening):
    Walk.objects.update(state="complete", takeaway_at=TEN_PAST_TEN, completed_at=TEN_PAST_TEN)
    due = Walk.objects.get().praise_due_at
    assert "10:10 to 10:31" in html_of(client.post(url, {"start": "10:10", "end": "10:31"}, follow=True))
    walk = Walk.objects.get()
    assert (walk.state, walk.praise_due_at) == ("complete", due)


@pytest.mark.parametrize("person", ["host", "head", "stranger"])
def test_nobody_else_finds_the_page_of_the_times(person, url, sign_in, request):
    client = sign_in(request.getfixturevalue(person))
    assert client.get(url).status_code == client.post(url, {"start": "10:10", "end": "10:20"}).status_code == 404


# --- Notes in a room that was skipped -----------------------------------------------------------
@pytest.fixture
def entered_room(walker, hosts, head):
    """The first room of a walk. The walker has entered it and not left it."""
    walk = a_walk(walker, hosts)
    stop = walk.stops.first()
    walking.arrive(stop, by=walker, now=TEN_PAST_TEN)
    return stop


@pytest.mark.parametrize("make", [a_note, a_photo], ids=["note", "photo"])
def test_a_skipped_room_with_a_note_or_photo_counts_as_visited(make, entered_room, walker):
    written_at = TEN_PAST_TEN + dt.timedelta(minutes=2)
    kept = make(entered_room, at=written_at)
    walking.skip(entered_room, by=walker, now=TEN_PAST_TEN + dt.timedelta(minutes=3))
    time_limits.sweep(TEN_PAST_TEN + dt.timedelta(hours=3))
    time_limits.sweep(TEN_PAST_TEN + dt.timedelta(days=2))
    walk = Walk.objects.get()
    assert (walk.state, walk.finished_at) == ("walked", written_at)
    assert [stop.pk for stop in walk.stops.visited()] == [entered_room.pk]
    assert type(kept).objects.filter(pk=kept.pk).exists()


def test_finish_counts_a_skipped_room_with_a_note(entered_room, walker):
    a_note(entered_room, at=TEN_PAST_TEN)
    walking.skip(entered_room, by=walker, now=TEN_PAST_TEN)
    walking.finish(entered_room.walk, by=walker, now=TEN_PAST_TEN + dt.timedelta(days=1))
    assert Walk.objects.get().state == "walked"


def test_a_plan_with_notes_cannot_be_changed(walker, hosts, head):
    walk = a_walk(walker, hosts, state="draft")
    note = a_note(walk.stops.first())
    with pytest.raises(NotReadyError, match="You took notes on this walk"):
        drafts.save(plan_of(walk), by=walker, now=TEN_PAST_TEN)
    assert Note.objects.filter(pk=note.pk).exists()
