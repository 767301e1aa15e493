"""Opening the school: nothing leaves before, everybody is invited afterwards, and for five minutes it can be undone."""

import datetime as dt

import pytest

from accounts import membership, opening
from notifications import reminders
from notifications.models import Message, Reminder
from school.errors import NotAllowedError, RuleError
from school.models import Person, School
from school.people import PersonDetails
from school.tests.factories import NOW, a_person, a_school
from walks.mail import manual_nudges
from walks.models import State
from walks.semester import nudges
from walks.tests.factories import a_walk

MINUTE = dt.timedelta(minutes=1)
LEAVE_AT = NOW + 5 * MINUTE
NORA = PersonDetails("Nora", "Eklund", "nora.eklund@school.example")
NUDGES_ARE_DUE = NOW + dt.timedelta(days=19)  # in the third week before the end of the semester


@pytest.fixture
def school(db):
    """A school that is being set up."""
    return a_school(opened_at=None)


@pytest.fixture
def nora(administrator):
    return membership.invite(NORA, by=administrator, now=NOW)


def words(response):
    return " ".join(response.content.decode().split())


def invited():
    """Return the addresses of the invitations in the outbox."""
    return sorted(Message.objects.filter(kind="school.invitation").values_list("to_addr", flat=True))


def test_before_the_opening_nobody_is_invited_nudged_or_reminded(administrator, walker, nora):
    assert nora.invited_at is None
    with pytest.raises(RuleError):
        membership.invite_again(nora, by=administrator, now=NOW)
    assert nudges.store_upcoming(NUDGES_ARE_DUE) == 0
    semester = walker.school.semesters.get()
    by_hand = manual_nudges.prepare(administrator, semester, now=NOW)
    manual_nudges.send(by_hand, [walker], by=administrator, now=NOW)
    assert not Reminder.objects.exists() and not Message.objects.exists()


def test_the_opening_invites_everybody_after_five_minutes(administrator, walker, nora, sign_in):
    a_person(walker.school, "Tom", "Park", is_active=False)
    client = sign_in(administrator)
    assert "2 people get an invitation" in words(client.get("/settings/opening/"))
    assert "2 invitations leave at 09:05" in words(client.post("/settings/opening/", follow=True))
    assert "The invitations leave at 09:05." in words(client.get("/settings/"))
    reminders.sweep(LEAVE_AT - MINUTE)
    assert invited() == []
    reminders.sweep(LEAVE_AT + MINUTE)
    assert invited() == sorted([walker.email, nora.email])
    assert "Learning Walks is open" in words(
        client.post("/settings/opening/", follow=True)
    )  # another press changes nothing
    assert School.objects.get().opened_at < LEAVE_AT


def test_nudges_begin_a_week_after_the_opening(administrator, walker):
    opening.open_school(by=administrator, now=NUDGES_ARE_DUE)
    nudge = Reminder.objects.get(kind=nudges.NUDGE, person=walker)
    assert nudge.due_at >= NUDGES_ARE_DUE + dt.timedelta(days=7)


def test_the_opening_can_be_undone_and_repeated(administrator, walker, nora, sign_in):
    client = sign_in(administrator)
    opening.open_school(by=administrator, now=NUDGES_ARE_DUE)
    opening.undo(by=administrator, now=NUDGES_ARE_DUE + MINUTE)
    assert not Reminder.objects.exists()
    client.post("/settings/opening/")
    assert "closed again" in words(client.post("/settings/opening/undo/", follow=True))
    client.post("/settings/opening/")
    reminders.sweep(LEAVE_AT + MINUTE)
    assert len(invited()) == 2


def test_after_five_minutes_or_a_sent_walk_it_cannot_be_undone(administrator, walker, hosts, sign_in):
    opening.open_school(by=administrator, now=NOW)
    with pytest.raises(RuleError):
        opening.undo(by=administrator, now=LEAVE_AT)
    a_walk(walker, hosts, state="requested")
    assert "A walk has been sent already" in words(sign_in(administrator).post("/settings/opening/undo/", follow=True))
    assert School.objects.get().is_open


def test_only_an_administrator_opens_the_school(walker):
    with pytest.raises(NotAllowedError):
        opening.open_school(by=walker, now=NOW)


def test_whoever_was_invited_again_or_signed_in_meanwhile_gets_no_second_mail(administrator, walker, nora):
    opening.open_school(by=administrator, now=NOW)
    membership.invite_again(nora, by=administrator, now=NOW + 2 * MINUTE)
    Person.objects.filter(pk=walker.pk).update(last_login=NOW + MINUTE)
    reminders.sweep(LEAVE_AT)
    assert invited() == [nora.email]


@pytest.mark.parametrize("persona", ["walker", "head"])
def test_before_the_opening_colleagues_read_that_it_opens_soon(persona, request, sign_in):
    assert "Learning Walks opens soon" in words(sign_in(request.getfixturevalue(persona)).get("/"))


def test_before_the_opening_an_administrator_starts_from_the_checklist(administrator, host, sign_in):
    page = words(sign_in(administrator).get("/", follow=True))
    assert "Not open yet" in page and 'href="/settings/opening/"' in page


def test_before_the_opening_a_draft_can_be_saved_but_not_sent(walker, hosts, sign_in):
    walk = a_walk(walker, hosts, state="draft")
    client = sign_in(walker)
    form = {"date": walk.date, "period": walk.period_id, "focus": [p.pk for p in walk.focus.all()]}
    form |= {"stop": [stop.room_id for stop in walk.stops.all()]}
    response = client.post(f"/walks/{walk.pk}/edit/", form | {"op": "send"})
    assert response.status_code == 422
    assert "open at your school yet" in words(response)
    walk.refresh_from_db()
    assert walk.state == State.DRAFT


def test_before_the_opening_people_are_added_without_an_invitation(administrator, sign_in):
    client = sign_in(administrator)
    fields = {"given_name": "Nora", "family_name": "Eklund", "email": "nora@school.example", "is_teacher": "on"}
    assert "Nora Eklund is added. The invitation leaves when you open" in words(
        client.post("/people/new/", fields, follow=True)
    )
    assert "Add 1 person" in words(client.post("/people/many/", {"lines": "Tom, Park, tom@school.example"}))
    page = words(client.get(f"/people/{Person.objects.get(given_name='Nora').pk}/"))
    assert "The invitation leaves when you open Learning Walks" in page and "Invite again" not in page
    assert invited() == []
