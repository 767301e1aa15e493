"""Settle open thank-yous when a host leaves: complete the walks that waited for them and mail the walkers."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from school.models import Person
from school.people import hooks
from walks.models import Stop
from walks.workflow import completion

from .mail import emails


@hooks.on_leaving
def end_open_thanks(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """End the open thank-yous to the person, and mail the walkers who owed them."""
    settle_thanks(person, now=now)


@transaction.atomic
def settle_thanks(host: Person, *, now: dt.datetime, named: bool = True) -> None:
    """Mail each walker once, and complete the walks that waited only for this praise.

    `named=False`: no new mail may name the host, because they are being erased.
    """
    stops = Stop.objects.unthanked_by_open_walks(host).select_related("walk__walker__school", "host", "room")
    for stop in stops.order_by("walk", "position", "pk"):
        completion.host_has_left(stop.walk, now=now)
        emails.host_left(stop, now=now, named=named)
