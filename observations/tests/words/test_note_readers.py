"""Who reads notes: the rule of the school when the walk began. It never changes for notes that were written before."""

import datetime as dt

import pytest
from django.urls import reverse

from observations.models import Note
from observations.tests.factories import a_note, a_note_form
from observations.words import praise
from school.models import NoteReaders, School
from school.tests.factories import NOW, a_person
from school.tests.pages import text_of
from walks.models import Walk
from walks.tests.factories import TEN_PAST_TEN, a_second_teacher, a_walk
from walks.workflow import walking

SECOND = dt.timedelta(seconds=1)


def begin(walker, hosts, rule):
    """Begin a walk under this rule of the school, with the walker in Room 204. Then the school chooses another one."""
    School.objects.update(notes_about_a_room=rule)
    walk = a_walk(walker, hosts)
    walking.arrive(Walk.objects.get(pk=walk.pk).stops.first(), by=walker, now=TEN_PAST_TEN)
    School.objects.update(notes_about_a_room="private" if rule != "private" else "host")
    return Walk.objects.get(pk=walk.pk)


@pytest.mark.not_on_postgresql
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("private", "Only you see this."),
        ("host", "After the walk, Jonas Lindqvist can read what you write here."),
        ("vanish", "Only you can read this. It vanishes when you have thanked Jonas Lindqvist."),
    ],
)
def test_above_a_note_stands_who_can_read_it(rule, words, walker, hosts, head, clock, sign_in):
    walk = begin(walker, hosts, rule)
    shown = text_of(sign_in(walker).get(reverse("observations:room", args=[walk.pk, walk.stops.first().pk])))
    assert words in shown
    others = {"can read what you write here", "It vanishes when", "Only you see this"} - {words}
    assert not [other for other in others if other in shown and other not in words]


@pytest.mark.parametrize(("rule", "is_open"), [("private", False), ("host", True), ("vanish", False)])
def test_a_host_reads_notes_about_their_room_after_the_walk_only_if_it_began_so(
    rule, is_open, walker, hosts, colleague, head, sign_in
):
    walk = begin(walker, hosts, rule)
    assert walk.notes_rule == rule
    first = walk.stops.first()
    second_teacher = a_second_teacher(first, colleague)
    a_note(first, text="Every table talked")
    page = reverse("praise:notes")
    assert "Every table talked" not in sign_in(hosts[0]).get(page).text
    walking.finish(walk, by=walker, now=TEN_PAST_TEN + 60 * SECOND)
    readers = [hosts[0], second_teacher.host, hosts[1], head]
    found = ["Every table talked" in sign_in(reader).get(page).text for reader in readers]
    assert found == [is_open, is_open, False, False]
    assert (page in sign_in(hosts[0]).get("/me/").text) is is_open  # even if the school has changed its mind


def test_notes_vanish_with_the_thanks_and_come_back_with_undo(walker, hosts):
    walk = a_walk(walker, hosts, state="walked", notes_rule=NoteReaders.VANISH)
    first, second, _third = walk.stops.all()
    a_note(first, text="Every table talked")
    a_note(second, text="A calm start")
    now = walk.finished_at + SECOND
    sent = praise.send(first, text="Thank you", photo=None, by=walker, now=now)
    assert [note.text for note in Note.objects.all()] == ["A calm start"]
    praise.unsend(sent, by=walker, now=now + SECOND)
    assert Note.objects.count() == 2
    praise.thank_in_person(first, text="", photo=None, by=walker, now=now + 2 * SECOND)
    assert Note.objects.count() == 1
    praise.undo_thanks_in_person(first, by=walker, now=now + 3 * SECOND)
    assert Note.objects.count() == 2


def test_a_note_that_arrives_after_the_thanks_does_not_come_back(walker, hosts, clock, sign_in):
    walk = a_walk(walker, hosts, state="walked", notes_rule=NoteReaders.VANISH)
    stop = walk.stops.first()
    form = a_note_form(text="Every table talked")
    save = reverse("observations:save_note", args=[walk.pk, stop.pk])
    client = sign_in(walker)
    client.post(save, form)
    assert Note.objects.count() == 1
    praise.send(stop, text="Thank you", photo=None, by=walker, now=walk.finished_at + SECOND)
    assert client.post(save, form | {"text": "Every table talked loudly"}).status_code == 403
    note = Note.with_removed.get()
    assert client.post(reverse("observations:restore_note", args=[note.pk])).status_code == 403
    assert not Note.objects.exists()


def test_a_room_of_two_teachers_keeps_its_notes_until_both_are_thanked(walker, hosts, school):
    walk = a_walk(walker, hosts, state="walked", notes_rule=NoteReaders.VANISH)
    first = walk.stops.first()
    second = a_second_teacher(first, a_person(school, "Ingrid", "Larsen"))
    a_note(first)
    counts = []
    for stop in (first, second):
        praise.send(stop, text="Thank you", photo=None, by=walker, now=NOW + dt.timedelta(days=2))
        counts.append(Note.objects.count())
    assert counts == [1, 0]


@pytest.mark.parametrize("notes", [1, 3])
def test_the_page_of_notes_takes_the_same_number_of_queries(notes, walker, hosts, sign_in, django_assert_num_queries):
    walk = a_walk(walker, hosts, state="walked", notes_rule=NoteReaders.HOST)
    for _number in range(notes):
        a_note(walk.stops.first())
    client = sign_in(hosts[0])
    with django_assert_num_queries(4):
        client.get(reverse("praise:notes"))
