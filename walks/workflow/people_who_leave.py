"""What happens to walks when a person leaves the school."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from school.errors import RuleError
from school.models import Person
from school.people import hooks

from ..models import Walk
from . import approval, cover_changes


@hooks.on_leaving
def cancel_walks(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Cancel the person's walks that have not begun, and send mails about walks that they were to cover."""
    for walk in Walk.objects.of(person).not_begun():
        with suppress(RuleError):  # it began meanwhile, so it cannot be cancelled
            approval.cancel(walk, by=by, now=now)
    cover_changes.send_cover_needed_mails(Walk.objects.filter(cover=person).upcoming(now), now=now)
