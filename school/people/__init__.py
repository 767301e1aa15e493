"""Who belongs to the school and in which roles: add, change, leave, come back, erase, change the address.

Only this module writes whether a person is here, when they left, and their address (docs/adr/0013). It calls the
functions that other apps register in `hooks.py`, in the same transaction, to change what they keep about the person.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..errors import NotAllowedError, RuleError
from ..locks import lock_school
from ..models import Grade, Lesson, Person, School, Team, Visits
from ..permissions import may_run_school, may_run_school_of
from ..policy import TYPED_SETTINGS
from ..text.names import store_single_name
from ..timetable import lessons
from ..timetable.hours import SetHours, set_hours
from . import hooks
from .identity import (
    NEEDS_ADDRESS,
    TAKEN,
    AddressTakenError,
    NoAddressError,
    refuse_taken_address,
    refuse_taken_code,
    refuse_taken_name,
)

NOT_OPEN = gettext_lazy("Learning Walks isn’t open yet. Everyone is invited when you open it.")

NOT_INVITED = Q(is_active=True, invited_at=None, email__isnull=False)
INVITED_JUST_NOW = dt.timedelta(minutes=1)


class StillHereError(RuleError):
    """Only a person who has left can be erased."""


class KeepAdministratorError(RuleError):
    """The school would lose its last administrator, or an administrator would remove their own right."""


@dataclass(frozen=True)
class PersonDetails:
    """The fields of a person that an administrator may set. Pages set no others."""

    given_name: str
    family_name: str
    email: str = ""  # people without an address cannot sign in
    subject: str = ""
    code: str = ""
    staff_number: str = ""
    grade: Grade | None = None
    headed_grades: Iterable[Grade] = field(default_factory=tuple)
    teams: Iterable[Team] = field(default_factory=tuple)
    is_teacher: bool = True
    is_administrator: bool = False
    family_name_first: bool | None = None  # None: as the school says names, or as before
    hours: SetHours | None = None  # at school, on days on which the timetable does not tell them; None: as before

    @property
    def needs_address(self) -> bool:
        """Whether the address is missing for the roles of this person."""
        return not self.email and (self.is_administrator or bool(list(self.headed_grades)))


def is_last_administrator(person: Person) -> bool:
    """Whether the person is an administrator, and the school has no other active one."""
    others = Person.objects.active().filter(school=person.school_id, is_administrator=True).exclude(pk=person.pk)
    return person.is_administrator and not others.exists()


@transaction.atomic
def add(details: PersonDetails, *, by: Person, now: dt.datetime) -> Person:
    """Add a colleague to the administrator's school, without a password: they sign in by a mailed code.

    They count as invited, unless the school is not open yet or they have no address. Raise NameTakenError if neither
    an address nor a code tells them from a person of the same name: a button pressed twice adds nobody twice.
    """
    if not may_run_school(by):
        raise NotAllowedError(_("Only administrators can add people."))
    refuse_taken_address(details.email)
    if not (details.email or details.code):
        refuse_taken_name(*store_single_name(details.given_name, details.family_name), by.school_id)
    invited_at = now if by.school.is_open and details.email else None
    person = Person(
        school=by.school,
        invited_at=invited_at,
        email=details.email.lower() or None,
        family_name_first=by.school.family_name_first,
    )
    person.set_unusable_password()
    _set_details(person, details)
    return person


@transaction.atomic
def change(person: Person, details: PersonDetails, *, by: Person, now: dt.datetime, kept_session: str = "") -> Person:
    """Change names, address, grade, roles and hours."""
    if details.hours is not None:
        lock_school(person.school_id)
    person = lock_account(person, by=by)
    refuse_taken_address(details.email, excluding=person)
    if person.is_administrator and not details.is_administrator:
        _refuse_self_and_last_administrator(person, by)
    _set_details(person, details)
    return change_address(person, details.email, by=by, now=now, kept_session=kept_session)


@transaction.atomic
def change_address(person: Person, to: str, *, by: Person, now: dt.datetime, kept_session: str = "") -> Person:
    """Change the address at which the person gets mail and signs in. End their sessions, except `kept_session`.

    An empty address takes it away: then the person cannot sign in.
    """
    before = lock_account(person, by=by)
    if to.lower() == (before.email or ""):
        return before
    refuse_taken_address(to, excluding=before)
    after = copy.copy(before)
    after.email = to.lower() or None
    for function in hooks.on_new_address:
        function(before, after, by=by, now=now, kept_session=kept_session)
    _save(after, update_fields=["email"])  # last, because it locks the key of the row (docs/adr/0011)
    return after


@transaction.atomic
def leave(person: Person, *, by: Person | None, now: dt.datetime, left_at: dt.datetime | None = None) -> Person:
    """Mark the person as having left. Their next request is refused. What they wrote stays theirs.

    `by` is None if no administrator acts: after a restore, or in the hourly round. `left_at` is when they left, if not
    `now`.
    """
    person = lock_account(person, by=by)
    if by is not None:
        _refuse_self_and_last_administrator(person, by)
    person.is_active = False
    person.left_at = left_at or now
    person.save(update_fields=["is_active", "left_at"])
    for function in hooks.on_leaving:
        function(person, by=by, now=now)
    return person


@transaction.atomic
def come_back(person: Person, *, by: Person | None) -> Person:
    """Bring back a person who had left. They sign in as before."""
    person = lock_account(person, by=by)
    if person.erased_at is not None:
        raise RuleError(_("This person’s data is erased. Add them as a new person."))
    person.is_active = True
    person.left_at = None
    person.save(update_fields=["is_active", "left_at"])
    return person


@transaction.atomic
def catch_up(person: Person, *, now: dt.datetime) -> None:
    """Finish leaving or coming back for an account whose `is_active` was changed directly in the database."""
    person = lock_account(person, by=None)
    if person.left_at is None and not person.is_active:
        leave(person, by=None, now=now)
    elif person.left_at is not None and person.is_active:
        come_back(person, by=None)


def erase(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Erase the private data of a person who has left. Rows that others own or reports count stay, without a name.

    `by` is None for the command, for the retention rule and after a restore. Raise a RuleError if the person is still
    here or is the last administrator. docs/data-register.md lists for each field whether it stays.
    """
    before = Person.objects.get(pk=person.pk)
    found = {function: function(before) for function in hooks.before_erasing}
    with transaction.atomic():
        locked = _lock_for_erasing(before, by=by)
        erasure = hooks.Erasure(before, now, found)
        for function in hooks.on_erasing:
            function(erasure)
        _make_nameless(locked, now)  # last, because a new address locks the key of the row (docs/adr/0011)


def _lock_for_erasing(person: Person, *, by: Person | None) -> Person:
    """Lock the row of the person. Raise a RuleError if they may not be erased."""
    lock_school(person.school_id)
    person = lock_account(person, by=by)
    if by is not None and by.pk == person.pk:
        raise KeepAdministratorError(_("That’s you. Another administrator can do this for you."))
    if person.is_active:
        raise StillHereError(_("%(name)s is still here. Mark them as left first.") % {"name": person.full_name})
    if is_last_administrator(person):
        raise KeepAdministratorError(_("The school needs one administrator. Name another one first."))
    return person


def _make_nameless(person: Person, now: dt.datetime) -> None:
    """Remove name, address, roles and timetable. The row stays, because reports count the person's walks."""
    person.given_name = _("A former colleague")
    person.family_name = ""
    person.family_name_first = False
    person.subject = ""
    person.code = ""
    person.staff_number = ""
    person.email = f"erased-{person.pk}@erased.invalid"
    person.is_administrator = False
    person.is_staff = False
    person.is_superuser = False
    person.theme = "auto"
    person.opted_out_of_visits = False
    person.invited_at = None
    person.last_login = None
    person.left_at = person.left_at or now
    person.erased_at = person.erased_at or now
    person.set_unusable_password()
    person.save()
    for roles in (person.headed_grades, person.teams, person.groups, person.user_permissions):
        roles.clear()
    person.aliases.all().delete()
    person.hours_at_school.all().delete()
    person.policy_changes.filter(setting__in=TYPED_SETTINGS).update(old="", new="")
    lessons.remove(Lesson.objects.filter(teacher=person))


@transaction.atomic
def mark_invited(person: Person, *, by: Person, now: dt.datetime) -> Person | None:
    """Store that another invitation is sent. Return None if one was sent within a minute (a double click)."""
    person = lock_account(person, by=by)
    if not person.is_active:
        raise RuleError(_("%(name)s has left. Bring the account back first.") % {"name": person.full_name})
    if person.email is None:
        raise NoAddressError(_("%(name)s has no e-mail address here.") % {"name": person.full_name})
    if not person.school.is_open:
        raise RuleError(NOT_OPEN)
    if person.invited_at and now - INVITED_JUST_NOW < person.invited_at <= now:
        return None
    person.invited_at = now
    person.save(update_fields=["invited_at"])
    return person


@transaction.atomic
def mark_all_invited(which: Q, *, by: Person, now: dt.datetime) -> list[int]:
    """Store that those of these people who never had an invitation get one now. Return their ids."""
    if not may_run_school(by):
        raise NotAllowedError(_("Only administrators can invite people."))
    invited = NOT_INVITED & which & Q(school=by.school_id)
    lock(invited)
    people = Person.objects.filter(invited)
    ids = list(people.values_list("pk", flat=True))
    people.update(invited_at=now)
    return ids


def mark_not_invited(school: School, *, since: dt.datetime) -> None:
    """Forget the invitations that were stored at exactly this moment, because none of them was sent."""
    Person.objects.filter(school=school, invited_at=since).update(invited_at=None)


def choose_theme(person: Person, theme: str) -> None:
    """Store the theme: light, dark, or that of the device."""
    if theme not in dict(Person.THEMES):
        raise RuleError(_("Choose light, dark or match device"))
    Person.objects.filter(pk=person.pk).update(theme=theme)


def say_family_name_first(person: Person, first: bool) -> None:
    """Store the order in which the person's own name is said."""
    Person.objects.filter(pk=person.pk).update(family_name_first=first)


def opt_out_of_visits(person: Person, opted_out: bool) -> None:
    """Store whether the person asks not to be visited. Visits that are planned already stay."""
    if opted_out and person.school.who_may_be_visited != Visits.UNLESS_OPTED_OUT:
        raise RuleError(_("Your school has decided who may be visited. Our norms say how."))
    Person.objects.filter(pk=person.pk).update(opted_out_of_visits=opted_out)


def lock(which: Q) -> None:
    """Lock the rows of these people until the transaction ends.

    A rule locks all its people at once, in the order of their ids, and before it locks walks (docs/adr/0011). The lock
    is `no_key`, because other transactions need the person's key to store rows that refer to the person.
    """
    people = Person.objects.select_for_update(no_key=True).filter(which)
    list(people.order_by("pk").values_list("pk"))


def lock_account(person: Person, *, by: Person | None) -> Person:
    """Lock the person's row and return its present state. `by` is None if no administrator acts.

    All administrators are locked too, so that two of them cannot remove each other at the same time.
    """
    if by is None:
        lock(Q(pk=person.pk))
    else:
        if not may_run_school_of(by, person):
            raise NotAllowedError(_("Only administrators can change accounts."))
        lock(Q(pk=person.pk) | Q(school=by.school_id, is_administrator=True))
        by.refresh_from_db(fields=["is_administrator", "is_active"])
        if not may_run_school(by):
            raise NotAllowedError(_("Only administrators can change accounts."))
    found: Person = Person.objects.select_related("school").get(pk=person.pk)
    return found


def _refuse_self_and_last_administrator(person: Person, by: Person) -> None:
    if person.pk == by.pk:
        raise KeepAdministratorError(_("That’s you. Another administrator can do this for you."))
    if person.is_active and is_last_administrator(person):
        raise KeepAdministratorError(_("The school needs one administrator. Name another one first."))


def _set_details(person: Person, details: PersonDetails) -> None:
    if details.needs_address:
        raise NoAddressError(NEEDS_ADDRESS)
    refuse_taken_code(details.code, person)
    person.given_name, person.family_name = store_single_name(details.given_name, details.family_name)
    if details.family_name_first is not None:
        person.family_name_first = details.family_name_first
    person.subject = details.subject
    person.code = details.code
    person.staff_number = details.staff_number
    person.grade = details.grade
    person.is_teacher = details.is_teacher
    person.is_administrator = details.is_administrator
    _save(person)
    if details.hours is not None:
        set_hours(person, details.hours)
    person.headed_grades.set(details.headed_grades)
    person.teams.set(details.teams)


def _save(person: Person, **fields: Any) -> None:
    try:
        with transaction.atomic():
            person.save(**fields)
    except IntegrityError as error:  # another account took the code or the address a moment ago
        refuse_taken_code(person.code, person)
        raise AddressTakenError(TAKEN) from error
