"""Who is proposed to cover a class: the free colleague who covered least recently."""

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
    free: Iterable[Person], *, walker: Person, last_covered: Mapping[int, dt.date], today: dt.date
) -> CoverProposal | None:
    """Return the person who covered least recently. Ties: the walker's own grade comes first, then the name decides.

    People without an e-mail address are not proposed, because no mail would tell them.
    """

    def rank(colleague: Person) -> tuple[dt.date, bool, str, str]:
        last_day = last_covered.get(colleague.pk, dt.date.min)
        return last_day, colleague.grade_id != walker.grade_id, colleague.family_name, colleague.given_name

    person = min((colleague for colleague in free if colleague.email), key=rank, default=None)
    if person is None:
        return None
    return CoverProposal(person, _why(person, last_covered.get(person.pk), today))


def _why(person: Person, last_day: dt.date | None, today: dt.date) -> str:
    if last_day is None:
        return _("Free then, and hasn’t covered a class lately.")
    if last_day >= today:
        words = _("Everyone who is free then has a class to cover soon. %(name)s’s turn is the earliest.")
        return words % {"name": person.short_name}
    return _("Of everyone who is free then, longest without covering a class.")
