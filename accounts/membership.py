"""Invite people, and update their sign-in data when they leave or get another address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q

from notifications import reminders
from notifications.models import Reminder
from notifications.sending import outbox
from school import people
from school.errors import RuleError
from school.models import Person, School
from school.models.managers import PersonQuerySet
from school.people import PersonDetails, hooks

from . import emails, sessions

NEVER_HERE = Q(last_login=None)


@transaction.atomic
def invite(details: PersonDetails, *, by: Person, now: dt.datetime) -> Person:
    """Add a colleague and mail them an invitation. Before the school opens, they are added only."""
    person = people.add(details, by=by, now=now)
    if person.invited_at:
        emails.invitation(person, by=by, now=now)
    return person


@transaction.atomic
def invite_many(new_people: Iterable[PersonDetails], *, by: Person, now: dt.datetime) -> list[Person]:
    """Add and invite several colleagues, or none of them if one cannot be added."""
    return [invite(details, by=by, now=now) for details in new_people]


@transaction.atomic
def invite_again(person: Person, *, by: Person, now: dt.datetime) -> None:
    """Send the invitation again. A double click sends only one mail."""
    invited = people.mark_invited(person, by=by, now=now)
    if invited is not None:
        emails.invitation(invited, by=by, now=now)


def not_invited(school: School) -> PersonQuerySet:
    """Return the people who never had an invitation and never signed in."""
    people_here: PersonQuerySet = Person.objects.filter(people.NOT_INVITED, NEVER_HERE, school=school)
    return people_here


def failed_invitations(school: School) -> list[outbox.Delivery]:
    """Return the invitations that did not arrive, of people who still wait for one."""
    newest = outbox.not_arrived(emails.INVITATION).filter(recipient__in=Person.objects.active().filter(NEVER_HERE))
    return outbox.in_words(newest.filter(recipient__school=school).order_by("recipient__family_name", "pk"))


def invite_rest(*, by: Person, now: dt.datetime) -> int:
    """Invite everybody who is not invited yet. Return how many they are."""
    if not by.school.is_open:
        raise RuleError(people.NOT_OPEN)
    return invite_all(NEVER_HERE, by=by, now=now)


@transaction.atomic
def invite_all(which: Q, *, by: Person, now: dt.datetime, due_at: dt.datetime | None = None) -> int:
    """Invite those of these people who never had an invitation. Return how many they are.

    There may be thousands, so this stores reminders, and the sweep of reminders writes the mails.
    """
    same_for_all = {"kind": emails.INVITATION, "due_at": due_at or now, "created_at": now, "sent_by": by}
    ids = people.mark_all_invited(which, by=by, now=now)
    Reminder.objects.bulk_create(
        Reminder(key=f"invitation:{pk}:{now.isoformat()}", person_id=pk, about_id=pk, **same_for_all) for pk in ids
    )
    return len(ids)


@reminders.handler(emails.INVITATION)
def write_invitation(reminder: Reminder, now: dt.datetime) -> bool:
    """Mail the invitation, unless the person was invited again or has signed in meanwhile."""
    person, by = reminder.person, reminder.sent_by
    signed_in = person.last_login is not None and person.last_login > reminder.created_at
    if by is None or signed_in or person.invited_at != reminder.created_at:
        return False
    emails.invitation(person, by=by, now=now)
    return True


def mark_address_verified(user: Person, **_: Any) -> None:
    """Mark the address as verified, because a person who followed a "Forgot your password?" link reads mail there.

    Without this, allauth asks them to confirm the address before they can set up the second step.
    """
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


@hooks.on_leaving
def end_sign_ins(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """End all sessions and half-done sign-ins at once."""
    _end_sessions(person)


@hooks.on_new_address
def move_sign_in(before: Person, after: Person, *, by: Person, now: dt.datetime, kept_session: str) -> None:
    """Move the sign-in to the new address. Mail both addresses, so that a mistake is noticed at the old one.

    The old address stops working. All sessions end except `kept_session`, in which an administrator changes their own
    address. If another person corrects the address, password and second step are removed too, because the reader of a
    mistyped address may have set them. The person then signs in with a mailed code or "Forgot your password?".
    """
    EmailAddress.objects.filter(user=after).delete()
    _end_sessions(after, kept_session=kept_session)
    if by != after:
        _remove_credentials(after)
    emails.new_address(before, after, by=by, now=now)


def _remove_credentials(person: Person) -> None:
    person.set_unusable_password()
    person.save(update_fields=["password"])
    Authenticator.objects.filter(user=person).delete()


def _end_sessions(person: Person, *, kept_session: str = "") -> None:
    for session in UserSession.objects.filter(user=person).exclude(session_key=kept_session):
        session.end()
    sessions.end_half_done(person)
