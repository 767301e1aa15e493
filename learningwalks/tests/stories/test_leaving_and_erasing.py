"""Leaving, being erased and getting another address have the same effects in all apps, in whatever way they happen."""

import datetime as dt
from io import StringIO

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from learningwalks.privacy import retention
from notifications.models import Message, MutedKind, Reminder
from observations.models import Note, Praise
from observations.tests.factories import a_note, a_praise
from operations.backup import after_restore
from school import people
from school.models import Person
from school.tests.factories import NOW, a_person
from walks.mail import emails
from walks.mail.cover_emails import COVER_NEEDED
from walks.models import State, Stop, Walk, WalkEvent
from walks.tests.factories import a_second_teacher, a_walk


@pytest.fixture
def leaver(school, walker, hosts, head):
    """A person with walks, cover for a colleague, mails, reminders, texts, and a sign-in that waits for a code."""
    person = a_person(school, "Paula", "Pair")
    approved = a_walk(person, hosts, state="approved", decided_by=head)
    WalkEvent.objects.create(walk=approved, actor=head, action="approve", at=NOW)
    emails.send_host_mails(approved, now=NOW)
    Message.objects.filter(kind=emails.HOST).update(state="sent", sent_at=NOW, settled_at=NOW)
    a_walk(person, hosts, state="draft", period=2)
    lesson = walker.lessons.get(day_type__weekday=3, period__position=1)
    covered = a_walk(walker, hosts, state="approved", period=1, cover=person, covered_lesson=lesson)
    WalkEvent.objects.create(walk=covered, actor=head, action="approve", at=NOW)
    emails.send_cover_mail(covered, now=NOW)
    a_second_teacher(covered.stops.get(host=hosts[0]), person)
    visited = a_walk(walker, [person], state="walked", date=NOW.date() - dt.timedelta(days=1))
    own = a_walk(person, [walker], state="walked", date=NOW.date() - dt.timedelta(days=2))
    a_praise(visited.stops.get(), "canary-draft")
    a_note(own.stops.get(), "canary-note")
    a_praise(own.stops.get(), "canary-praise", sent_at=NOW)
    Reminder.objects.create(kind="k", key="k", person=person, about_id=1, due_at=NOW, created_at=NOW)
    MutedKind.objects.create(person=person, kind="walks.today")
    UserSession.objects.create(user=person, session_key="theirs", ip="127.0.0.1")
    Client().post("/account/login/code/", {"email": person.email})
    assert sent_mails_with("Paula").exists()
    assert has_pending_sign_in(person)
    return person


def as_in_the_replaced_database(person, **erased):
    """Return how a database that a restore replaces knows the person."""
    return after_restore.InactiveAccount(
        pk=person.pk, joined_at=person.joined_at, left_at=NOW, erased_at=erased.get("at")
    )


def switch_off(person):
    """Switch the account off outside the product."""
    Person.objects.filter(pk=person.pk).update(is_active=False)


def recipients_of(kind, **which):
    """Return who gets mails of this kind."""
    return {mail.recipient.given_name for mail in Message.objects.filter(kind=kind, **which)}


def sent_mails_with(word):
    """Return sent mails that contain the word."""
    return Message.objects.filter(state="sent", body_text__contains=word)


def has_pending_sign_in(person):
    """Return whether a sign-in still waits for a second step or a code."""
    return any("account_login" in session.get_decoded() for session in Session.objects.all())


def missing(effects, person):
    """Return which of the effects did not happen."""
    found = Person.objects.get(pk=person.pk)
    return [effect for effect, is_true in effects.items() if not is_true(found)]


# --- Leaving -------------------------------------------------------------------------------------
def leaves_on_the_page(person, page):
    page.post(f"/people/{person.pk}/left/")


def leaves_after_a_restore(person, page):
    after_restore.leave_and_erase_again([as_in_the_replaced_database(person)], now=NOW)


def leaves_in_the_hourly_round(person, page):
    switch_off(person)
    retention.run(now=NOW)


AFTER_LEAVING = {
    "the account is off": lambda person: not person.is_active and person.left_at is not None,
    "no walk is planned": lambda person: not Walk.objects.of(person).not_begun().exists(),
    "finished walks stay": lambda person: Walk.objects.of(person).filter(state=State.WALKED).count() == 1,
    "hosts get a mail that the walk is cancelled": lambda person: (
        recipients_of("walks.off") == {"Jonas", "Leila", "Priya", "Lucía"}
    ),
    "cover is needed": lambda person: "Lucía" in recipients_of(COVER_NEEDED),
    "their room stays with the other teacher": lambda person: (
        Stop.objects.filter(walk__cover=person).count() == 3 and not person.visits.filter(arrived_at=None).exists()
    ),
    "no mail waits for them": lambda person: not Message.objects.filter(recipient=person, state="queued").exists(),
    "no reminder waits for them": lambda person: not Reminder.objects.filter(person=person, state="pending").exists(),
    "the walker owes no thanks": lambda person: recipients_of("praise_host_left") == {"Amara"},
    "no sign-in is pending": lambda person: not has_pending_sign_in(person),
    "no session is left": lambda person: not UserSession.objects.filter(user=person).exists(),
}


@pytest.mark.parametrize("leave", [leaves_on_the_page, leaves_after_a_restore, leaves_in_the_hourly_round])
def test_each_way_of_leaving_has_every_effect(leave, leaver, administrator, sign_in):
    leave(leaver, sign_in(administrator))
    assert missing(AFTER_LEAVING, leaver) == []


@pytest.mark.parametrize("leave", [leaves_after_a_restore, leaves_in_the_hourly_round])
def test_no_mail_is_sent_about_a_cancelled_walk_in_the_past(leave, leaver, administrator, sign_in):
    Walk.objects.of(leaver).not_begun().update(
        starts_at=NOW - dt.timedelta(days=1), ends_at=NOW - dt.timedelta(hours=23)
    )
    leave(leaver, sign_in(administrator))
    assert (Walk.objects.of(leaver).not_begun().count(), recipients_of("walks.off")) == (0, set())


@pytest.mark.parametrize("leave", [leaves_after_a_restore, leaves_in_the_hourly_round])
def test_the_head_sees_why_a_walk_was_cancelled_automatically(leave, leaver, head, sign_in, client):
    approved = Walk.objects.of(leaver).get(state=State.APPROVED)
    leave(leaver, client)
    assert (
        "The walker has left the school, so the walk is cancelled" in sign_in(head).get(f"/walks/{approved.pk}/").text
    )


def test_an_account_switched_on_again_in_the_database_has_not_left(leaver, administrator):
    people.leave(leaver, by=administrator, now=NOW)
    Person.objects.filter(pk=leaver.pk).update(is_active=True)
    retention.run(now=NOW)
    assert Person.objects.get(pk=leaver.pk).left_at is None


# --- Erasing -------------------------------------------------------------------------------------
def is_erased_on_the_page(person, page):
    switch_off(person)
    page.post(f"/people/{person.pk}/erase/", {"typed_name": person.full_name})


def is_erased_by_the_command(person, page):
    switch_off(person)
    call_command("erase", str(person.pk), "--yes", stdout=StringIO())


def is_erased_in_the_hourly_round(person, page):
    Person.objects.filter(pk=person.pk).update(is_active=False, left_at=NOW - dt.timedelta(days=1200))
    retention.run(now=NOW)


def is_erased_after_a_restore(person, page):
    after_restore.leave_and_erase_again([as_in_the_replaced_database(person, at=NOW)], now=NOW)


AFTER_ERASING = {
    "the account has no name": lambda person: (person.given_name, person.family_name) == ("A former colleague", ""),
    "the account has no address": lambda person: person.email.endswith("@erased.invalid"),
    "no walk is planned": lambda person: not Walk.objects.of(person).not_begun().exists(),
    "finished walks stay": lambda person: Walk.objects.of(person).filter(state=State.WALKED).count() == 1,
    "their notes are deleted": lambda person: not Note.objects.exists(),
    "praise they sent stays": lambda person: Praise.objects.get(author=person).text == "canary-praise",
    "the walker owes no thanks": lambda person: recipients_of("praise_host_left") == {"Amara"},
    "no mail to them is kept": lambda person: not Message.objects.filter(recipient=person).exists(),
    "no mail names them": lambda person: not Message.objects.filter(body_text__contains="Paula").exists(),
    "no reminder is kept": lambda person: not Reminder.objects.filter(person=person).exists(),
    "no choice of mails is kept": lambda person: not MutedKind.objects.exists(),
    "no sign-in is pending": lambda person: not has_pending_sign_in(person),
    "no session is left": lambda person: not UserSession.objects.filter(user=person).exists(),
}
WAYS = [is_erased_on_the_page, is_erased_by_the_command, is_erased_in_the_hourly_round, is_erased_after_a_restore]


@pytest.mark.parametrize("erase", WAYS)
def test_each_way_of_erasing_has_every_effect(erase, leaver, administrator, sign_in):
    erase(leaver, sign_in(administrator))
    assert missing(AFTER_ERASING, leaver) == []


# --- Another address -----------------------------------------------------------------------------
NEW = "new@school.example"


def gets_new_address_on_the_page(person, administrator, page):
    fields = {"given_name": "Paula", "family_name": "Pair", "email": NEW, "is_teacher": "on"}
    page.post(f"/people/{person.pk}/", fields)


def gets_new_address_by_the_rule(person, administrator, page):
    people.change_address(person, NEW.upper(), by=administrator, now=NOW)


AFTER_NEW_ADDRESS = {
    "the account has the address": lambda person: person.email == NEW,
    "waiting mails go there": lambda person: Message.objects.get(kind=emails.COVER).to_addr == NEW,
    "both addresses get a mail": lambda person: Message.objects.filter(kind="school.new_address").count() == 2,
    "the password is removed": lambda person: not person.has_usable_password(),
    "no sign-in is pending": lambda person: not has_pending_sign_in(person),
    "no session is left": lambda person: not UserSession.objects.filter(user=person).exists(),
}


@pytest.mark.parametrize("change", [gets_new_address_on_the_page, gets_new_address_by_the_rule])
def test_each_way_to_another_address_has_every_effect(change, leaver, administrator, sign_in):
    change(leaver, administrator, sign_in(administrator))
    assert missing(AFTER_NEW_ADDRESS, leaver) == []
