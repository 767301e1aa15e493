"""The pages of a walk under way, without JavaScript; old pages and double presses do no harm."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from observations.models import Note
from observations.tests.factories import a_note, a_note_form
from observations.words import notes
from school.models import Lesson, Room
from school.tests.factories import a_hallway, a_lesson, a_person
from school.tests.pages import html_of, text_of
from walks.models import State, Stop
from walks.tests.factories import a_second_teacher, a_walk
from walks.workflow import walking

WALK_PAGES = ["observations:go", "observations:go_done", "observations:add_room", "observations:log"]


@pytest.fixture
def send(client, walker, clock, sign_in):
    """Return a function that opens or posts a page as the walker, and returns the last response."""
    sign_in(walker)

    def visit(name, *ids, data=None, follow=True, **headers):
        act = client.get if data is None else client.post
        return act(reverse(f"observations:{name}", args=ids), data, follow=follow, headers=headers)

    return visit


def address_of(response):
    return response.redirect_chain[-1][0].split("?")[0]


# --- Before a room ----------------------------------------------------------------------------
def test_the_page_before_a_room_says_who_and_what_to_say(send, walker, hosts, head):
    walk = a_walk(walker, hosts)
    walk.focus.update(look_fors="Pairs talk\n\nEverybody speaks")
    shown = html_of(send("go", walk.pk))
    assert "Look for: Pairs talk" in shown
    assert "Everybody speaks" not in shown
    for part in ["First room", "204", "Jonas Lindqvist", "knows you’re coming", "just ignore me", "Student talk"]:
        assert part in shown


def test_the_page_before_a_room_says_if_the_visit_is_unannounced(send, walker, hosts, head):
    assert "doesn’t know you’re coming" in html_of(send("go", a_walk(walker, hosts, announced=False).pk))


def test_arriving_opens_the_room_with_its_clock(send, walker, hosts, head):
    walk = a_walk(walker, hosts)
    shown = send("arrive", walk.pk, walk.stops.first().pk, data={})
    assert address_of(shown) == reverse("observations:room", args=[walk.pk, walk.stops.first().pk])
    assert 'role="timer"' in html_of(shown) and "<small>since</small> <b>10:10</b>" in html_of(shown)


@pytest.mark.parametrize(
    ("most", "words", "pace"),
    [(5, "1 to 5 minutes are right", "Time to move on"), (10, "1 to 10 minutes are right", "Plenty of time")],
)
def test_the_clock_of_a_room_goes_by_the_minutes_that_the_school_chose(most, words, pace, send, live, room):
    type(live.walker.school).objects.update(room_minutes_max=most)
    Stop.objects.filter(pk=room.pk).update(arrived_at=timezone.now() - dt.timedelta(minutes=5, seconds=30))
    shown = send("room", live.pk, room.pk)
    assert words in text_of(shown)
    assert re.search(r"data-pace[^>]*>([^<]*)<", html_of(shown))[1].strip() == pace


@pytest.mark.parametrize("look_fors", ["", "Everybody speaks"])
def test_a_room_says_what_to_look_for(send, live, room, look_fors):
    live.focus.update(look_fors=look_fors)
    shown = html_of(send("room", live.pk, room.pk))
    assert ("<summary>What to look for and ask</summary>" in shown) == bool(look_fors)
    assert shown.count("Everybody speaks") == shown.count("Look for: Everybody speaks") == bool(look_fors)


@pytest.mark.parametrize(("is_on", "words"), [(True, "What to look for and ask"), (False, "What to look for")])
def test_a_school_may_ask_students_nothing(is_on, words, send, live, room):
    type(live.walker.school).objects.update(student_prompts=is_on)
    live.focus.update(look_fors="Everybody speaks", student_prompts="How do you know?")
    shown = html_of(send("room", live.pk, room.pk))
    assert f"<summary>{words}</summary>" in shown
    assert ("How do you know?" in shown) is is_on
    live.focus.update(look_fors="")
    assert ("<summary>Ask a student</summary>" in html_of(send("room", live.pk, room.pk))) is is_on


def test_during_a_visit_the_page_before_a_room_leads_into_the_room(send, live, room):
    assert address_of(send("go", live.pk)) == reverse("observations:room", args=[live.pk, room.pk])


def test_another_room_can_come_first(client, send, live, room, walker):
    walking.leave(room, by=walker, now=dt.datetime(2026, 11, 12, 10, 14, tzinfo=dt.UTC))
    last = live.stops.last()
    url = reverse("observations:go", args=[live.pk])
    assert "Priya Nair</h1>" in client.get(f"{url}?to={last.pk}").content.decode()


def test_skipping_goes_on_to_the_next_room(send, walker, hosts, head):
    walk = a_walk(walker, hosts)
    first = walk.stops.first()
    page = html_of(send("skip", walk.pk, first.pk, data={}))
    assert "Leila Haddad</h1>" in page and "Room 204 skipped." in page
    assert page.count(reverse("observations:unskip", args=[walk.pk, first.pk])) == 2  # Undo, and under "Another room"
    assert "Jonas Lindqvist</h1>" in html_of(send("unskip", walk.pk, first.pk, data={}))


@pytest.mark.parametrize(("days", "part"), [(-1, "You can start it here on that day."), (1, "press “I did this walk”")])
def test_on_another_day_the_page_says_what_to_do(client, send, walker, hosts, head, clock, days, part):
    walk = a_walk(walker, hosts)
    clock.shift(dt.timedelta(days=days))
    client.force_login(walker)
    assert part in html_of(send("go", walk.pk))


@pytest.mark.parametrize("state", ["draft", "requested", "cancelled"])
def test_the_page_says_if_the_walk_is_not_approved(send, walker, hosts, head, state):
    assert "This walk isn’t approved yet." in html_of(send("go", a_walk(walker, hosts, state=state).pk))


def test_a_room_with_two_teachers_is_one_step_of_the_walk(send, walker, hosts, head, colleague):
    walk = a_walk(walker, hosts)
    a_lesson(colleague, "204")
    second = a_second_teacher(walk.stops.first(), colleague)
    shown = html_of(send("go", walk.pk))
    assert "Jonas Lindqvist and Samuel Brandt</h1>" in shown and "know you’re coming" in shown
    assert shown.count("204</span>") == 1 and "Leila Haddad" in shown
    shown = html_of(send("arrive", walk.pk, second.pk, data={}))
    assert "<h1>Jonas Lindqvist and Samuel Brandt</h1>" in shown
    send("leave", walk.pk, second.pk, data=a_note_form())
    assert Note.objects.get().stop == walk.stops.first() != second
    assert "One room, 1 minute" in html_of(send("go_done", walk.pk))


def test_a_host_who_teaches_elsewhere_by_now_is_taken_off_when_the_walk_begins(send, walker, hosts, head, colleague):
    walk = a_walk(walker, hosts)
    first = walk.stops.first()
    a_second_teacher(first, colleague)
    Lesson.objects.filter(teacher=hosts[0]).update(teacher=colleague)
    shown = html_of(send("arrive", walk.pk, first.pk, data={}))
    assert "<h1>Samuel Brandt</h1>" in shown
    assert [stop.host for stop in walk.stops.all()] == [colleague, *hosts[1:]]


# --- In the room --------------------------------------------------------------------------------
def test_done_here_saves_the_typed_note(send, live, room):
    shown = send("leave", live.pk, room.pk, data=a_note_form(tag=str(live.focus.get().pk)))
    assert "Leila Haddad</h1>" in html_of(shown)
    assert [(note.text, note.about) for note in notes.notes_of(room)] == [("Boards at every table.", "Student talk")]


def test_a_note_has_no_focus_until_the_walker_taps_one(send, live, room):
    tag = r'<input[^>]*name="tag"[^>]*>'
    assert not any("checked" in choice for choice in re.findall(tag, html_of(send("room", live.pk, room.pk))))
    send("leave", live.pk, room.pk, data=a_note_form())
    assert notes.notes_of(room).get().about == ""


def test_done_here_twice_makes_one_note_and_one_time(send, live, room, clock):
    data = a_note_form()
    send("leave", live.pk, room.pk, data=data)
    clock.shift(60)
    send("leave", live.pk, room.pk, data=data)
    room.refresh_from_db()
    assert (Note.objects.count(), f"{room.left_at:%H:%M}") == (1, "10:10")


def test_after_the_last_room_comes_the_end(send, live, walker):
    for stop in live.stops.all()[1:]:
        send("skip", live.pk, stop.pk, data={})
    shown = send("leave", live.pk, live.stops.first().pk, data=a_note_form())
    assert address_of(shown) == reverse("observations:go_done", args=[live.pk])


def test_autosave_answers_without_a_page(send, live, room):
    answer = send("save_note", live.pk, room.pk, data=a_note_form(), follow=False, x_autosave="1")
    assert (answer.status_code, answer.content, Note.objects.count()) == (204, b"", 1)


def test_the_room_page_shows_the_last_note_to_go_on(send, live, room):
    a_note(room, "Boards at every table.")
    assert "Boards at every table.</textarea>" in html_of(send("room", live.pk, room.pk))


def test_another_note_starts_empty_and_lists_the_first(send, live, room):
    shown = html_of(send("save_note", live.pk, room.pk, data=a_note_form(then="new")))
    assert '<p class="jotting">Boards at every table.</p>' in shown
    assert "Boards at every table.</textarea>" not in shown


def test_pausing_keeps_the_note(send, live, room):
    answer = send("save_note", live.pk, room.pk, data=a_note_form(then="pause"), follow=False)
    assert (answer.status_code, answer.url, Note.objects.count()) == (302, "/", 1)


def test_a_note_that_is_too_long_stays_in_the_form(send, live, room):
    answer = send("leave", live.pk, room.pk, data=a_note_form("x" * 4001))
    assert answer.status_code == 422
    assert "x" * 4001 in html_of(answer) and "4001 characters" in html_of(answer)


def test_removing_a_note_keeps_the_one_being_typed_and_can_be_undone(send, live, room):
    note = a_note(room, "An old one.")
    shown = html_of(send("delete_note", note.pk, data=a_note_form("A new one.")))
    assert "Note removed." in shown and [kept.text for kept in notes.notes_of(room)] == ["A new one."]
    send("restore_note", note.pk, data={})
    assert Note.objects.filter(pk=note.pk).exists()


def test_the_page_says_that_there_are_two_versions_of_a_note(send, live, room):
    note = a_note(room, "First.")
    Note.objects.filter(pk=note.pk).update(page=uuid.uuid4())
    shown = html_of(
        send("save_note", live.pk, room.pk, data=a_note_form("Typed on an old page.", note_id=str(note.pk)))
    )
    assert "This note was changed on another device too." in shown
    assert len(notes.notes_of(room)) == 2


def test_a_note_can_be_about_the_walkers_own_focus(send, walker, hosts, head):
    walk = a_walk(walker, hosts, own_focus="How they line up")
    stop = walk.stops.first()
    send("arrive", walk.pk, stop.pk, data={})
    send("save_note", walk.pk, stop.pk, data=a_note_form(tag="own"))
    assert [note.about for note in notes.notes_of(stop)] == ["How they line up"]


def test_opening_the_address_of_done_here_leads_back_to_the_room(send, live, room):
    assert address_of(send("leave", live.pk, room.pk)) == reverse("observations:room", args=[live.pk, room.pk])


def test_the_page_of_a_room_ahead_leads_to_the_walk(send, live):
    assert send("room", live.pk, live.stops.last().pk, follow=False).url == reverse("observations:go", args=[live.pk])


# --- A room on the way, and the end -----------------------------------------------------------------
def test_a_class_nearby_is_found_and_added(client, send, walker, hosts, head):
    walk = a_walk(walker, hosts[:2])
    send("arrive", walk.pk, walk.stops.first().pk, data={})
    assert "Priya Nair" in html_of(send("add_room", walk.pk))
    assert (
        "No one matches" in client.get(reverse("observations:add_room", args=[walk.pk]) + "?q=nobody").content.decode()
    )
    send("leave", walk.pk, walk.stops.first().pk, data=a_note_form())
    room = (
        client.get(reverse("observations:add_room", args=[walk.pk]) + "?q=208+nair")
        .context["hallways"][0]
        .rooms[0]
        .room
    )
    assert "Priya Nair</h1>" in html_of(send("add_room", walk.pk, data={"room": room.pk}))


@pytest.fixture
def far_class(school):
    """A lesson in another building."""
    hallway = a_hallway(school, building="Arts")
    Room.objects.create(school=school, hallway=hallway, code="301")
    return a_lesson(a_person(school, "Pia", "Holm"), "301")


def test_only_the_hallway_of_the_walker_is_unfolded_until_a_search(send, client, walker, hosts, head, far_class):
    walk = a_walk(walker, hosts[:2])
    send("arrive", walk.pk, walk.stops.first().pk, data={})
    address = reverse("observations:add_room", args=[walk.pk])
    assert folds(client.get(address)) == [("Second floor (Main building)", True), ("Garden (Arts)", False)]
    assert folds(client.get(f"{address}?q=holm")) == [("Garden (Arts)", True)]


def folds(page):
    """Return the hallways on the page, and whether each is unfolded."""
    return [(hallway.title, hallway.is_unfolded) for hallway in page.context["hallways"]]


@pytest.mark.parametrize("number", ["", "0", "abc", "9" * 40])
def test_an_invalid_room_number_is_not_found(send, live, number):
    assert send("add_room", live.pk, data={"room": number}).status_code == 404


def test_a_room_without_a_class_is_not_added(send, live, school):
    empty = school.rooms.get(code="210")
    assert "There is no class to visit in Room 210 right now." in html_of(
        send("add_room", live.pk, data={"room": empty.pk})
    )


def test_the_end_counts_rooms_and_minutes_of_the_walker(send, live, room, clock):
    clock.shift(24 * 60)
    send("leave", live.pk, room.pk, data=a_note_form())
    assert "One room, 24 minutes" in html_of(send("go_done", live.pk))


def test_the_end_lists_the_rooms_as_visited_and_says_which_have_notes(send, live, room, clock):
    first, second, third = live.stops.all()
    for stop in (third, second):
        clock.shift(4 * 60)
        send("arrive", live.pk, stop.pk, data={})
    a_note(third)
    page = send("go_done", live.pk)
    assert page.context["visited"] == [first, third, second]
    assert (html_of(page).count("Add a note"), page.context["stops_with_notes"]) == (2, {third.pk})


def test_a_skipped_room_is_added_back_at_the_end(send, live):
    last = live.stops.last()
    send("skip", live.pk, last.pk, data={})
    assert "Add back" in html_of(send("go_done", live.pk))
    send("unskip", live.pk, last.pk, data={})
    assert "Add back" not in html_of(send("go_done", live.pk))


def test_finishing_leads_to_the_first_thank_you(send, live, room):
    shown = html_of(send("finish", live.pk, data={}))
    assert "Write your praise" in shown and reverse("observations:praise", args=[live.pk, room.pk]) in shown


def test_the_end_says_the_minutes_once_and_the_same_after_finishing(send, live, room, clock):
    started = live.started_at
    Stop.objects.filter(pk=room.pk).update(left_at=started + dt.timedelta(minutes=8))
    clock.move_to(started + dt.timedelta(minutes=9, seconds=45))
    for page in (send("go_done", live.pk), send("finish", live.pk, data={})):
        assert re.findall(r"(\d+)(?: of about \d+)? min", text_of(page)) == ["9"]


def test_the_end_of_a_walk_leads_back_to_the_last_room_and_then_home(send, live, room):
    shown = html_of(send("go_done", live.pk))
    assert "Leave for now" not in shown
    assert "Back to the last room" in shown
    assert reverse("observations:room", args=[live.pk, room.pk]) in shown
    finished = html_of(send("finish", live.pk, data={}))
    assert "Back to the last room" not in finished
    assert "Back to Home" in finished
    assert "data-walk-started" not in finished  # the clock has stopped


def test_pressing_finish_twice_finishes_once(send, live):
    send("finish", live.pk, data={})
    assert "Write your praise" in html_of(send("finish", live.pk, data={}))
    assert live.events.filter(action="finish").count() == 1


def test_finishing_without_a_visit_says_what_to_do(send, live, room):
    send("skip", live.pk, room.pk, data={})
    assert "Step into at least one room first." in html_of(send("finish", live.pk, data={}))
    live.refresh_from_db()
    assert live.state == State.APPROVED


def test_an_old_page_says_that_the_walk_is_finished(send, live):
    send("finish", live.pk, data={})
    assert "This walk is finished already." in html_of(send("arrive", live.pk, live.stops.last().pk, data={}))


def test_notes_can_be_edited_after_the_walk(send, live, room):
    send("finish", live.pk, data={})
    shown = send("save_note", live.pk, room.pk, data=a_note_form("Remembered at the desk."))
    assert "Remembered at the desk.</textarea>" in html_of(shown) and 'role="timer"' not in html_of(shown)


# --- Whose page it is --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", WALK_PAGES)
def test_everybody_else_gets_404_for_the_walk(client, live, host, head, administrator, stranger, name):
    for person in (host, head, administrator, stranger):
        client.force_login(person)
        assert client.get(reverse(name, args=[live.pk])).status_code == 404


@pytest.mark.parametrize("name", ["arrive", "leave", "skip", "unskip", "save_note", "add_photo"])
def test_nobody_else_can_use_the_buttons_of_a_room(client, live, room, host, head, administrator, stranger, name):
    for person in (host, head, administrator, stranger):
        client.force_login(person)
        answer = client.post(reverse(f"observations:{name}", args=[live.pk, room.pk]), a_note_form())
        assert (answer.status_code, Note.objects.count()) == (404, 0)


def test_a_room_belongs_to_its_walk(send, live, walker, hosts):
    other = a_walk(walker, hosts, date=live.date - dt.timedelta(days=7))
    assert send("room", other.pk, live.stops.first().pk).status_code == 404


def test_nobody_else_can_remove_or_restore_a_note(client, room, head):
    note = a_note(room)
    client.force_login(head)
    for name in ("delete_note", "restore_note"):
        assert client.post(reverse(f"observations:{name}", args=[note.pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_room_page_takes_the_same_number_of_queries_for_one_note_or_three(
    send, live, room, count, django_assert_num_queries
):
    for number in range(count):
        a_note(room, f"Note {number}")
    with django_assert_num_queries(8):
        send("room", live.pk, room.pk)
