"""Open Learning Walks for the whole school, and undo that for five minutes (docs/adr/0017).

Before, nobody gets an invitation, a nudge or a reminder, and no walk can be sent.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from notifications.models import Reminder, ReminderState
from school import people
from school.errors import RuleError
from school.locks import lock_school
from school.models import Person, School
from school.permissions import require_administrator
from walks.models import State, Walk
from walks.semester import nudges

from . import emails, membership


@dataclass(frozen=True)
class Opening:
    """What the opening page shows."""

    invitations: int  # to send when the school opens, or still waiting for the end of the five minutes
    can_undo: bool


def opening_of(reader: Person, *, now: dt.datetime) -> Opening:
    """Return how many people the opening invites, and whether it can be undone."""
    school = reader.school
    if not school.is_open:
        to_invite = Person.objects.visible_to(reader).filter(people.NOT_INVITED & _everybody_but(reader))
        return Opening(to_invite.count(), can_undo=False)
    return Opening(_waiting_invitations(school).count(), can_undo=_why_not_undo(school, now) == "")


@transaction.atomic
def open_school(*, by: Person, now: dt.datetime) -> None:
    """Open the school, invite everybody in five minutes, and schedule the reminders that are due."""
    school = _locked_school(by)
    if school.is_open:
        return  # the button was pressed twice
    school.opened_at = now
    school.save(update_fields=["opened_at"])
    membership.invite_all(_everybody_but(by), by=by, now=now, due_at=school.invitations_leave_at)
    nudges.store_upcoming_of(school, now)


@transaction.atomic
def undo(*, by: Person, now: dt.datetime) -> None:
    """Close the school again, before the invitations leave and before anybody sends a walk."""
    school = _locked_school(by)
    if school.opened_at is None:
        return  # the button was pressed twice
    reason = _why_not_undo(school, now)
    if reason:
        raise RuleError(reason)
    people.mark_not_invited(school, since=school.opened_at)
    _waiting_invitations(school).delete()
    nudges.delete_upcoming_of(school)
    school.opened_at = None
    school.save(update_fields=["opened_at"])


def _why_not_undo(school: School, now: dt.datetime) -> str:
    """Return why the opening cannot be undone, or an empty text."""
    if school.invitations_leave_at is None or now >= school.invitations_leave_at:
        return _("The invitations are on their way, so the opening can’t be undone.")
    if Walk.objects.filter(walker__school=school).exclude(state=State.DRAFT).exists():
        return _("A walk has been sent already, so the opening can’t be undone.")
    return ""


def _locked_school(by: Person) -> School:
    require_administrator(by, school_id=by.school_id, words=_("Only administrators can open Learning Walks."))
    return lock_school(by.school_id)


def _everybody_but(person: Person) -> Q:
    return ~Q(pk=person.pk)


def _waiting_invitations(school: School) -> QuerySet[Reminder]:
    return Reminder.objects.filter(kind=emails.INVITATION, person__school=school, state=ReminderState.PENDING)
