"""Kinds of mail that a person may switch off, and at most one nudge a week."""

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
    """A kind of mail that a person may switch off, with the words of the preferences page."""

    name: str
    label: str | Promise
    help: str | Promise
    nudge: bool
    concerns: Audience


_kinds: dict[str, MailKind] = {}


def register_kind(
    kind: str,
    label: str | Promise,
    help: str | Promise = "",
    *,
    nudge: bool = False,
    concerns: Audience = everybody,
) -> None:
    """Offer a kind of mail on the preferences page. Other kinds cannot be switched off.

    `nudge=True`: a person gets at most one mail a week of all these kinds together.
    `concerns`: whether a person gets such mails, and so sees the choice.
    """
    _kinds[kind] = MailKind(kind, label, help, nudge, concerns)


def kinds(person: Person) -> list[MailKind]:
    """The kinds that this person gets and may switch off, in the order they were registered."""
    return [kind for kind in _kinds.values() if kind.concerns(person)]


def is_mutable(kind: str) -> bool:
    """Whether a person may switch this kind off."""
    return kind in _kinds


def wants(person: Person, kind: str, *, now: dt.datetime) -> bool:
    """Whether a mail of this kind may go to the person now."""
    registered = _kinds.get(kind)
    if registered is None:
        return True
    if MutedKind.objects.filter(person=person, kind=kind).exists():
        return False
    return not (registered.nudge and nudged_recently(person, now))


def nudged_recently(person: Person, now: dt.datetime) -> bool:
    """Whether the person got, or is about to get, a nudge within the last seven days."""
    return bool(nudged_among([person.pk], now))


def nudged_among(people: Iterable[int], now: dt.datetime) -> set[int]:
    """The ids of those people who got, or are about to get, a nudge within the last seven days (one query)."""
    nudges = [kind.name for kind in _kinds.values() if kind.nudge]
    recent = Message.objects.filter(recipient__in=list(people), kind__in=nudges, due_at__gt=now - NUDGE_EVERY)
    stopped = [MessageState.CANCELLED, MessageState.FAILED]
    return {pk for pk in recent.exclude(state__in=stopped).values_list("recipient", flat=True) if pk is not None}


def muted(person: Person) -> set[str]:
    """The kinds the person switched off."""
    return set(MutedKind.objects.filter(person=person).values_list("kind", flat=True))


def set_muted(person: Person, off: Iterable[str]) -> None:
    """Switch these kinds off, and the other kinds that the person may choose on."""
    offered = {kind.name for kind in kinds(person)}
    chosen = offered & set(off)
    with transaction.atomic():
        MutedKind.objects.filter(person=person, kind__in=offered - chosen).delete()
        MutedKind.objects.bulk_create([MutedKind(person=person, kind=k) for k in chosen], ignore_conflicts=True)


def mute(person: Person, kind: str) -> None:
    """Switch one kind off; twice is no error."""
    MutedKind.objects.bulk_create([MutedKind(person=person, kind=kind)], ignore_conflicts=True)


def unsubscribe_url(person_id: int, kind: str) -> str:
    """The address in a mail that switches this kind off without signing in."""
    token = signing.Signer(salt=SALT).sign_object([person_id, kind])
    return f"{settings.SITE_URL}{reverse('notifications:off', args=[token])}"


def preferences_url() -> str:
    """The address of the page where a person chooses their e-mails."""
    return f"{settings.SITE_URL}{reverse('notifications:preferences')}"


def read_token(token: str) -> tuple[Person, MailKind] | None:
    """The person and kind of an unsubscribe link; None if we did not make it."""
    try:
        person_id, name = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    return (person, _kinds[name]) if person and name in _kinds else None
