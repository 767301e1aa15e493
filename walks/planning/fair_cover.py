"""Who is proposed to cover a class: of the colleagues who are free, who covered least recently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from school.models import Person

from ..models import State, Walk

COUNTED = (State.APPROVED, State.WALKED, State.COMPLETE)


@dataclass(frozen=True)
class CoverProposal:
    """The colleague who is proposed, and why, in words for the decider only."""

    person: Person
    why: str


def last_covered(people: Iterable[Person]) -> dict[int, dt.date]:
    """Return the last day on which each of these people covers or covered a class, by id (one query)."""
    ids = {person.pk for person in people}
    if not ids:
        return {}
    rows = Walk.objects.filter(cover__in=ids, state__in=COUNTED).order_by().values_list("cover")
    return dict(rows.annotate(last=Max("date")))


def propose(
    free: Iterable[Person], *, walker: Person, last: Mapping[int, dt.date], today: dt.date
) -> CoverProposal | None:
    """Return the fairest of the free people: who covered least recently, then the walker's own grade, then by name."""
    never = dt.date.min
    ranked = sorted(
        free, key=lambda p: (last.get(p.pk, never), p.grade_id != walker.grade_id, p.family_name, p.given_name)
    )
    return CoverProposal(ranked[0], _why(ranked[0], last.get(ranked[0].pk), today)) if ranked else None


def _why(person: Person, day: dt.date | None, today: dt.date) -> str:
    name = person.given_name
    if day is None:
        return _("%(name)s is free then and hasn’t covered a class lately.") % {"name": name}
    if day >= today:
        words = _("%(name)s is free then. Everyone who is free covers a class soon; it is %(name)s’s turn.")
    else:
        words = _("%(name)s is free then and last covered a class longer ago than anyone else who is free.")
    return words % {"name": name}
