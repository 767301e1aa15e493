"""Erase a person's sign-in data, and their name in other people's sessions and in the Django admin log."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from school.models import Person
from school.people import hooks
from school.people.hooks import Erasure
from school.people.naming import naming, naming_in_full

from . import sessions


@hooks.on_erasing
def erase_sign_in(erasure: Erasure) -> None:
    """Delete addresses, second step, devices and sessions; blank the admin log entries by and about the person."""
    person = erasure.person
    erasure.erased.append(f"invitation:{person.pk}")
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    UserSession.objects.filter(user=person).delete()
    sessions.erase(person, names=naming(person), names_in_full=naming_in_full(person))
    _erase_in_the_log(person)


def _erase_in_the_log(person: Person) -> None:
    LogEntry.objects.filter(user=person).delete()
    kind = ContentType.objects.get_for_model(Person)
    names = naming(person)
    for entry in LogEntry.objects.iterator():
        about = entry.content_type_id == kind.pk and entry.object_id == str(person.pk)
        if about or names(f"{entry.object_repr}\n{entry.change_message}"):
            LogEntry.objects.filter(pk=entry.pk).update(object_repr="–", change_message="")
