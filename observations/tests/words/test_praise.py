"""Praise is sent once and can be taken back for 30 seconds. Hosts may be thanked in person instead."""

import datetime as dt

import pytest
import time_machine

from notifications.models import Message, MutedKind
from notifications.sending import outbox
from observations.models import Photo, Praise
from observations.tests.factories import a_photo, a_praise
from observations.words import praise, sent_praise, takeaway
from school.errors import NotAllowedError
from walks.models import Stop, Walk
from walks.tests.factories import a_walk

WORDS = "I noticed every table held up the answer and how."
SECOND = dt.timedelta(seconds=1)


def send(stop, now, text=WORDS, photo=None, by=None):
    stop = Stop.objects.get(pk=stop.pk)
    return praise.send(stop, text=text, photo=photo, by=by or stop.walk.walker, now=now)


def test_a_host_counts_as_thanked_once_praise_is_sent(stop, later):
    stored = send(stop, later)
    stop.refresh_from_db()
    assert (stored.text, stored.sent_at, stop.thanked_at) == (WORDS, later, later)


def test_pressing_send_twice_sends_one_mail(stop, later):
    send(stop, later)
    send(stop, later + SECOND)
    assert Message.objects.filter(kind="praise").count() == 1
    assert Praise.objects.get().sent_at == later


def test_sending_other_words_after_sending_is_refused(stop, later):
    send(stop, later)
    with pytest.raises(praise.AlreadySentError):
        send(stop, later + SECOND, text="Something else.")
    assert Praise.objects.get().text == WORDS


@pytest.mark.parametrize("text", ["", "  \r\n "])
def test_praise_without_words_is_not_sent(stop, later, text):
    with pytest.raises(praise.EmptyPraiseError) as error:
        send(stop, later, text=text)
    assert str(error.value) == "Write a sentence to Jonas, or mark Jonas as thanked"
    assert not Praise.objects.exists()


def test_no_draft_can_be_saved_after_sending(stop, walker, later):
    send(stop, later)
    with pytest.raises(praise.AlreadySentError):
        praise.save_draft(stop, text="Changed", photo=None, by=walker, now=later)
    assert Praise.objects.get().text == WORDS


def test_a_draft_is_saved_and_its_host_does_not_count_as_thanked(stop, walker, later):
    praise.save_draft(stop, text="I noticed", photo=None, by=walker, now=later)
    praise.save_draft(stop, text="I noticed the pause", photo=None, by=walker, now=later)
    stop.refresh_from_db()
    assert (Praise.objects.get().text, stop.thanked_at) == ("I noticed the pause", None)


def test_a_photo_of_another_room_is_refused(walk, stop, later):
    other = a_photo(walk.stops.last())
    with pytest.raises(NotAllowedError):
        send(stop, later, photo=other)
    assert not Praise.objects.exists()


@pytest.mark.parametrize("state", ["draft", "requested", "approved"])
def test_praise_cannot_be_sent_before_the_end_of_the_walk(walker, hosts, now, state):
    stop = a_walk(walker, hosts, state=state).stops.first()
    with pytest.raises(NotAllowedError):
        send(stop, now)


def test_no_praise_can_be_sent_for_a_skipped_room(stop, later):
    Stop.objects.filter(pk=stop.pk).update(skipped_at=later)
    with pytest.raises(NotAllowedError):
        send(stop, later)


def test_only_the_walker_can_send_praise(stop, colleague, later):
    with pytest.raises(NotAllowedError):
        send(stop, later, by=colleague)


def test_praise_can_be_sent_after_the_24_hours(stop, later):
    send(stop, later + dt.timedelta(days=3))
    stop.refresh_from_db()
    assert stop.thanked_at is not None


def test_praise_can_be_taken_back_29_seconds_later(stop, walker, later):
    stored = send(stop, later)
    praise.unsend(stored, by=walker, now=later + 29 * SECOND)
    stop.refresh_from_db()
    assert (stored.sent_at, stop.thanked_at, stored.text) == (None, None, WORDS)
    assert Message.objects.get(kind="praise").state == "cancelled"


@pytest.mark.parametrize("seconds", [30, 31])
def test_praise_cannot_be_taken_back_after_30_seconds(stop, walker, later, seconds):
    stored = send(stop, later)
    with pytest.raises(praise.TooLateError) as error:
        praise.unsend(stored, by=walker, now=later + seconds * SECOND)
    assert str(error.value) == "Jonas already has your praise."
    assert Praise.objects.get().sent_at == later


def test_praise_whose_mail_was_sent_cannot_be_taken_back(stop, walker, later):
    stored = send(stop, later)
    Message.objects.filter(kind="praise").update(state="sent", sent_at=later)
    with pytest.raises(praise.TooLateError):
        praise.unsend(stored, by=walker, now=later + 5 * SECOND)
    stop.refresh_from_db()
    assert (Praise.objects.get().sent_at, stop.thanked_at) == (later, later)


def test_praise_cannot_be_taken_back_twice(stop, walker, later):
    stored = send(stop, later)
    again = Praise.objects.get()
    praise.unsend(stored, by=walker, now=later + SECOND)
    with pytest.raises(praise.TooLateError):
        praise.unsend(again, by=walker, now=later + 2 * SECOND)


def test_only_the_author_can_take_praise_back(stop, host, later):
    stored = send(stop, later)
    with pytest.raises(NotAllowedError):
        praise.unsend(stored, by=host, now=later + SECOND)


def test_praise_sent_again_after_undo_is_a_new_mail(stop, walker, later):
    praise.unsend(send(stop, later), by=walker, now=later + SECOND)
    send(stop, later + 10 * SECOND, text="Better words, because of the pause.")
    states = Message.objects.filter(kind="praise").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "queued"]


def test_praise_without_a_mail_can_be_taken_back(stop, host, walker, later):
    MutedKind.objects.create(person=host, kind="praise")
    stored = send(stop, later)
    praise.unsend(stored, by=walker, now=later + SECOND)
    assert (Message.objects.count(), Praise.objects.get().sent_at) == (0, None)


def test_thanks_in_person_count_and_keep_the_draft(stop, walker, later):
    stored = praise.thank_in_person(stop, text="I noticed", photo=None, by=walker, now=later)
    stop.refresh_from_db()
    assert (stored.said_in_person_at, stored.text, stop.thanked_at) == (later, "I noticed", later)
    assert Message.objects.count() == 0


def test_marking_as_thanked_in_person_can_be_undone(stop, walker, later):
    praise.thank_in_person(stop, text="", photo=None, by=walker, now=later)
    praise.undo_thanks_in_person(stop, by=walker, now=later)
    stop.refresh_from_db()
    assert (Praise.objects.get().said_in_person_at, stop.thanked_at) == (None, None)


def test_undoing_thanks_in_person_does_not_change_sent_praise(stop, walker, later):
    send(stop, later)
    praise.undo_thanks_in_person(stop, by=walker, now=later)
    stop.refresh_from_db()
    assert stop.thanked_at == later


def test_praise_can_be_sent_after_thanks_in_person(stop, walker, later):
    praise.thank_in_person(stop, text="", photo=None, by=walker, now=later)
    stored = send(stop, later)
    assert (stored.said_in_person_at, stored.sent_at) == (None, later)


def thank_everybody(walk, now):
    for stop in walk.stops.all():
        send(stop, now)


def test_last_praise_completes_a_walk_with_takeaway(walk, walker, later):
    takeaway.write(walk, text="Boards", remind_on=None, by=walker, now=later)
    thank_everybody(walk, later)
    assert Walk.objects.get().state == "complete"


def test_takeaway_completes_a_walk_with_all_thanked(walk, walker, later):
    thank_everybody(walk, later)
    assert Walk.objects.get().state == "walked"
    walk.refresh_from_db()
    takeaway.write(walk, text="Boards", remind_on=None, by=walker, now=later)
    assert Walk.objects.get().state == "complete"


def test_undo_after_completion_opens_the_walk_again(walk, walker, later):
    takeaway.write(walk, text="Boards", remind_on=None, by=walker, now=later)
    thank_everybody(walk, later)
    praise.unsend(Praise.objects.last(), by=walker, now=later + SECOND)
    assert Walk.objects.get().state == "walked"


def test_those_still_to_thank_come_first(walk, hosts, later):
    send(walk.stops.first(), later)
    assert [stop.host for stop in praise.visited_stops(walk)] == [hosts[1], hosts[2], hosts[0]]
    assert praise.next_stop_to_thank(walk).host == hosts[1]


def test_nobody_is_next_when_all_are_thanked(walk, later):
    thank_everybody(walk, later)
    assert praise.next_stop_to_thank(walk) is None


@pytest.fixture
def received(stop, later):
    return a_praise(stop, WORDS, sent_at=later)


def test_thanking_back_twice_sends_one_mail(received, host, later):
    sent_praise.thank_back(received, by=host, now=later)
    sent_praise.thank_back(received, by=host, now=later + SECOND)
    assert Message.objects.get(kind="praise_thanked").subject == "Jonas says thank you"
    assert Praise.objects.get().thanks_sent_at == later


def test_the_receiver_removes_the_photo_and_the_walker_keeps_the_file(stop, host, later):
    received = a_praise(stop, WORDS, sent_at=later, photo=a_photo(stop))
    sent_praise.remove_photo(received, by=host)
    assert (Praise.objects.get().photo, Photo.objects.count()) == (None, 1)


def test_opening_praise_marks_it_read_once(received, host, walker, later):
    with time_machine.travel(later + dt.timedelta(minutes=1), tick=False):  # it can no longer be taken back
        sent_praise.mark_read([received], by=walker, now=later)
        assert Praise.objects.get().read_at is None
        sent_praise.mark_read([received], by=host, now=later)
        sent_praise.mark_read([received], by=host, now=later + SECOND)
    assert Praise.objects.get().read_at == later


@pytest.mark.parametrize(("arrived", "state"), [(True, "sent"), (False, "queued")])
def test_the_author_says_whether_a_mail_of_unknown_delivery_arrived(stop, walker, later, arrived, state):
    stored = send(stop, later)
    Message.objects.update(state="unknown", data_started_at=later, settled_at=later)
    praise.settle_delivery(stored, arrived=arrived, by=walker, now=later + dt.timedelta(minutes=20))
    assert outbox.deliveries_of(stored.about)[0].state == state


def test_only_the_author_can_say_whether_the_mail_arrived(stop, host, later):
    stored = send(stop, later)
    with pytest.raises(NotAllowedError):
        praise.settle_delivery(stored, arrived=True, by=host, now=later)


def test_praise_with_unfilled_blanks_is_not_sent(walker, hosts, now):
    stop = a_walk(walker, hosts, state="walked").stops.first()
    with pytest.raises(praise.EmptyPraiseError, match="blanks"):
        praise.send(stop, text="When you ___, I noticed students ___.", photo=None, by=walker, now=now)
