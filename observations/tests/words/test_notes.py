"""Saving notes: no words are lost and no note is stored twice, in whatever order the saves arrive."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import connection

from observations.models import Note
from observations.words import notes
from observations.words.notes import NoteDraft
from school.errors import NotAllowedError
from school.save_errors import NotSavedError
from walks.tests.factories import TEN_PAST_TEN, a_walk

PHONE, LAPTOP = uuid.uuid4(), uuid.uuid4()
LATER = TEN_PAST_TEN + dt.timedelta(minutes=1)


def a_draft(text="Boards at every table.", **fields):
    return NoteDraft(**{"id": uuid.uuid4(), "page": PHONE, "text": text, **fields})


@pytest.fixture
def keep(room, walker):
    """Return a function that saves a note."""

    def kept(draft, stop=room):
        return notes.save(stop, draft, by=walker, now=TEN_PAST_TEN)

    return kept


def texts(stop):
    return [note.text for note in notes.notes_of(stop)]


def test_a_note_sent_twice_is_one_note(keep, room):
    draft = a_draft()
    keep(draft)
    keep(draft)
    assert texts(room) == ["Boards at every table."]


def test_an_empty_page_makes_no_note(keep, room):
    assert (keep(a_draft("  \n")).note, texts(room)) == (None, [])


def test_line_ends_are_unified_and_outer_spaces_removed(keep, room):
    keep(a_draft(" one\r\ntwo \r\n"))
    assert texts(room) == ["one\ntwo"]


def test_a_later_save_of_the_same_page_replaces_the_text(keep, room):
    draft = a_draft("Boards", typed_at=TEN_PAST_TEN)
    keep(draft)
    keep(replace(draft, text="Boards at every table.", typed_at=LATER))
    assert texts(room) == ["Boards at every table."]


def test_a_slow_older_save_does_not_undo_a_newer_one(keep, room):
    draft = a_draft("Boards at every table.", typed_at=LATER)
    keep(draft)
    keep(replace(draft, text="Boards", typed_at=TEN_PAST_TEN))
    assert texts(room) == ["Boards at every table."]


def test_another_page_that_showed_the_note_can_change_it(keep, room):
    draft = a_draft("From the phone.")
    keep(draft)
    keep(replace(draft, page=LAPTOP, seen=PHONE, text="From the phone, and more."))
    assert texts(room) == ["From the phone, and more."]


def test_two_versions_of_a_note_are_both_kept(keep, room):
    draft = a_draft("From the phone.")
    keep(draft)
    keep(replace(draft, page=LAPTOP, seen=PHONE, text="Changed on the laptop."))
    kept = keep(replace(draft, text="Typed on, on the phone.", typed_at=LATER))
    assert sorted(texts(room)) == ["Changed on the laptop.", "Typed on, on the phone."]
    assert kept.is_second_version


def test_later_saves_change_the_second_version_and_add_none(keep, room):
    draft = a_draft("From the phone.")
    keep(draft)
    keep(replace(draft, page=LAPTOP, seen=PHONE, text="Changed on the laptop."))
    keep(replace(draft, text="Typed on", typed_at=TEN_PAST_TEN))
    kept = keep(replace(draft, text="Typed on, on the phone.", typed_at=LATER))
    assert sorted(texts(room)) == ["Changed on the laptop.", "Typed on, on the phone."]
    assert not kept.is_second_version


def test_an_old_page_with_the_same_words_adds_no_version(keep, room):
    draft = a_draft("The same words.")
    keep(draft)
    keep(replace(draft, page=LAPTOP, seen=PHONE))
    assert not keep(draft).is_second_version
    assert texts(room) == ["The same words."]


def test_saving_in_another_room_does_not_change_the_note(keep, room, live):
    draft = a_draft("From the first room.")
    keep(draft)
    keep(replace(draft, text="From the second room."), stop=live.stops.all()[1])
    assert [texts(stop) for stop in live.stops.all()] == [["From the first room."], ["From the second room."], []]


def test_a_note_without_text_is_not_listed_until_it_has_words_again(keep, room):
    draft = a_draft("Boards")
    keep(draft)
    keep(replace(draft, text=""))
    assert texts(room) == []
    keep(replace(draft, text="Boards again"))
    assert texts(room) == ["Boards again"]


def test_a_removed_note_can_be_restored(keep, room, walker):
    note = keep(a_draft()).note
    notes.remove(note, by=walker, now=TEN_PAST_TEN)
    assert texts(room) == []
    notes.restore(note, by=walker)
    assert texts(room) == ["Boards at every table."]


def test_a_late_save_does_not_restore_a_removed_note(keep, room, walker):
    draft = a_draft()
    notes.remove(keep(draft).note, by=walker, now=TEN_PAST_TEN)
    keep(draft)
    assert texts(room) == []


def test_only_the_walker_can_write_notes(room, host, head):
    for person in (host, head):
        with pytest.raises(NotAllowedError):
            notes.save(room, a_draft(), by=person, now=TEN_PAST_TEN)


def test_only_the_walker_can_remove_and_restore_notes(keep, head):
    note = keep(a_draft()).note
    with pytest.raises(NotAllowedError):
        notes.remove(note, by=head, now=TEN_PAST_TEN)
    with pytest.raises(NotAllowedError):
        notes.restore(note, by=head)


def test_no_note_can_be_written_before_the_first_room(walker, hosts, head):
    with pytest.raises(NotAllowedError):
        notes.save(a_walk(walker, hosts).stops.first(), a_draft(), by=walker, now=TEN_PAST_TEN)


@pytest.mark.not_on_postgresql  # the trigger is written for SQLite
def test_if_the_disk_is_full_the_error_says_that_the_words_are_still_there(keep, live):
    with connection.cursor() as cursor:  # as on a full disk, no row can be added
        cursor.execute("CREATE TRIGGER full BEFORE INSERT ON observations_note BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(NotSavedError, match="Your words are still here"):
        keep(a_draft())
    assert Note.with_removed.count() == 0
