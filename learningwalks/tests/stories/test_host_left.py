"""A host leaves, or is erased, before the walker has thanked them."""

import datetime as dt

import pytest
from django.urls import reverse

from learningwalks.privacy import retention
from notifications.models import Message, Reminder
from notifications.sending import delivery
from observations.models import Praise
from observations.tests.factories import a_praise
from observations.words import praise, takeaway
from school import people
from school.models import Person
from school.tests.factories import NOW
from walks.models import Stop, Walk
from walks.semester import report
from walks.tests.factories import a_walk

DRAFT = "Every table held up the answer and how."


@pytest.fixture
def walk(walker, host, second_host):
    """A walk through two rooms that ended an hour ago. No host is thanked yet."""
    ended = NOW - dt.timedelta(hours=1)
    times = {"started_at": ended, "finished_at": ended, "praise_due_at": ended + dt.timedelta(days=1)}
    return a_walk(walker, [host, second_host], state="walked", date=NOW.date(), **times)


@pytest.fixture
def stop(walk):
    """Jonas's room."""
    return walk.stops.first()


@pytest.fixture
def draft(stop):
    """An unsent draft of praise for Jonas."""
    return a_praise(stop, DRAFT)


@pytest.fixture
def as_walker(sign_in, walker):
    """The walker, signed in."""
    return sign_in(walker)


def url(name, stop):
    return reverse(f"observations:{name}", args=[stop.walk_id, stop.pk])


def leaves(host, administrator):
    people.leave(host, by=administrator, now=NOW)


def is_erased(host, administrator):
    leaves(host, administrator)
    people.erase(host, by=administrator, now=NOW)


def is_switched_off(host, administrator):
    """Switched off outside the people pages; the hourly retention task notices it."""
    Person.objects.filter(pk=host.pk).update(is_active=False)
    retention.run(now=NOW)


WAYS_TO_DEPART = [leaves, is_erased, is_switched_off]


@pytest.mark.parametrize("departs", WAYS_TO_DEPART)
def test_a_host_who_left_needs_no_thank_you(departs, walk, host, walker, administrator, as_walker):
    departs(host, administrator)
    assert [stop.host.given_name for stop in Stop.objects.filter(walk__walker=walker).owed_thanks()] == ["Leila"]
    home = as_walker.get("/").content.decode()
    praise_page = as_walker.get("/praise/").content.decode()
    assert "One colleague is waiting to hear what you loved" in home
    assert "One colleague is waiting" in praise_page and "Write to Leila" in praise_page
    assert as_walker.get(f"/walks/{walk.pk}/praise/").url == url("praise", walk.stops.last())


@pytest.mark.parametrize("departs", WAYS_TO_DEPART)
def test_a_walk_that_only_waited_for_this_praise_is_complete(departs, walk, host, second_host, walker, administrator):
    praise.send(walk.stops.last(), text="Thank you.", photo=None, by=walker, now=NOW)
    takeaway.write(walk, text="Boards", remind_on=None, by=walker, now=NOW)
    assert report.build(administrator, walk.semester, today=NOW.date()).everybody[-1].status != "complete"
    departs(host, administrator)
    walk.refresh_from_db()
    assert walk.state == "complete"
    lines = report.build(administrator, walk.semester, today=NOW.date()).everybody
    assert {line.family_name: line.status for line in lines}["Osei"] == "complete"
    assert not Reminder.objects.filter(about_id=walk.pk, state="pending").exists()


def test_a_walk_with_another_thank_you_to_write_stays_open(walk, host, walker, administrator):
    takeaway.write(walk, text="Boards", remind_on=None, by=walker, now=NOW)
    leaves(host, administrator)
    assert Walk.objects.get().state == "walked"
    praise.send(walk.stops.last(), text="Thank you.", photo=None, by=walker, now=NOW)
    assert Walk.objects.get().state == "complete"


def mails_about_departure(walker):
    """Return the mails to the walker about a colleague who has left."""
    return list(Message.objects.filter(recipient=walker, kind="praise_host_left"))


@pytest.mark.parametrize("departs", WAYS_TO_DEPART)
def test_the_walker_gets_one_mail_about_a_host_who_left(departs, walk, draft, host, walker, administrator):
    departs(host, administrator)
    Person.objects.filter(pk=host.pk).update(left_at=None)
    retention.run(now=NOW)
    delivery.sweep(NOW)
    (mail,) = mails_about_departure(walker)
    assert mail.state == "sent"
    if departs is not is_erased:  # erasing removes the text of a mail that names the person
        assert "There’s no praise to write any more." in mail.body_text
        assert url("praise", draft.stop) in mail.body_text
    assert DRAFT not in mail.body_text + mail.body_html


def test_a_mail_written_while_a_host_is_erased_does_not_name_them(walk, draft, host, walker, administrator):
    Person.objects.filter(pk=host.pk).update(is_active=False)
    people.erase(host, by=administrator, now=NOW)
    (mail,) = mails_about_departure(walker)
    assert "A colleague you visited has left the school" in mail.subject
    assert [word for word in ("Jonas", "Lindqvist") if word in mail.subject + mail.body_text + mail.body_html] == []


def test_a_host_who_comes_back_at_once_is_owed_thanks_and_no_mail_is_sent(walk, host, walker, administrator):
    leaves(host, administrator)
    people.come_back(host, by=administrator)
    delivery.sweep(NOW)
    assert [mail.state for mail in mails_about_departure(walker)] == ["cancelled"]
    assert Stop.objects.filter(walk__walker=walker).owed_thanks().count() == 2


def test_no_mail_is_sent_about_a_host_who_was_thanked_or_skipped(walk, host, second_host, walker, administrator):
    praise.send(walk.stops.first(), text="Thank you.", photo=None, by=walker, now=NOW)
    walk.stops.filter(host=second_host).update(skipped_at=NOW)
    leaves(host, administrator)
    leaves(second_host, administrator)
    assert mails_about_departure(walker) == []


def test_a_host_who_comes_back_does_not_reopen_a_complete_walk(walk, host, walker, administrator):
    praise.send(walk.stops.last(), text="Thank you.", photo=None, by=walker, now=NOW)
    takeaway.write(walk, text="Boards", remind_on=None, by=walker, now=NOW)
    leaves(host, administrator)
    people.come_back(host, by=administrator)
    assert Walk.objects.get().state == "complete"
    praise.send(walk.stops.first(), text="Welcome back, and thank you.", photo=None, by=walker, now=NOW)
    assert Walk.objects.get().state == "complete"


# --- Drafts of praise --------------------------------------------------------------------------
@pytest.mark.parametrize("departs", [leaves, is_erased])
def test_the_author_can_still_read_download_or_delete_the_draft(departs, draft, host, administrator, as_walker):
    departs(host, administrator)
    shown = as_walker.get(url("praise", draft.stop)).content.decode()
    assert DRAFT in shown and "There’s no praise to write any more, and nothing can be sent." in shown
    assert "Send to" not in shown and "Goes out by e-mail" not in shown
    assert ("Jonas" in shown) == (departs is leaves)
    kept = as_walker.get(url("draft_text", draft.stop))
    assert (kept.content.decode(), kept["Content-Disposition"]) == (
        f"{DRAFT}\n",
        'attachment; filename="praise-2026-11-11.txt"',
    )
    as_walker.post(url("delete_draft", draft.stop))
    assert not Praise.objects.exists()
    assert as_walker.get(url("draft_text", draft.stop)).status_code == 404


@pytest.mark.parametrize("departs", [leaves, is_erased])
@pytest.mark.parametrize("button", ["praise", "thank_in_person"])
def test_nothing_is_sent_to_a_host_who_left_and_no_page_says_that_it_was_sent(
    departs, button, draft, host, administrator, as_walker
):
    departs(host, administrator)
    answer = as_walker.post(url(button, draft.stop), {"text": "Newer words", "action": "send"}, follow=True)
    shown = answer.content.decode()
    assert "so nothing was sent" in shown and "Newer words</textarea>" in shown
    assert [word for word in ("Sent to", "is marked as thanked") if word in shown] == []
    draft.refresh_from_db()
    assert (draft.text, draft.sent_at, draft.said_in_person_at) == ("Newer words", None, None)
    assert not Message.objects.filter(kind="praise").exists()


@pytest.mark.parametrize("action", ["send", "save"])
def test_praise_to_an_erased_host_is_not_saved_but_stays_on_the_page(action, stop, host, administrator, as_walker):
    is_erased(host, administrator)
    answer = as_walker.post(url("praise", stop), {"text": "Words from an open page", "action": action})
    assert answer.status_code == 422
    assert "Words from an open page</textarea>" in answer.content.decode()
    assert "These words can’t be saved. Copy them if you want to keep them." in answer.content.decode()
    assert as_walker.post(url("autosave_praise", stop), {"text": "Words"}).status_code == 409
    assert not Praise.objects.exists()


def test_praise_to_a_host_who_left_is_saved_and_can_be_sent_if_they_come_back(
    stop, host, walker, administrator, as_walker
):
    leaves(host, administrator)
    assert as_walker.post(url("autosave_praise", stop), {"text": DRAFT}).status_code == 204
    people.come_back(host, by=administrator)
    as_walker.post(url("praise", stop), {"text": DRAFT, "action": "send"})
    assert Praise.objects.get().sent_at is not None


def test_sent_praise_cannot_be_deleted_or_downloaded_as_a_draft(stop, walker, as_walker):
    a_praise(stop, DRAFT, sent_at=NOW)
    as_walker.post(url("delete_draft", stop))
    assert (Praise.objects.count(), as_walker.get(url("draft_text", stop)).status_code) == (1, 404)


def test_thanks_in_person_cannot_be_deleted_as_a_draft(stop, walker, as_walker):
    praise.thank_in_person(stop, text="", photo=None, by=walker, now=NOW)
    as_walker.post(url("delete_draft", stop))
    assert Praise.objects.count() == 1


def test_the_walk_page_says_who_has_left_and_that_nothing_is_owed(walk, draft, host, administrator, as_walker):
    leaves(host, administrator)
    shown = as_walker.get(f"/walks/{walk.pk}/").content.decode()
    assert "Has left. No praise to write." in shown
    assert "One colleague to thank" in shown and "Write to Leila" in shown


def test_the_end_of_a_walk_counts_only_thanks_that_were_sent_or_said(
    walk, host, walker, administrator, as_walker, mailoutbox
):
    praise.send(walk.stops.last(), text="Thank you.", photo=None, by=walker, now=NOW)
    leaves(host, administrator)
    assert "No more praise to write." in as_walker.get("/").content.decode()
    as_walker.post(f"/walks/{walk.pk}/takeaway/", {"text": "Boards"})
    shown = as_walker.get(f"/walks/{walk.pk}/takeaway/").content.decode()
    assert " ".join(shown.split()).count("Two rooms, one colleague thanked, one idea to try.") == 1
    mail = Message.objects.get(recipient=walker, kind="walks.complete")
    assert "everyone thanked" not in mail.body_text
