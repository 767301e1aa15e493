"""Joining and leaving: accounts with their mails, reminders and sessions."""

import datetime as dt
import uuid

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection

from accounts import membership
from accounts.adapters import InvitationOnlyAdapter
from accounts.backends import PersonBackend
from accounts.tests.signing_in import code_in
from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery, outbox
from school import people, policy
from school.errors import NotAllowedError, RuleError
from school.models import Person, Room
from school.people import PersonDetails
from school.people.identity import AddressTakenError
from school.tests.factories import NOW, PASSWORD, a_person
from walks.mail.emails import TIME_TO_UNDO
from walks.models import Walk
from walks.tests.factories import a_walk
from walks.workflow import approval

NORA = PersonDetails("Nora", "Eklund", "Nora.Eklund@school.example", subject="PE")


def details_of(person, **changes):
    """Return the person's details as from the form, with changes."""
    same = {name: getattr(person, name) for name in ("given_name", "family_name", "email", "subject", "grade")}
    return PersonDetails(
        **same | {"is_teacher": person.is_teacher, "is_administrator": person.is_administrator} | changes
    )


def test_an_invitation_explains_signing_in_and_contains_no_secret(administrator):
    person = membership.invite(NORA, by=administrator, now=NOW)
    mail = Message.objects.get(kind="school.invitation")
    assert (mail.to_addr, mail.reply_to) == ("nora.eklund@school.example", administrator.email)
    assert "/sign-in/" in mail.body_text and "E-mail me a code" in mail.body_text
    assert not person.has_usable_password()


def test_a_person_who_left_is_signed_out_on_the_next_request(administrator, walker, sign_in):
    client = sign_in(walker)
    people.leave(walker, by=administrator, now=NOW)
    assert PersonBackend().get_user(walker.pk) is None
    assert client.get("/").headers["Location"] == "/sign-in/?next=/"


def test_a_new_password_does_not_bring_back_a_person_who_leaves_meanwhile(administrator, walker):
    changing = Person.objects.get(pk=walker.pk)
    people.leave(walker, by=administrator, now=NOW)
    InvitationOnlyAdapter().set_password(changing, "two green kites over a hill")
    walker.refresh_from_db()
    assert not walker.is_active
    assert walker.left_at == NOW
    assert walker.check_password("two green kites over a hill")


def test_a_person_who_comes_back_must_sign_in_again(administrator, walker):
    people.leave(walker, by=administrator, now=NOW)
    people.come_back(walker, by=administrator)
    assert PersonBackend().get_user(walker.pk) == walker


def test_leaving_drops_waiting_mails_and_reminders(administrator, walker):
    membership.invite_again(walker, by=administrator, now=NOW)
    reminders.schedule(kind="k", key="k", person=walker, about_id=1, due_at=NOW + dt.timedelta(days=1), now=NOW)
    people.leave(walker, by=administrator, now=NOW)
    assert (Message.objects.get().state, Reminder.objects.get().state) == ("cancelled", "dropped")


def test_a_person_who_left_cannot_be_invited(administrator, walker):
    people.leave(walker, by=administrator, now=NOW)
    with pytest.raises(RuleError):
        membership.invite_again(walker, by=administrator, now=NOW)


def test_a_new_address_is_announced_at_the_old_one(administrator, walker):
    before = walker.email
    people.change(walker, details_of(walker, email="new@school.example"), by=administrator, now=NOW)
    assert set(Message.objects.values_list("to_addr", flat=True)) == {before, "new@school.example"}


def test_waiting_mails_move_to_the_new_address_but_the_warning_does_not(administrator, walker):
    before = walker.email
    later = NOW + dt.timedelta(minutes=1)
    membership.invite_again(walker, by=administrator, now=NOW)
    Message.objects.update(
        state="sending", lease_token=uuid.uuid4(), lease_until=later
    )  # its sender already has the old address
    people.change(walker, details_of(walker, email="new@school.example"), by=administrator, now=NOW)
    walker.refresh_from_db()
    people.change(walker, details_of(walker, email="newer@school.example"), by=administrator, now=later)
    invitation = Message.objects.get(kind="school.invitation")
    assert (invitation.to_addr, invitation.state, invitation.lease_token) == ("newer@school.example", "queued", None)
    assert Message.objects.filter(kind="school.new_address", to_addr=before).count() == 1


def test_sent_mails_keep_their_address(administrator, walker):
    before = walker.email
    membership.invite_again(walker, by=administrator, now=NOW)
    delivery.sweep(NOW)
    people.change(walker, details_of(walker, email="new@school.example"), by=administrator, now=NOW)
    assert Message.objects.get(kind="school.invitation").to_addr == before


def test_a_retried_mail_goes_to_the_current_address_and_the_warning_to_the_old_one(administrator, walker):
    before = walker.email
    membership.invite_again(walker, by=administrator, now=NOW)
    refused = {"state": "failed", "error_code": "sender 550", "settled_at": NOW}
    Message.objects.update(**refused)
    people.change(walker, details_of(walker, email="new@school.example"), by=administrator, now=NOW)
    Message.objects.update(**refused)
    outbox.send_refused_again(NOW)
    waiting = sorted(Message.objects.filter(state="queued").values_list("kind", "to_addr"))
    new = [(kind, "new@school.example") for kind in ("school.invitation", "school.new_address")]
    assert waiting == sorted([*new, ("school.new_address", before)])


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_a_mail_of_unknown_delivery_gets_the_new_address_but_is_not_sent_again(administrator, walker, state):
    membership.invite_again(walker, by=administrator, now=NOW)
    may_have_been_sent = {
        "lease_token": uuid.uuid4(),
        "lease_until": NOW + dt.timedelta(minutes=9),
        "data_started_at": NOW,
    }
    Message.objects.update(state=state, **may_have_been_sent)
    people.change(walker, details_of(walker, email="new@school.example"), by=administrator, now=NOW)
    invitation = Message.objects.get(kind="school.invitation")
    assert (invitation.to_addr, invitation.state) == ("new@school.example", state)
    assert invitation.lease_token == may_have_been_sent["lease_token"]


def test_an_unchanged_address_sends_no_mail(administrator, walker):
    people.change(walker, details_of(walker, subject="Art"), by=administrator, now=NOW)
    assert list(Message.objects.all()) == []


def test_if_one_address_is_taken_nobody_is_invited(administrator, walker):
    with pytest.raises(AddressTakenError):
        membership.invite_many([NORA, PersonDetails("A", "B", walker.email)], by=administrator, now=NOW)
    assert not Person.objects.filter(email="nora.eklund@school.example").exists()


def test_the_reason_why_a_room_cannot_be_removed_does_not_say_how_often_it_was_visited(administrator, walker, host):
    host.lessons.all().delete()
    a_walk(walker, [host])
    room = Room.objects.get(school=host.school, code="204")
    assert policy.used_by(room) == "needed by people’s walks or plans"


def test_a_new_address_ends_the_sessions_of_the_old_one(administrator, walker, sign_in):
    client = sign_in(walker)
    UserSession.objects.create(user=walker, session_key=client.session.session_key, ip="127.0.0.1")
    people.change(walker, details_of(walker, email="new@school.example"), by=administrator, now=NOW)
    assert client.get("/").status_code == 302


def test_sessions_from_before_leaving_stay_closed_after_coming_back(administrator, walker, sign_in):
    client = sign_in(walker)
    UserSession.objects.create(user=walker, session_key=client.session.session_key, ip="127.0.0.1")
    people.leave(walker, by=administrator, now=NOW)
    people.come_back(walker, by=administrator)
    assert client.get("/").status_code == 302


def test_correcting_an_address_removes_password_and_second_step(administrator, walker, client):
    Authenticator.objects.create(user=walker, type="totp", data={"secret": "x"})
    before = walker.email
    people.change(walker, details_of(walker, email="new@school.example"), by=administrator, now=NOW)
    answers = [
        client.post("/sign-in/", {"login": address, "password": PASSWORD}).status_code
        for address in (before, "new@school.example")
    ]
    assert (answers, Authenticator.objects.count()) == ([200, 200], 0)
    assert "ask for a code" in Message.objects.get(to_addr="new@school.example").body_text


def test_changing_ones_own_address_keeps_the_password(administrator, client):
    people.change(administrator, details_of(administrator, email="new@school.example"), by=administrator, now=NOW)
    assert client.post("/sign-in/", {"login": "new@school.example", "password": PASSWORD}).status_code == 302
    assert "ask for a code" not in Message.objects.get(to_addr="new@school.example").body_text


def test_the_old_address_cannot_sign_in(administrator, client):
    before = administrator.email
    EmailAddress.objects.create(user=administrator, email=before, verified=True, primary=True)
    people.change(administrator, details_of(administrator, email="new@school.example"), by=administrator, now=NOW)
    assert client.post("/sign-in/", {"login": before, "password": PASSWORD}).status_code == 200


def a_mailed_code(client, person, mailoutbox):
    """Ask for a code by mail and return it."""
    client.post("/account/login/code/", {"email": person.email})
    return code_in(mailoutbox[-1])


def test_a_new_address_ends_a_sign_in_that_waits_for_a_code(administrator, client, mailoutbox):
    person = a_person(administrator.school, "Klaus", "Bauer", pk=7654321)  # allauth stores the id in another base
    code = a_mailed_code(client, person, mailoutbox)
    people.change(person, details_of(person, email="new@school.example"), by=administrator, now=NOW)
    assert client.post("/account/login/code/confirm/", {"code": code}).url == "/account/login/code/"
    assert client.get("/me/").status_code == 302


def test_a_code_mailed_to_the_old_address_does_not_sign_in(walker, client, mailoutbox):
    """Even if the session was written just after the address changed."""
    code = a_mailed_code(client, walker, mailoutbox)
    Person.objects.filter(pk=walker.pk).update(email="new@school.example")
    assert client.post("/account/login/code/confirm/", {"code": code}).status_code == 200
    assert client.get("/me/").status_code == 302


def test_leaving_cancels_planned_walks_and_informs_their_hosts(administrator, walker, hosts, head):
    planned = a_walk(walker, hosts, state="requested")
    approval.approve(planned, by=head, now=NOW)
    delivery.sweep(NOW + TIME_TO_UNDO)
    walked = a_walk(walker, hosts, state="walked", date=NOW.date())
    people.leave(walker, by=administrator, now=NOW)
    assert set(Walk.objects.values_list("pk", "state")) == {(planned.pk, "cancelled"), (walked.pk, "walked")}
    informed = set(Message.objects.filter(kind="walks.off").values_list("to_addr", flat=True))
    assert informed >= {host.email for host in hosts}


def test_an_administrator_cannot_cancel_a_colleagues_walk(administrator, walker, hosts):
    walk = a_walk(walker, hosts, state="approved")
    with pytest.raises(NotAllowedError):
        approval.cancel(walk, by=administrator, now=NOW)


def test_a_walk_that_starts_meanwhile_does_not_prevent_leaving(administrator, walker, hosts):
    walks = [a_walk(walker, hosts, state="approved"), a_walk(walker, hosts, state="approved", period=2)]

    def start_the_walk(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "cancelled_at" in sql:
            Walk.objects.filter(pk=walks[0].pk, started_at=None).update(started_at=NOW)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(start_the_walk):
        people.leave(walker, by=administrator, now=NOW)
    assert [Walk.objects.get(pk=walk.pk).state for walk in walks] == ["approved", "cancelled"]
    assert not Person.objects.get(pk=walker.pk).is_active
