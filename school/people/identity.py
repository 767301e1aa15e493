"""What tells people apart: the address with which they sign in, their code in the timetable, or else their name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from ..errors import RuleError
from ..models import Person

CODE_TAKEN = gettext_lazy("%(name)s already has this code")
NAME_TAKEN = gettext_lazy("%(name)s is here already. Give the new one a code or an e-mail address")
NEEDS_ADDRESS = gettext_lazy("Administrators and Heads of Grade sign in, so they need an e-mail address")
TAKEN = gettext_lazy("Another person already signs in with this address")


class AddressTakenError(RuleError):
    """Another account has this address."""


class NoAddressError(RuleError):
    """A person without an e-mail address cannot do this."""


class NameTakenError(RuleError):
    """Nothing would tell two people apart: they have the same name, and the new one has neither address nor code."""


class CodeTakenError(RuleError):
    """Another person of the school has this code."""


def is_address_taken(email: str, *, excluding: Person | None = None) -> bool:
    """Whether an account of any school has the address, ignoring case. No address is never taken."""
    if not email:
        return False
    taken: bool = Person.objects.filter(email__iexact=email).exclude(pk=excluding.pk if excluding else None).exists()
    return taken


def owner_of_code(code: str, school_id: int, *, excluding: Person | None = None) -> Person | None:
    """Return the person of the school with this code, ignoring case. An empty code belongs to nobody."""
    if not code:
        return None
    people = Person.objects.filter(school=school_id, code__iexact=code)
    owner: Person | None = people.exclude(pk=excluding.pk if excluding else None).first()
    return owner


def refuse_taken_address(email: str, excluding: Person | None = None) -> None:
    if is_address_taken(email, excluding=excluding):
        raise AddressTakenError(TAKEN)


def refuse_taken_name(given_name: str, family_name: str, school_id: int) -> None:
    same_name = {"given_name__iexact": given_name, "family_name__iexact": family_name}
    namesake = Person.objects.active().filter(school=school_id, **same_name).first()
    if namesake is not None:
        raise NameTakenError(NAME_TAKEN % {"name": namesake.full_name})


def refuse_taken_code(code: str, person: Person) -> None:
    owner = owner_of_code(code, person.school_id, excluding=person)
    if owner is not None:
        raise CodeTakenError(CODE_TAKEN % {"name": owner.full_name})
