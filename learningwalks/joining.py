"""Joining and leaving the school: the account, and what hangs on it in the other apps (mails, reminders, sessions)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from notifications import leaving
from observations import leaving as thanks
from school import people
from school.errors import RuleError
from school.models import Person
from school.people import Details
from walks.models import Walk
from walks.workflow import approval, cover_changes

from . import joining_mails, sessions


@transaction.atomic
def invite(details: Details, *, by: Person, now: dt.datetime) -> Person:
    """Add a colleague and tell them how to sign in."""
    person = people.add(details, by=by, now=now)
    joining_mails.invitation(person, by=by, now=now)
    return person


@transaction.atomic
def invite_many(everybody: Iterable[Details], *, by: Person, now: dt.datetime) -> list[Person]:
    """Add several colleagues: all of them, or none when one cannot be added."""
    return [invite(details, by=by, now=now) for details in everybody]


@transaction.atomic
def invite_again(person: Person, *, by: Person, now: dt.datetime) -> None:
    """Send the invitation once more; pressed twice it is still one mail."""
    invited = people.mark_invited(person, by=by, now=now)
    if invited is not None:
        joining_mails.invitation(invited, by=by, now=now)


@transaction.atomic
def change(person: Person, details: Details, *, by: Person, now: dt.datetime, but_session: str = "") -> None:
    """Correct an account. A new address is told to the old one: whoever reads that mail would notice a mistake.

    The old address opens nothing any more, and whoever is signed in signs in again (but for `but_session`, the key of
    the session in which an administrator changes their own). Whoever read the mail of a mistyped address may have
    chosen the password and the second step: when somebody else corrects it, both are gone, and a mailed code or
    "Forgot your password?" opens the account.
    """
    before = people.hold_account(person, by=by)
    if details.email.lower() != before.email:  # before the address: it holds the key of the row (docs/adr/0011)
        leaving.readdress(before, to=details.email.lower(), but=joining_mails.NEW_ADDRESS)
    after = people.change(person, details, by=by)
    if after.email != before.email:
        EmailAddress.objects.filter(user=after).delete()
        _end_sessions(after, but=but_session)
        if by != after:
            _forget_keys(after)
        joining_mails.new_address(before, after, by=by, now=now)


def address_proven(user: Person, **_: Any) -> None:
    """Whoever follows the link of "Forgot your password?" reads mail there: the second step asks for no other proof."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


@transaction.atomic
def leave(person: Person, *, by: Person, now: dt.datetime) -> None:
    """The person has left: sessions end at once, planned walks are off, waiting mails and reminders are dropped."""
    gone = people.leave(person, by=by, now=now)
    for walk in Walk.objects.of(gone).ahead():
        with suppress(RuleError):  # started meanwhile, so there is nothing to call off
            approval.cancel(walk, by=by, now=now)
    cover_changes.send_cover_needed_mails(Walk.objects.filter(cover=gone).coming(now), now=now)
    leaving.stop_all(gone, now=now)
    thanks.settle_thanks(gone, now=now)
    _end_sessions(gone)


def _forget_keys(person: Person) -> None:
    person.set_unusable_password()
    person.save(update_fields=["password"])
    Authenticator.objects.filter(user=person).delete()


def _end_sessions(person: Person, *, but: str = "") -> None:
    for session in UserSession.objects.filter(user=person).exclude(session_key=but):
        session.end()
    sessions.end_half_done(person)
