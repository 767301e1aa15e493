"""Erase a person's sign-in data, and remove their name from other people's sessions and from Django's admin log."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from school.models import Person
from school.people import hooks
from school.people.hooks import Erasure
from school.people.mentions import full_mentions_of, mentions_of

from . import sessions


@hooks.on_erasing
def erase_sign_in(erasure: Erasure) -> None:
    """Delete addresses, second step, devices and sessions; blank the admin log entries by and about the person."""
    person = erasure.person
    erasure.erased.append(f"invitation:{person.pk}")
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    UserSession.objects.filter(user=person).delete()
    sessions.erase(person, mentions=mentions_of(person), full_mentions=full_mentions_of(person))
    _erase_in_the_log(person)


def _erase_in_the_log(person: Person) -> None:
    LogEntry.objects.filter(user=person).delete()
    person_type = ContentType.objects.get_for_model(Person)
    mentions = mentions_of(person)
    for entry in LogEntry.objects.iterator():
        is_about_person = entry.content_type_id == person_type.pk and entry.object_id == str(person.pk)
        if is_about_person or mentions(f"{entry.object_repr}\n{entry.change_message}"):
            LogEntry.objects.filter(pk=entry.pk).update(object_repr="–", change_message="")
