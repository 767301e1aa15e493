"""Every way in which a mail server can answer, and what happens to the mail then."""

import datetime as dt
import email
import email.policy
import smtplib
import threading
from email.utils import parseaddr

import pytest

from notifications import preferences
from notifications.models import Message
from notifications.sending import delivery, outbox, transports
from notifications.sending.mime import build
from notifications.tests.factories import a_message
from notifications.tests.smtp_sink import free_port

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


def state(message):
    message.refresh_from_db()
    return message.state


def parsed(sink, index=0):
    return email.message_from_bytes(sink.received[index][1], policy=email.policy.default)


def test_a_mail_is_sent_once(walker, mail_server, now):
    message = a_message(walker)
    assert delivery.sweep(now) == 1
    assert delivery.sweep(now + HOUR) == 0
    assert (state(message), mail_server.recipients) == ("sent", [walker.email])
    assert now <= message.sent_at < now + MINUTE


def test_a_sent_mail_has_the_right_headers_and_parts(walker, colleague, mail_server, now):
    message = a_message(
        walker, reply_to=colleague, author=colleague, context={"words": "Grüße, 你好"}, from_name="Müller, via LW"
    )
    delivery.sweep(now)
    mail = parsed(mail_server)
    assert (mail["Subject"], mail["To"], mail["Reply-To"]) == ("Hello Amara", walker.email, colleague.email)
    assert mail["From"].addresses[0].display_name == "Müller, via LW"
    assert mail["Message-ID"] == message.message_id
    assert "Grüße, 你好" in mail.get_body(("plain",)).get_content()
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["Auto-Submitted"] is None


def test_an_invite_is_a_calendar_alternative_with_the_same_method(walker, mail_server, now):
    ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Größe\r\nEND:VCALENDAR\r\n"
    a_message(walker, calendar=outbox.CalendarPart(ics, "REQUEST"))
    delivery.sweep(now)
    part = list(parsed(mail_server).iter_parts())[-1]
    assert part["Content-Type"].params["method"] == "REQUEST"
    assert part.get_content_type() == "text/calendar"
    assert part.get_payload(decode=True).decode() == ics


def test_automatic_mails_say_so_and_can_be_switched_off(walker, mail_server, now):
    preferences.register_kind("test", "Tests")
    a_message(walker)
    delivery.sweep(now)
    mail = parsed(mail_server)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == f"<{preferences.unsubscribe_url(walker.pk, 'test')}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_unsubscribe_header_is_one_plain_line(walker, settings, now):
    settings.SITE_URL = "https://learning-walks.a-school-with-a-long-name.example.org"
    preferences.register_kind("test", "Tests")
    raw = build(a_message(walker, context={"words": "Grüße"}), now=now).data
    headers = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    link = f"List-Unsubscribe: <{preferences.unsubscribe_url(walker.pk, 'test')}>"
    assert link.encode() in headers
    assert raw.isascii()
    assert len(link) > 78 and max(map(len, raw.split(b"\r\n"))) <= 998


def interfere(monkeypatch, *, before_data=None, after_fence=None):
    """Change rows while a mail is sent: after its recipient was accepted, or after the sender passed the fence."""
    rcpt = smtplib.SMTP.rcpt
    docmd = smtplib.SMTP.docmd

    def rcpt_and_act(server, *args):
        answer = rcpt(server, *args)
        before_data()
        return answer

    def docmd_and_act(server, command, *args):
        answer = docmd(server, command, *args)
        if command == "data":
            after_fence()
        return answer

    if before_data:
        monkeypatch.setattr(smtplib.SMTP, "rcpt", rcpt_and_act)
    if after_fence:
        monkeypatch.setattr(smtplib.SMTP, "docmd", docmd_and_act)


TEMPORARY_REFUSALS = [
    ("MAIL", "421 go away"),
    ("MAIL", "451 later"),
    ("MAIL", "452 full"),
    ("MAIL", "cut"),
    ("MAIL", "hang"),
    ("RCPT", "421 go away"),
    ("RCPT", "451 later"),
    ("RCPT", "452 full"),
    ("RCPT", "cut"),
    ("RCPT", "hang"),
    ("DATA", "421 go away"),
    ("DATA", "451 later"),
    ("DATA", "452 full"),
]


@pytest.mark.parametrize(("stage", "answer"), TEMPORARY_REFUSALS)
def test_a_temporary_refusal_is_retried_within_two_minutes(walker, mail_server, settings, now, stage, answer):
    settings.EMAIL_TIMEOUT = 0.3 if answer == "hang" else 5
    message = a_message(walker)
    mail_server.answers = {stage: answer}
    delivery.sweep(now)
    assert (state(message), message.data_started_at, message.lease_token) == ("queued", None, None)
    assert now + 0.7 * MINUTE < message.next_try < now + 1.2 * MINUTE
    mail_server.answers = {}
    assert delivery.sweep(now + 0.5 * MINUTE) == 0
    assert delivery.sweep(now + 2 * MINUTE) == 1
    assert (state(message), mail_server.recipients) == ("sent", [walker.email])


@pytest.mark.parametrize(
    ("stage", "answer", "code"),
    [
        ("MAIL", "550 no", "sender 550"),
        ("MAIL", "530 sign in first", "sender 530"),
        ("RCPT", "550 nobody here", "550"),
        ("RCPT", "553 no", "553"),
        ("RCPT", "553 5.7.1 <{us}>: Sender address rejected", "sender 553"),
        ("DATA", "554 no spam", "554"),
        ("DATA", "550 5.7.60 {us} may not send as this sender", "sender 550"),
    ],
)
def test_a_final_refusal_is_shown_and_never_retried(walker, host, mail_server, settings, now, stage, answer, code):
    message = a_message(host, author=walker, about="praise:1")
    mail_server.answers = {stage: answer.format(us=parseaddr(settings.DEFAULT_FROM_EMAIL)[1])}
    delivery.sweep(now)
    assert (state(message), message.error_code) == ("failed", code)
    assert outbox.deliveries_of("praise:1")[0].words.startswith("Could not be delivered: ")
    mail_server.answers = {}
    assert delivery.sweep(now + 24 * HOUR) == 0
    assert mail_server.received == []


@pytest.mark.parametrize("answer", ["cut", "hang", "xyz"])
def test_delivery_is_unknown_if_the_answer_after_data_is_lost_and_nothing_is_sent_again(
    walker, mail_server, monkeypatch, now, answer
):
    monkeypatch.setattr(transports.SmtpTransport, "reply_seconds", 0.3)
    message = a_message(walker)
    mail_server.answers = {"DATA": answer}
    delivery.sweep(now)
    assert state(message) == "unknown"
    mail_server.answers = {}
    assert delivery.sweep(now + 24 * HOUR) == 0
    assert len(mail_server.received) == (answer != "xyz")


def test_an_unreachable_server_is_tried_once_per_sweep(walker, settings, now):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://x", "127.0.0.1", free_port()
    messages = [a_message(walker, key=str(number)) for number in range(5)]
    assert delivery.sweep(now) == 1
    assert [(state(message), message.attempts) for message in messages] == [("queued", 1)] + [("queued", 0)] * 4


def test_a_server_without_the_configured_encryption_gets_no_mail(walker, mail_server, settings, now):
    settings.EMAIL_USE_TLS = True
    message = a_message(walker)
    delivery.sweep(now)
    assert (state(message), mail_server.commands) == ("queued", [])


def test_a_mail_stays_queued_if_the_server_refuses_our_password(walker, mail_server, settings, now):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "lw", "secret"
    message = a_message(walker)
    delivery.sweep(now)
    assert (state(message), mail_server.commands) == ("queued", [])


def test_one_bad_address_does_not_delay_the_others(walker, hosts, mail_server, now):
    people = [hosts[0], walker, hosts[1], hosts[2]]
    for number, person in enumerate(people):
        a_message(person, key=str(number))
    mail_server.answers = {("RCPT", walker.email): "550 no", ("RCPT", hosts[1].email): "451 later"}
    delivery.sweep(now)
    assert mail_server.recipients == [hosts[0].email, hosts[2].email]
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "failed", "queued", "sent"]


def test_the_time_between_attempts_grows_from_one_minute_to_an_hour(walker, mail_server, now):
    message = a_message(walker)
    mail_server.answers = {"RCPT": "451 later"}
    minutes = []
    moment = now
    for _ in range(7):
        delivery.sweep(moment)
        state(message)
        minutes.append((message.next_try - moment) / MINUTE)
        moment = message.next_try
    expected = [1, 2, 5, 15, 30, 60, 60]
    assert all(0.79 * want < got < 1.01 * want for want, got in zip(expected, minutes, strict=True))


def test_a_mail_that_could_not_be_sent_for_three_days_fails(walker, mail_server, now):
    message = a_message(walker)
    assert delivery.sweep(now + 73 * HOUR) == 0
    assert (state(message), message.error_code, mail_server.received) == ("failed", "expired", [])


def test_the_last_attempt_is_within_three_days(walker, mail_server, now):
    message = a_message(walker)
    mail_server.answers = {"RCPT": "451 later"}
    delivery.sweep(now + 71 * HOUR)
    assert state(message) == "queued"
    delivery.sweep(now + 72 * HOUR - dt.timedelta(milliseconds=1))
    assert (state(message), message.error_code) == ("failed", "expired")


def test_two_senders_that_read_the_same_mail_claim_it_once(walker, now):
    message = a_message(walker)
    claims = [delivery._claim(message, now), delivery._claim(message, now)]
    assert [claim is None for claim in claims] == [False, True]


def test_a_mail_that_may_have_been_sent_is_never_claimed_again(walker, now):
    message = a_message(walker, state={**LEASE, "lease_until": now, "data_started_at": now})
    assert delivery._claim(message, now) is None


def test_a_mail_waits_until_its_delivery_time(walker, mail_server, now):
    message = a_message(walker, deliver_at=now + MINUTE / 2)
    assert delivery.sweep(now + MINUTE / 3) == 0
    assert delivery.sweep(now + MINUTE / 2) == 1
    assert state(message) == "sent"


@pytest.mark.parametrize("address", ["no-at-sign", "ü@example.org", "a b@example.org", "x@", "@y", "a@b@c", ""])
def test_an_invalid_address_fails_and_delays_no_other_mail(walker, host, mail_server, now, address):
    broken = a_message(walker, key="1", state={"to_addr": address})
    a_message(host, key="2")
    delivery.sweep(now)
    assert (state(broken), broken.error_code) == ("failed", "address")
    assert mail_server.recipients == [host.email]


def test_mails_wait_while_the_senders_address_is_invalid(walker, host, mail_server, settings, now):
    settings.DEFAULT_FROM_EMAIL = "Learning Walks"
    first, second = a_message(walker, key="1"), a_message(host, key="2")
    assert delivery.sweep(now) == 1
    assert (state(first), first.error_code, state(second), second.attempts) == ("queued", "sender", "queued", 0)
    settings.DEFAULT_FROM_EMAIL = "Learning Walks <walks@school.example>"
    delivery.sweep(now + 2 * MINUTE)
    assert (state(first), state(second)) == ("sent", "sent")


def test_international_domains_work(walker, mail_server, now):
    a_message(walker, state={"to_addr": "amara@schüle.example"})
    delivery.sweep(now)
    assert mail_server.recipients == ["amara@xn--schle-mva.example"]


def test_a_stored_header_with_a_line_break_fails_and_delays_no_other_mail(walker, host, mail_server, now):
    broken = a_message(walker, key="1", state={"subject": "x\r\nBcc: all@example.org"})
    a_message(host, key="2")
    delivery.sweep(now)
    assert (state(broken), broken.error_code) == ("failed", "content")
    assert mail_server.recipients == [host.email]


def test_an_invalid_reply_address_is_left_out(walker, mail_server, now):
    a_message(walker, state={"reply_to": "lucía@example.org"})
    delivery.sweep(now)
    assert parsed(mail_server)["Reply-To"] is None


def test_a_waiting_mail_to_a_person_who_left_is_cancelled(walker, mail_server, now):
    message = a_message(walker)
    walker.is_active = False
    walker.save()
    delivery.sweep(now)
    assert (state(message), mail_server.commands) == ("cancelled", [])


def test_a_mail_that_is_no_longer_true_is_cancelled(walker, mail_server, now):
    answers = iter([True, False])
    delivery.recheck("test")(lambda message, moment: next(answers))
    still_true = a_message(walker, key="1")
    no_longer_true = a_message(walker, key="2")
    delivery.sweep(now)
    assert (state(still_true), state(no_longer_true), len(mail_server.received)) == ("sent", "cancelled", 1)


def test_a_check_that_raises_does_not_stop_other_mails(walker, host, mail_server, now):
    delivery.recheck("odd")(lambda message, moment: 1 / 0)
    a_message(walker, kind="odd", key="1")
    a_message(host, key="2")
    delivery.sweep(now)
    assert mail_server.recipients == [host.email]


def test_a_check_that_raises_is_repeated_for_three_days(walker, mail_server, now):
    delivery.recheck("odd")(lambda message, moment: 1 / 0)
    odd = a_message(walker, kind="odd")
    delivery.sweep(now)
    assert (state(odd), odd.error_code, odd.error_text) == ("queued", "error", "ZeroDivisionError")
    assert now < odd.next_try <= now + MINUTE
    delivery.sweep(now + 73 * HOUR)
    assert (state(odd), odd.error_code) == ("failed", "expired")


def test_a_mail_whose_sender_died_before_data_is_sent_after_three_minutes(walker, mail_server, now):
    message = a_message(walker)
    delivery._claim(message, now)
    assert delivery.sweep(now + 2 * MINUTE) == 0
    assert delivery.sweep(now + 3 * MINUTE) == 1
    assert state(message) == "sent"


def test_the_server_has_ten_minutes_to_answer_after_data(walker, mail_server, monkeypatch, now):
    message = a_message(walker)
    interfere(monkeypatch, after_fence=lambda: delivery.sweep(now + 9 * MINUTE))
    delivery.sweep(now)
    assert state(message) == "sent"
    assert message.lease_until - message.data_started_at == 10 * MINUTE


def test_a_process_that_must_stop_begins_no_other_mail(walker, host, mail_server, monkeypatch, now):
    monkeypatch.setattr(delivery, "stop_requested", threading.Event())
    a_message(walker, key="1")
    a_message(host, key="2")
    interfere(monkeypatch, after_fence=delivery.stop_soon)
    assert delivery.sweep(now) == 1
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "queued"]


LEASE = {"state": "sending", "lease_token": "0" * 32}


def test_another_sender_takes_over_after_one_died_before_data(walker, mail_server, now):
    message = a_message(walker, state={**LEASE, "lease_until": now + 10 * MINUTE})
    assert delivery.sweep(now + 9 * MINUTE) == 0
    assert delivery.sweep(now + 10 * MINUTE) == 1
    assert state(message) == "sent"


def test_delivery_is_unknown_after_a_sender_died_after_data(walker, mail_server, now):
    message = a_message(walker, state={**LEASE, "lease_until": now + 10 * MINUTE, "data_started_at": now})
    assert delivery.sweep(now + 10 * MINUTE) == 0
    assert (state(message), mail_server.received) == ("unknown", [])


def test_a_sender_that_lost_its_lease_sends_no_data(walker, mail_server, monkeypatch, now):
    message = a_message(walker)
    lease_of_another_sender = {"lease_token": "1" * 32}
    interfere(monkeypatch, before_data=lambda: Message.objects.filter(pk=message.pk).update(**lease_of_another_sender))
    delivery.sweep(now)
    assert (mail_server.received, state(message), message.data_started_at) == ([], "sending", None)


def test_a_sender_with_an_expired_lease_sends_no_data(walker, mail_server, monkeypatch, now):
    message = a_message(walker)
    interfere(monkeypatch, before_data=lambda: Message.objects.filter(pk=message.pk).update(lease_until=now))
    delivery.sweep(now)
    assert mail_server.received == []


def test_withdrawing_before_data_still_stops_the_mail(walker, mail_server, monkeypatch, now):
    message = a_message(walker, about="praise:1")
    interfere(monkeypatch, before_data=lambda: outbox.withdraw(about="praise:1", kind="test", now=now))
    delivery.sweep(now)
    assert (mail_server.received, state(message)) == ([], "cancelled")


def test_withdrawing_after_data_is_too_late(walker, mail_server, monkeypatch, now):
    message = a_message(walker, about="praise:1")
    answers = []
    interfere(monkeypatch, after_fence=lambda: answers.append(outbox.withdraw(about="praise:1", kind="test", now=now)))
    delivery.sweep(now)
    assert (answers, state(message)) == ([False], "sent")


def test_a_late_answer_of_the_server_still_settles_an_unknown_delivery(walker, mail_server, monkeypatch, now):
    message = a_message(walker)
    unknown = {"state": "unknown"}
    interfere(monkeypatch, after_fence=lambda: Message.objects.filter(pk=message.pk).update(**unknown))
    delivery.sweep(now)
    assert state(message) == "sent"


def test_a_late_answer_does_not_change_a_mail_that_was_sent_again(walker, host, mail_server, monkeypatch, now):
    message = a_message(host, author=walker)

    def become_unknown_and_send_again():
        Message.objects.filter(pk=message.pk).update(state="unknown")
        message.refresh_from_db()
        outbox.settle(message, by=walker, arrived=False, now=now + HOUR)

    interfere(monkeypatch, after_fence=become_unknown_and_send_again)
    delivery.sweep(now)
    assert state(message) == "queued"


def test_a_sweep_with_nothing_to_do_takes_one_query(walker, now, django_assert_num_queries):
    a_message(walker, deliver_at=now + HOUR)
    with django_assert_num_queries(1):
        delivery.sweep(now)


def test_without_a_server_mails_become_files(walker, settings, now):
    message = a_message(walker)
    delivery.sweep(now)
    (file,) = settings.MAIL_DIR.iterdir()
    assert file.suffix == ".eml"
    assert f"Message-ID: {message.message_id}".encode() in file.read_bytes()
    assert state(message) == "sent"


def test_a_mail_waits_if_the_mail_folder_cannot_be_written(walker, settings, now):
    settings.MAIL_DIR.write_text("a file where the folder should be")
    message = a_message(walker)
    delivery.sweep(now)
    assert (state(message), message.attempts) == ("queued", 1)


def test_the_log_contains_no_address_and_no_text(walker, mail_server, now, caplog):
    caplog.set_level("DEBUG", logger="notifications")
    message = a_message(walker, context={"words": "canary-words"})
    mail_server.answers = {"RCPT": f"550 <{walker.email}> unknown"}
    delivery.sweep(now)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("notifications")]
    assert ours == [f"message {message.pk} (test): failed 550"]


@pytest.mark.parametrize("server", [True, False])
def test_a_transport_calls_the_fence_before_it_sends_data(walker, mail_server, settings, now, server):
    settings.EMAIL_URL = settings.EMAIL_URL if server else ""
    mail = build(a_message(walker), now=now)
    outcome = transports.configured_transport().deliver(mail, lambda: False)
    assert outcome.result == transports.Result.LOST
    assert mail_server.received == []
    assert not list(settings.MAIL_DIR.glob("*"))
