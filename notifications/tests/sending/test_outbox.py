"""The functions of the outbox that apps call."""

import datetime as dt

import pytest
from django.db import transaction

from notifications import preferences
from notifications.models import Message
from notifications.sending import delivery, outbox
from notifications.tests.factories import a_message
from school.errors import NotAllowedError
from school.models import Person

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def reloaded(message):
    message.refresh_from_db()
    return message


def test_put_renders_words_for_the_person_in_the_schools_time_zone(walker):
    walker.school.time_zone = "Asia/Tokyo"
    message = a_message(
        walker, context={"words": "<Tea & cake>", "moment": dt.datetime(2026, 11, 11, 9, 0, tzinfo=dt.UTC)}
    )
    assert message.subject == "Hello Amara"
    assert message.body_text.startswith(
        "Learning Walks · Test School\n\nHello Amara,\n\n<Tea & cake> at 18:00\n\n"
        "Open: http://127.0.0.1:8000\n\n-- \nYou get this because"
    )
    assert "<p>&lt;Tea &amp; cake&gt; at 18:00</p>" in message.body_html
    assert (message.state, message.to_addr) == ("queued", walker.email)


def test_a_key_is_used_once_and_the_callers_transaction_survives(walker):
    a_message(walker, key="walk:1")
    with transaction.atomic():
        assert a_message(walker, key="walk:1") is None
        assert a_message(walker, key="walk:2") is not None
    assert Message.objects.count() == 2


def test_a_rolled_back_transaction_leaves_no_mail(walker):
    with transaction.atomic():
        a_message(walker)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_a_person_who_left_gets_no_mail(walker):
    walker.is_active = False
    assert a_message(walker) is None


def test_a_person_without_an_address_gets_no_mail_and_none_is_sent_again_to_the_old_one(walker, host, now):
    message = a_message(walker, author=host, state={"state": "failed"})
    Person.objects.filter(pk=walker.pk).update(email=None)
    walker.refresh_from_db()
    assert a_message(walker, key="new") is None
    with pytest.raises(outbox.DeliveryNotInDoubtError):
        outbox.settle(message, by=host, arrived=False, now=now)


def test_a_muted_kind_is_not_written_but_others_are(walker):
    preferences.register_kind("tips", "Tips")
    preferences.mute(walker, "tips")
    assert a_message(walker, kind="tips", key="1") is None
    assert a_message(walker, kind="test", key="2") is not None


def test_muting_works_only_for_kinds_that_may_be_switched_off(walker):
    preferences.mute(walker, "test")
    assert a_message(walker) is not None


def test_nobody_gets_more_than_one_nudge_a_week(walker, now):
    preferences.register_kind("nudge", "Nudges", nudge=True)
    preferences.register_kind("other", "Other nudges", nudge=True)
    assert a_message(walker, kind="nudge", key="1")
    assert a_message(walker, kind="other", key="2", now=now + dt.timedelta(days=6)) is None
    assert a_message(walker, kind="other", key="3", now=now + dt.timedelta(days=7))


def test_control_characters_in_headers_are_removed(walker):
    evil = "\r\nBcc: all@example.org\x00 \u202egpj.exe\u2028x" + "y" * 2000
    message = a_message(walker, context={"tail": evil, "words": "a\0b"}, from_name="Eve\nX: y")
    assert message.subject.startswith("Hello Amara Bcc: all@example.org gpj.exe xyyy")
    assert len(message.subject) == 250
    assert message.from_name == "Eve X: y"
    assert "\n\nab at" in message.body_text


def test_withdraw_stops_a_waiting_mail(walker, now):
    message = a_message(walker, about="praise:1", deliver_at=now + MINUTE / 2)
    assert outbox.withdraw(about="praise:1", kind="test", now=now) is True
    assert reloaded(message).state == "cancelled"
    assert delivery.sweep(now + MINUTE) == 0


@pytest.mark.parametrize("state", ["sent", "failed", "unknown", "cancelled"])
def test_withdraw_returns_false_when_it_is_too_late(walker, now, state):
    message = a_message(walker, about="praise:1", state={"state": state, "sent_at": now})
    assert outbox.withdraw(about="praise:1", kind="test", now=now) is False
    assert reloaded(message).state == state


def test_withdraw_does_not_stop_mails_of_other_kinds(walker, now):
    a_message(walker, about="walk:1")
    assert outbox.withdraw(about="walk:1", kind="other", now=now) is False


STATE_WORDS = [
    ({"state": "queued"}, "Waiting to be sent"),
    ({"state": "sent", "sent_at": dt.datetime(2026, 11, 11, 10, 19, tzinfo=dt.UTC)}, "Sent 10:19"),
    ({"state": "failed", "error_code": "550"}, "Could not be delivered: the mail server does not know this address"),
    ({"state": "failed", "error_code": "554"}, "Could not be delivered: the mail server did not accept it (554)"),
    (
        {"state": "failed", "error_code": "sender 550"},
        "Could not be delivered: the mail server does not accept mail from this site’s own address",
    ),
    ({"state": "failed", "error_code": "address"}, "Could not be delivered: the address does not work"),
    (
        {"state": "failed", "error_code": "expired"},
        "Could not be delivered: the mail server did not accept it within three days",
    ),
    ({"state": "unknown"}, "We can’t tell whether it arrived"),
    ({"state": "cancelled"}, "Stopped before it was sent"),
]


@pytest.mark.parametrize(("state", "words"), STATE_WORDS)
def test_the_author_reads_the_delivery_state(walker, state, words):
    a_message(walker, about="praise:1", state=state)
    assert [delivery.words for delivery in outbox.deliveries_of("praise:1")] == [words]


def test_a_mail_that_is_being_sent_is_shown_as_on_its_way(walker, now):
    state = {"state": "sending", "lease_token": "0" * 32, "lease_until": now}
    a_message(walker, about="praise:1", state=state)
    assert outbox.deliveries_of("praise:1")[0].words == "On its way"


def test_many_states_take_one_query_and_only_the_author_sees_them(walker, host, django_assert_num_queries):
    for number in range(3):
        a_message(host, key=str(number), about=f"praise:{number}", author=walker)
    with django_assert_num_queries(1):
        states = outbox.newest_deliveries(["praise:0", "praise:2"], walker)
        assert {about: found.state for about, found in states.items()} == {
            "praise:0": "queued",
            "praise:2": "queued",
        }
    assert outbox.newest_deliveries(["praise:0"], host) == {}


def a_mail_of_unknown_delivery(to, author, now):
    state = {"state": "unknown", "data_started_at": now, "lease_token": "0" * 32, "attempts": 3}
    return a_message(to, author=author, state=state)


def test_the_author_can_mark_a_mail_as_arrived(walker, host, now):
    message = a_mail_of_unknown_delivery(host, walker, now)
    outbox.settle(message, by=walker, arrived=True, now=now)
    assert reloaded(message).state == "sent"


def test_send_again_works_after_a_quarter_of_an_hour(walker, host, now):
    message = a_mail_of_unknown_delivery(host, walker, now)
    with pytest.raises(outbox.DeliveryNotInDoubtError):
        outbox.settle(message, by=walker, arrived=False, now=now + 14 * MINUTE)
    outbox.settle(message, by=walker, arrived=False, now=now + 15 * MINUTE)
    assert delivery.sweep(now + 15 * MINUTE) == 1
    assert reloaded(message).state == "sent"


def test_send_again_goes_to_the_current_address(walker, host, mail_server, now):
    message = a_mail_of_unknown_delivery(host, walker, now)
    type(host).objects.filter(pk=host.pk).update(email="right@school.example")
    outbox.settle(message, by=walker, arrived=False, now=now + 15 * MINUTE)
    delivery.sweep(now + 15 * MINUTE)
    assert (reloaded(message).state, mail_server.recipients) == ("sent", ["right@school.example"])


def test_a_refused_mail_can_be_sent_again_at_once(walker, host, mail_server, now):
    message = a_message(host, author=walker, state={"state": "failed", "error_code": "550", "settled_at": now})
    outbox.settle(message, by=walker, arrived=False, now=now)
    delivery.sweep(now)
    assert (reloaded(message).state, message.error_code, mail_server.recipients) == ("sent", "", [host.email])


def test_a_failed_mail_cannot_be_marked_as_arrived(walker, host, now):
    message = a_message(host, author=walker, state={"state": "failed", "settled_at": now})
    with pytest.raises(outbox.DeliveryNotInDoubtError):
        outbox.settle(message, by=walker, arrived=True, now=now)


def test_pressing_send_again_twice_is_refused_the_second_time(walker, host, now):
    message = a_mail_of_unknown_delivery(host, walker, now)
    outbox.settle(message, by=walker, arrived=False, now=now + 15 * MINUTE)
    with pytest.raises(outbox.DeliveryNotInDoubtError):
        outbox.settle(message, by=walker, arrived=False, now=now + 15 * MINUTE)


def test_only_the_author_can_settle_an_unknown_delivery(walker, host, administrator, now):
    message = a_mail_of_unknown_delivery(host, walker, now)
    for person in (host, administrator):
        with pytest.raises(NotAllowedError):
            outbox.settle(message, by=person, arrived=True, now=now)
    assert reloaded(message).state == "unknown"


def test_a_mail_without_an_author_is_never_sent_again(walker, now):
    message = a_mail_of_unknown_delivery(walker, None, now)
    with pytest.raises(NotAllowedError):
        outbox.settle(message, by=walker, arrived=False, now=now + dt.timedelta(days=1))


def test_queue_health_counts_mails_and_says_how_old_the_oldest_is(walker, now):
    a_message(walker, key="due", now=now - 5 * MINUTE)
    a_message(walker, key="later", deliver_at=now + MINUTE)
    a_message(walker, key="failed", state={"state": "failed", "settled_at": now})
    a_message(walker, key="unknown", state={"state": "unknown", "settled_at": now})
    a_message(walker, key="sent", state={"state": "sent", "sent_at": now})
    assert outbox.queue_health(now) == {"oldest_due_seconds": 300, "failed": 1, "unknown": 1}


@pytest.mark.parametrize(("days", "failed"), [(6, 1), (8, 0)])
def test_a_mail_that_did_not_arrive_is_shown_for_a_week(walker, now, days, failed):
    before = now - dt.timedelta(days=days)
    a_message(walker, key="failed", state={"state": "failed", "settled_at": before})
    a_message(walker, key="unknown", state={"state": "unknown", "settled_at": before})
    health = outbox.queue_health(now)
    assert (health["failed"], health["unknown"]) == (failed, failed)


def test_queue_health_of_an_empty_outbox(now):
    assert outbox.queue_health(now) == {"oldest_due_seconds": 0, "failed": 0, "unknown": 0}


def test_a_mail_without_its_text_is_not_sent_again(walker, now):
    doubtful = {"state": "unknown", "data_started_at": now, "settled_at": now, "body_text": ""}
    message = a_message(walker, author=walker, state=doubtful)
    with pytest.raises(outbox.DeliveryNotInDoubtError):
        outbox.settle(message, by=walker, arrived=False, now=now + dt.timedelta(days=40))


def test_a_reply_goes_to_the_person_concerned(walker, head):
    assert a_message(walker, reply_to=head).reply_to == head.email


def test_a_transaction_with_two_mails_wakes_a_worker_once(walker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        a_message(walker)
        a_message(walker)
    assert len(callbacks) == 1


def test_two_schools_send_under_their_own_names(walker, stranger):
    assert a_message(walker, key="1").from_name == "Learning Walks at Test School"
    assert a_message(stranger, key="2").from_name == "Learning Walks at Other School"
