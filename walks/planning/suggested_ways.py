"""One suggested way out for each request that needs a decision, so that many can be approved with one click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from school.models import Person
from school.text.typed import whole_number

from . import fair_cover
from .fair_cover import CoverProposal
from .plan import Plan
from .requests_to_decide import PendingRequest


@dataclass(frozen=True)
class SuggestedWay:
    """What approving with the suggestion does: the plan, who covers, and both in words."""

    plan: Plan
    cover: Person | None
    words: str

    @property
    def key(self) -> str:
        """Name what was shown, so that nothing else is approved."""
        walk = self.plan.walk
        assert walk is not None and self.plan.date is not None and self.plan.period is not None
        rooms = ",".join(str(pk) for pk in self.plan.room_ids)
        cover = self.cover.pk if self.cover else ""
        return f"{walk.pk}:{walk.calendar_sequence}:{self.plan.date}:{self.plan.period.pk}:{rooms}:{cover}"


@dataclass(frozen=True)
class RequestWithWay:
    """A request, who is proposed to cover, and the suggested way (None: only the decider can tell)."""

    request: PendingRequest
    cover: CoverProposal | None
    way: SuggestedWay | None


def for_requests(
    requests: Iterable[PendingRequest], *, today: dt.date, shown_cover: Mapping[int, int] | None = None
) -> list[RequestWithWay]:
    """Propose cover and a way out for each request. Nobody is proposed twice before everybody had a turn.

    `shown_cover`: whom the page proposed, by the id of the walk. Another set of requests would lead to other proposals,
    so these people are proposed again if they are still free.
    """
    listed = list(requests)
    last = fair_cover.last_covered({person for request in listed for person in request.free})
    found = []
    for request in listed:
        proposal = None
        if request.needs_cover:
            shown = (shown_cover or {}).get(request.walk.pk)
            free = [person for person in request.free if shown in (None, person.pk)]
            proposal = fair_cover.propose(free, walker=request.walk.walker, last=last, today=today)
        if proposal is not None:
            last[proposal.person.pk] = max(last.get(proposal.person.pk, dt.date.min), request.walk.date)
        found.append(RequestWithWay(request, proposal, _way(request, proposal)))
    return found


def cover_in_keys(keys: Iterable[str]) -> dict[int, int]:
    """Return who covers, by the id of the walk, from the keys that a page posts (see `SuggestedWay.key`)."""
    parts = [key.split(":") for key in keys]
    numbers = [(whole_number(part[0]), whole_number(part[-1])) for part in parts]
    return {walk: cover for walk, cover in numbers if walk is not None and cover is not None}


def _way(request: PendingRequest, proposal: CoverProposal | None) -> SuggestedWay | None:
    if request.reply or request.all_clear:
        return None
    if request.others:
        if not request.ways_out:
            return None
        way = request.ways_out[0]
        return SuggestedWay(replace(way.plan, walk=request.walk), None, way.words)
    if proposal is None:
        return None
    words = _("%(name)s covers") % {"name": proposal.person.full_name}
    return SuggestedWay(replace(request.plan, walk=request.walk), proposal.person, words)
