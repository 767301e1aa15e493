"""Kinds of mail that a person may switch off, and the limit of one nudge a week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise

from school.models import Person

from .models import Message, MessageState, MutedKind

NUDGE_EVERY = dt.timedelta(days=7)
SALT = "notifications.unsubscribe"
Audience = Callable[[Person], bool]


def everybody(person: Person) -> bool:
    return True


@dataclass(frozen=True)
class MailKind:
    """A kind of mail that a person may switch off, with its text on the preferences page."""

    name: str
    label: str | Promise
    help: str | Promise
    group: str | Promise  # the heading above it
    nudge: bool
    concerns: Audience


_kinds: dict[str, MailKind] = {}


def register_kind(
    kind: str,
    label: str | Promise,
    help: str | Promise = "",
    *,
    group: str | Promise = "",
    nudge: bool = False,
    concerns: Audience = everybody,
) -> None:
    """Offer a kind of mail on the preferences page, below the heading `group`. Other kinds cannot be switched off.

    `nudge=True`: a person gets at most one mail a week of all these kinds together.
    `concerns`: returns whether a person gets such mails. Only then do they see the choice.
    """
    _kinds[kind] = MailKind(kind, label, help, group, nudge, concerns)


def kinds_for(person: Person) -> list[MailKind]:
    """Return the kinds that concern this person, in the order of registration."""
    return [kind for kind in _kinds.values() if kind.concerns(person)]


def is_mutable(kind: str) -> bool:
    """Whether a person may switch this kind off."""
    return kind in _kinds


def wants(person: Person, kind: str, *, now: dt.datetime) -> bool:
    """Whether a mail of this kind may be sent to the person: not switched off, and not a second nudge in a week."""
    registered = _kinds.get(kind)
    if registered is None:
        return True
    if MutedKind.objects.filter(person=person, kind=kind).exists():
        return False
    return not (registered.nudge and recently_nudged([person.pk], now))


def recently_nudged(people: Iterable[int], now: dt.datetime) -> set[int]:
    """Return the ids of those people who got a nudge in the last seven days, or for whom one waits in the outbox."""
    nudges = [kind.name for kind in _kinds.values() if kind.nudge]
    recent = Message.objects.filter(recipient__in=list(people), kind__in=nudges, due_at__gt=now - NUDGE_EVERY)
    stopped = [MessageState.CANCELLED, MessageState.FAILED]
    return {pk for pk in recent.exclude(state__in=stopped).values_list("recipient", flat=True) if pk is not None}


def muted(person: Person) -> set[str]:
    """Return the kinds that the person switched off."""
    return set(MutedKind.objects.filter(person=person).values_list("kind", flat=True))


def set_muted(person: Person, off: Iterable[str]) -> None:
    """Switch these kinds off, and switch on all others that are offered to the person."""
    offered = {kind.name for kind in kinds_for(person)}
    chosen = offered & set(off)
    with transaction.atomic():
        MutedKind.objects.filter(person=person, kind__in=offered - chosen).delete()
        MutedKind.objects.bulk_create([MutedKind(person=person, kind=k) for k in chosen], ignore_conflicts=True)


def mute(person: Person, kind: str) -> None:
    """Switch one kind off. Do nothing if it is off already."""
    MutedKind.objects.bulk_create([MutedKind(person=person, kind=kind)], ignore_conflicts=True)


def unsubscribe_url(person_id: int, kind: str) -> str:
    """Return the URL that a mail contains to switch this kind off without signing in."""
    token = signing.Signer(salt=SALT).sign_object([person_id, kind])
    return f"{settings.SITE_URL}{reverse('notifications:unsubscribe', args=[token])}"


def preferences_url() -> str:
    """Return the URL of the page where a person chooses their e-mails."""
    return f"{settings.SITE_URL}{reverse('notifications:preferences')}"


def read_unsubscribe_token(token: str) -> tuple[Person, MailKind] | None:
    """Return the person and the kind of an unsubscribe link, or None if the link is not ours."""
    try:
        person_id, name = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None or name not in _kinds:
        return None
    return person, _kinds[name]
