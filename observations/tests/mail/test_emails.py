"""The mail with praise to the host, and the mail with thanks to the walker. Neither has private words."""

import datetime as dt

import pytest

from notifications.models import Message
from notifications.preferences import set_muted
from notifications.sending import delivery
from observations.models import Praise
from observations.tests.factories import a_note, a_photo
from observations.words import praise, sent_praise

WORDS = "I noticed every table held up the answer & how.\n\nI'm borrowing <b>boards</b>."


@pytest.fixture
def mail(stop, walker, later):
    a_note(stop, "A private note.")
    praise.send(stop, text=WORDS, photo=a_photo(stop), by=walker, now=later)
    return Message.objects.get(kind="praise")


def test_the_host_gets_the_praise_in_full(mail, host):
    assert (mail.to_addr, mail.subject) == (host.email, "Amara visited Room 204 and wanted you to know…")
    assert WORDS in mail.body_text
    assert "answer &amp; how." in mail.body_html and "&lt;b&gt;boards" in mail.body_html


def test_the_mail_names_the_focus_but_has_no_notes(mail):
    assert "Amara was looking for: Student talk." in mail.body_text
    assert "A private note." not in mail.body_text + mail.body_html


def test_the_photo_is_only_a_link_that_needs_a_sign_in(mail):
    letter = f"/praise/{Praise.objects.get().pk}/"
    assert letter in mail.body_text
    assert "<img" not in mail.body_html


def test_replies_go_to_the_walker(mail, walker):
    assert (mail.reply_to, mail.from_name) == (walker.email, "Amara Osei via Learning Walks")


def test_the_mail_is_sent_when_the_praise_can_no_longer_be_taken_back(mail, later):
    assert mail.due_at == later + dt.timedelta(seconds=30)
    assert delivery.sweep(later + dt.timedelta(seconds=29)) == 0
    assert delivery.sweep(later + dt.timedelta(seconds=31)) == 1


def test_the_mail_of_praise_that_was_taken_back_is_cancelled(mail, later):
    Praise.objects.update(sent_at=None)
    delivery.sweep(later + dt.timedelta(minutes=1))
    mail.refresh_from_db()
    assert mail.state == "cancelled"


def test_a_host_who_switched_the_mail_off_still_has_the_praise(stop, walker, host, later):
    set_muted(host, ["praise"])
    stored = praise.send(stop, text=WORDS, photo=None, by=walker, now=later)
    assert (Message.objects.count(), stored.sent_at) == (0, later)


def test_the_mail_with_thanks_has_no_words_of_the_praise(stop, walker, host, later):
    stored = praise.send(stop, text=WORDS, photo=None, by=walker, now=later)
    sent_praise.thank_back(stored, by=host, now=later)
    thanks = Message.objects.get(kind="praise_thanked")
    assert (thanks.to_addr, thanks.reply_to) == (walker.email, host.email)
    assert "boards" not in thanks.body_text + thanks.body_html
