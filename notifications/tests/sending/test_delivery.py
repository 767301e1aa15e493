"""Every way in which a mail server can answer, and what becomes of the mail."""

import datetime as dt
import email
import email.policy
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


def test_a_mail_leaves_once(walker, mail_server, now):
    message = a_message(walker)
    assert delivery.sweep(now) == 1
    assert delivery.sweep(now + HOUR) == 0
    assert (state(message), mail_server.recipients) == ("sent", [walker.email])
    assert now <= message.sent_at < now + MINUTE


def test_the_mail_as_it_arrives(walker, colleague, mail_server, now):
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


def test_the_link_to_switch_off_leaves_in_one_plain_line(walker, settings, now):
    settings.SITE_URL = "https://learning-walks.a-school-with-a-long-name.example.org"
    preferences.register_kind("test", "Tests")
    raw = build(a_message(walker, context={"words": "Grüße"}), now=now).data
    headers = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    link = f"List-Unsubscribe: <{preferences.unsubscribe_url(walker.pk, 'test')}>"
    assert link.encode() in headers
    assert raw.isascii()
    assert len(link) > 78 and max(map(len, raw.split(b"\r\n"))) <= 998


BEFORE_THE_FENCE = [
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


@pytest.mark.parametrize(("stage", "answer"), BEFORE_THE_FENCE)
def test_a_passing_refusal_is_tried_again_within_two_minutes(walker, mail_server, settings, now, stage, answer):
    settings.EMAIL_TIMEOUT = 0.3 if answer == "hang" else 5
    message = a_message(walker)
    mail_server.answers = {stage: answer}
    delivery.sweep(now)
    assert (state(message), message.fenced_at, message.lease_token) == ("queued", None, None)
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
def test_a_final_refusal_is_shown_and_never_tried_again(walker, host, mail_server, settings, now, stage, answer, code):
    message = a_message(host, author=walker, about="praise:1")
    mail_server.answers = {stage: answer.format(us=parseaddr(settings.DEFAULT_FROM_EMAIL)[1])}
    delivery.sweep(now)
    assert (state(message), message.error_code) == ("failed", code)
    assert outbox.delivery_of("praise:1")[0].words.startswith("Could not be delivered: ")
    mail_server.answers = {}
    assert delivery.sweep(now + 24 * HOUR) == 0
    assert mail_server.received == []


@pytest.mark.parametrize("answer", ["cut", "hang", "xyz"])
def test_a_lost_answer_after_the_mail_is_a_doubt_and_never_sent_again(walker, mail_server, monkeypatch, now, answer):
    monkeypatch.setattr(transports.SmtpTransport, "reply_seconds", 0.3)
    message = a_message(walker)
    mail_server.answers = {"DATA": answer}
    delivery.sweep(now)
    assert state(message) == "unknown"
    mail_server.answers = {}
    assert delivery.sweep(now + 24 * HOUR) == 0
    assert len(mail_server.received) == (answer != "xyz")


def test_a_server_that_refuses_is_asked_once_a_sweep(walker, settings, now):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://x", "127.0.0.1", free_port()
    messages = [a_message(walker, key=str(number)) for number in range(5)]
    assert delivery.sweep(now) == 1
    assert [(state(m), m.attempts) for m in messages] == [("queued", 1)] + [("queued", 0)] * 4


def test_a_server_without_the_promised_encryption_gets_nothing(walker, mail_server, settings, now):
    settings.EMAIL_USE_TLS = True
    message = a_message(walker)
    delivery.sweep(now)
    assert (state(message), mail_server.commands) == ("queued", [])


def test_a_server_that_does_not_take_our_password_is_tried_again(walker, mail_server, settings, now):
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


def test_waiting_grows_from_one_minute_to_an_hour(walker, mail_server, now):
    message = a_message(walker)
    mail_server.answers = {"RCPT": "451 later"}
    waits, moment = [], now
    for _ in range(7):
        delivery.sweep(moment)
        state(message)
        waits.append((message.next_try - moment) / MINUTE)
        moment = message.next_try
    expected = [1, 2, 5, 15, 30, 60, 60]
    assert all(0.79 * want < got < 1.01 * want for want, got in zip(expected, waits, strict=True))


def test_a_mail_nobody_could_send_for_three_days_has_failed(walker, mail_server, now):
    message = a_message(walker)
    assert delivery.sweep(now + 73 * HOUR) == 0
    assert (state(message), message.error_code, mail_server.received) == ("failed", "expired", [])


def test_three_days_are_the_end_of_trying_again(walker, mail_server, now):
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


def test_a_mail_that_passed_the_fence_is_never_claimed_again(walker, now):
    message = a_message(walker, state={**LEASE, "lease_until": now, "fenced_at": now})
    assert delivery._claim(message, now) is None


def test_a_mail_waits_for_its_moment(walker, mail_server, now):
    message = a_message(walker, deliver_at=now + MINUTE / 2)
    assert delivery.sweep(now + MINUTE / 3) == 0
    assert delivery.sweep(now + MINUTE / 2) == 1
    assert state(message) == "sent"


@pytest.mark.parametrize("address", ["no-at-sign", "ü@example.org", "a b@example.org", "x@", "@y", "a@b@c", ""])
def test_an_address_no_server_can_take_fails_and_stops_nobody(walker, host, mail_server, now, address):
    broken = a_message(walker, key="1", state={"to_addr": address})
    a_message(host, key="2")
    delivery.sweep(now)
    assert (state(broken), broken.error_code) == ("failed", "address")
    assert mail_server.recipients == [host.email]


def test_without_an_address_to_send_from_mails_wait_until_it_is_mended(walker, host, mail_server, settings, now):
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


def test_a_header_with_a_line_break_in_the_row_fails_and_stops_nobody(walker, host, mail_server, now):
    broken = a_message(walker, key="1", state={"subject": "x\r\nBcc: all@example.org"})
    a_message(host, key="2")
    delivery.sweep(now)
    assert (state(broken), broken.error_code) == ("failed", "content")
    assert mail_server.recipients == [host.email]


def test_a_reply_address_no_server_can_take_is_left_out(walker, mail_server, now):
    a_message(walker, state={"reply_to": "lucía@example.org"})
    delivery.sweep(now)
    assert parsed(mail_server)["Reply-To"] is None


def test_somebody_who_left_after_it_was_written_gets_nothing(walker, mail_server, now):
    message = a_message(walker)
    walker.is_active = False
    walker.save()
    delivery.sweep(now)
    assert (state(message), mail_server.commands) == ("cancelled", [])


def test_is_it_still_true_is_asked_before_sending(walker, mail_server, now):
    answers = iter([True, False])
    delivery.recheck("test")(lambda message, moment: next(answers))
    true, false = a_message(walker, key="1"), a_message(walker, key="2")
    delivery.sweep(now)
    assert (state(true), state(false), len(mail_server.received)) == ("sent", "cancelled", 1)


def test_a_question_that_raises_does_not_stop_the_others(walker, host, mail_server, now):
    delivery.recheck("odd")(lambda message, moment: 1 / 0)
    a_message(walker, kind="odd", key="1")
    a_message(host, key="2")
    delivery.sweep(now)
    assert mail_server.recipients == [host.email]


def test_a_question_that_raises_is_asked_again_soon_and_for_three_days(walker, mail_server, now):
    delivery.recheck("odd")(lambda message, moment: 1 / 0)
    odd = a_message(walker, kind="odd")
    delivery.sweep(now)
    assert (state(odd), odd.error_code, odd.error_text) == ("queued", "error", "ZeroDivisionError")
    assert now < odd.next_try <= now + MINUTE
    delivery.sweep(now + 73 * HOUR)
    assert (state(odd), odd.error_code) == ("failed", "expired")


def test_a_mail_whose_sender_died_before_the_fence_waits_three_minutes(walker, mail_server, now):
    message = a_message(walker)
    delivery._claim(message, now)
    assert delivery.sweep(now + 2 * MINUTE) == 0
    assert delivery.sweep(now + 3 * MINUTE) == 1
    assert state(message) == "sent"


def test_a_mail_past_the_fence_has_ten_minutes_for_its_answer(walker, monkeypatch, now):
    message = a_message(walker)
    meddle(monkeypatch, after=lambda: delivery.sweep(now + 9 * MINUTE))
    delivery.sweep(now)
    assert state(message) == "sent"
    assert message.lease_until - message.fenced_at == 10 * MINUTE


def test_a_process_that_was_asked_to_end_begins_no_other_mail(walker, host, monkeypatch, now):
    monkeypatch.setattr(delivery, "stop_requested", threading.Event())
    a_message(walker, key="1"), a_message(host, key="2")
    meddle(monkeypatch, after=delivery.stop_soon)
    assert delivery.sweep(now) == 1
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "queued"]


LEASE = {"state": "sending", "lease_token": "0" * 32}


def test_a_sender_that_died_before_the_fence_is_replaced(walker, mail_server, now):
    message = a_message(walker, state={**LEASE, "lease_until": now + 10 * MINUTE})
    assert delivery.sweep(now + 9 * MINUTE) == 0
    assert delivery.sweep(now + 10 * MINUTE) == 1
    assert state(message) == "sent"


def test_a_sender_that_died_after_the_fence_leaves_a_doubt(walker, mail_server, now):
    message = a_message(walker, state={**LEASE, "lease_until": now + 10 * MINUTE, "fenced_at": now})
    assert delivery.sweep(now + 10 * MINUTE) == 0
    assert (state(message), mail_server.received) == ("unknown", [])


class Meddler:
    """A transport during whose attempt something else happens to the row."""

    def __init__(self, before=None, after=None, outcome=transports.Result.SENT):
        self.before, self.after, self.outcome, self.passed = before, after, outcome, None

    def deliver(self, mail, fence):
        if self.before:
            self.before()
        self.passed = fence()
        if not self.passed:
            return transports.Outcome(transports.Result.LOST)
        if self.after:
            self.after()
        return transports.Outcome(self.outcome)


def meddle(monkeypatch, **events):
    transport = Meddler(**events)
    monkeypatch.setattr(transports, "configured_transport", lambda: transport)
    return transport


def test_a_sender_that_woke_up_late_does_not_pass_the_fence(walker, monkeypatch, now):
    message = a_message(walker)
    stolen = {"lease_token": "1" * 32}
    transport = meddle(monkeypatch, before=lambda: Message.objects.filter(pk=message.pk).update(**stolen))
    delivery.sweep(now)
    assert (transport.passed, state(message), message.fenced_at) == (False, "sending", None)


def test_a_lease_that_ran_out_does_not_pass_the_fence(walker, monkeypatch, now):
    message = a_message(walker)
    transport = meddle(monkeypatch, before=lambda: Message.objects.filter(pk=message.pk).update(lease_until=now))
    delivery.sweep(now)
    assert transport.passed is False


def test_withdrawing_while_the_server_is_being_called_still_stops_it(walker, monkeypatch, now):
    message = a_message(walker, about="praise:1")
    transport = meddle(monkeypatch, before=lambda: outbox.withdraw(about="praise:1", kind="test", now=now))
    delivery.sweep(now)
    assert (transport.passed, state(message)) == (False, "cancelled")


def test_withdrawing_after_the_fence_is_too_late(walker, monkeypatch, now):
    message = a_message(walker, about="praise:1")
    answers = []
    meddle(monkeypatch, after=lambda: answers.append(outbox.withdraw(about="praise:1", kind="test", now=now)))
    delivery.sweep(now)
    assert (answers, state(message)) == ([False], "sent")


def test_an_answer_after_the_doubt_still_settles_it(walker, monkeypatch, now):
    message = a_message(walker)
    doubt = {"state": "unknown"}
    meddle(monkeypatch, after=lambda: Message.objects.filter(pk=message.pk).update(**doubt))
    delivery.sweep(now)
    assert state(message) == "sent"


def test_a_late_answer_does_not_touch_a_mail_somebody_sent_again(walker, host, monkeypatch, now):
    message = a_message(host, author=walker)

    def doubt_and_again():
        Message.objects.filter(pk=message.pk).update(state="unknown")
        message.refresh_from_db()
        outbox.settle(message, by=walker, arrived=False, now=now + HOUR)

    meddle(monkeypatch, after=doubt_and_again)
    delivery.sweep(now)
    assert state(message) == "queued"


def test_a_sweep_with_nothing_to_do_costs_one_query(walker, now, django_assert_num_queries):
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


def test_a_folder_that_cannot_be_written_is_tried_again(walker, settings, now):
    settings.MAIL_DIR.write_text("a file where the folder should be")
    message = a_message(walker)
    delivery.sweep(now)
    assert (state(message), message.attempts) == ("queued", 1)


def test_the_log_names_no_address_and_no_words(walker, mail_server, now, caplog):
    caplog.set_level("DEBUG", logger="notifications")
    message = a_message(walker, context={"words": "canary-words"})
    mail_server.answers = {"RCPT": f"550 <{walker.email}> unknown"}
    delivery.sweep(now)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("notifications")]
    assert ours == [f"message {message.pk} (test): failed 550"]


@pytest.mark.parametrize("server", [True, False])
def test_a_transport_asks_the_fence_before_anything_can_be_accepted(walker, mail_server, settings, now, server):
    settings.EMAIL_URL = settings.EMAIL_URL if server else ""
    mail = build(a_message(walker), now=now)
    outcome = transports.configured_transport().deliver(mail, lambda: False)
    assert outcome.result == transports.Result.LOST
    assert mail_server.received == []
    assert not list(settings.MAIL_DIR.glob("*"))
