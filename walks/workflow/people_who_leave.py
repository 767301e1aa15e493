"""The walks of a person who leaves: upcoming ones are cancelled, and those they cover need another cover."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from school.errors import RuleError
from school.models import Person
from school.people import hooks

from ..models import Walk
from . import approval, cover_changes


@hooks.on_leaving
def call_walks_off(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Cancel walks that have not begun and mail those who knew; mail where cover is needed."""
    for walk in Walk.objects.of(person).ahead():
        with suppress(RuleError):  # started meanwhile, so there is nothing to call off
            approval.cancel(walk, by=by, now=now)
    cover_changes.send_cover_needed_mails(Walk.objects.filter(cover=person).coming(now), now=now)
