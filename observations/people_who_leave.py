"""When a host leaves, nobody has to thank them: complete the walks that waited for it, and mail the walkers."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from school.models import Person
from school.people import hooks
from walks.models import Stop
from walks.workflow import completion

from .mail import emails


@hooks.on_leaving
def end_owed_thanks_on_leaving(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    end_owed_thanks(person, now=now)


@transaction.atomic
def end_owed_thanks(host: Person, *, now: dt.datetime, named: bool = True) -> None:
    """Complete the walks that waited only for this praise, and mail each walker once.

    `named=False`: no new mail may name the host, because they are being erased.
    """
    stops = Stop.objects.unthanked_by_open_walks(host).select_related("walk__walker__school", "host", "room")
    for stop in stops.order_by("walk_id", "position", "pk"):
        completion.host_has_left(stop.walk, now=now)
        emails.send_host_left(stop, now=now, named=named)
