"""Mails about an account. They contain no secrets: allauth sends the codes for signing in."""

from __future__ import annotations

import datetime as dt

from notifications.people_who_leave import keep_at_the_old_address
from notifications.sending import outbox
from school.models import Person

INVITATION = "school.invitation"
NEW_ADDRESS = "school.new_address"
keep_at_the_old_address(NEW_ADDRESS)  # one of its two mails goes to the old address on purpose, to warn the reader


def invitation(person: Person, *, by: Person, now: dt.datetime) -> None:
    """Welcome the person and explain how to sign in."""
    outbox.put(
        kind=INVITATION,
        key=f"invitation:{person.pk}:{now.isoformat()}",
        to=person,
        template="accounts/invitation",
        context={"inviter": by},
        now=now,
        reply_to=by,
        author=by,
        about=f"invitation:{person.pk}",
    )


def new_address(before: Person, after: Person, *, by: Person, now: dt.datetime) -> None:
    """Tell the old and the new address that the account uses the new one now, or none, and who changed it.

    Nothing is mailed if there was no address before: the invitation greets the person.
    """
    if before.email is None:
        return
    for person, which in ((before, "old"), (after, "new")):
        outbox.put(
            kind=NEW_ADDRESS,
            key=f"new-address:{after.pk}:{which}:{now.isoformat()}",
            to=person,
            template="accounts/new_address",
            context={"changer": by, "new_email": after.email, "old_password_removed": by != after},
            now=now,
        )
