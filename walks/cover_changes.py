"""Somebody else covers an agreed walk; and who hears when its cover is open again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from school.errors import RuleError
from school.models import Person
from school.terms import Calendar

from . import cover_emails, cover_gone, holding, telling, transitions
from .clashes import lesson_taught_then
from .errors import AlreadyDecidedError, TimePassedError
from .models import Walk


@transaction.atomic
def change(walk: Walk, *, cover: Person, instead_of: int | None, by: Person, now: dt.datetime) -> None:
    """Somebody else covers. `instead_of`: who covered when the page was drawn, by id.

    The colleague who covered hears that they are free again; the new one and the walker hear of the change.
    """
    holding.hold_people(walk.walker, cover)
    holding.hold(walk)
    if walk.cover_id == cover.pk:
        return  # the button was pressed twice
    if walk.cover_id != instead_of:
        raise AlreadyDecidedError(telling.who_was_first(walk))
    if walk.ends_at <= now:
        raise TimePassedError(_("This walk is over, so its cover stays as it was."))
    lesson = lesson_taught_then(walk.walker, walk)
    if lesson is None:
        raise RuleError(_("%(name)s teaches nothing then.") % {"name": walk.walker.given_name})
    holding.refuse_busy(cover, walk)
    transitions.move(walk, "change_cover", by=by, now=now, cover=cover, covered_lesson=lesson)
    cover_emails.changed(walk, now=now)


def sweep(now: dt.datetime) -> int:
    """Tell of each agreed walk ahead whose cover is open again; says of how many."""
    covered = Walk.objects.coming(now).filter(cover__isnull=False)
    return tell_gone(covered, now=now)


def tell_gone(walks: Iterable[Walk], *, now: dt.datetime) -> int:
    """The deciders and the walker hear of it, once an agreement."""
    found = Walk.objects.filter(pk__in=[walk.pk for walk in walks]).select_related("walker__school", "cover", "period")
    told = 0
    for school, theirs in groupby(found.order_by("walker__school", "pk"), key=lambda walk: walk.walker.school):
        listed = list(theirs)
        open_again = cover_gone.words_for(listed, calendar=Calendar(school), now=now)
        told += sum(_tell(walk, open_again[walk.pk], now) for walk in listed if walk.pk in open_again)
    return told


@transaction.atomic
def _tell(walk: Walk, why: str, now: dt.datetime) -> bool:
    if cover_emails.is_told(walk):
        return False
    cover_emails.gone(walk, why=why, now=now)
    return True
