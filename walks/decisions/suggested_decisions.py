"""One suggested decision for each request that has clashes, so that many can be approved with one click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from school.models import Person
from school.text.typed import whole_number

from ..planning.plan import Plan
from . import fair_cover
from .fair_cover import CoverProposal
from .requests_to_decide import PendingRequest


@dataclass(frozen=True)
class SuggestedDecision:
    """What one click approves: the plan and who covers. `words` say both."""

    plan: Plan
    cover: Person | None
    words: str

    @property
    def fingerprint(self) -> str:
        """Everything that the page showed, as one text. The form posts it, so that nothing else is approved."""
        walk = self.plan.walk
        assert walk is not None and self.plan.date is not None and self.plan.period is not None
        rooms = ",".join(str(pk) for pk in self.plan.room_ids)
        cover = self.cover.pk if self.cover else ""
        return f"{walk.pk}:{walk.calendar_sequence}:{self.plan.date}:{self.plan.period.pk}:{rooms}:{cover}"


@dataclass(frozen=True)
class RequestWithSuggestion:
    """A request, who is proposed to cover, and the suggested decision (None if only the decider can find one)."""

    request: PendingRequest
    proposed_cover: CoverProposal | None
    suggestion: SuggestedDecision | None


def suggest_decisions(
    requests: Iterable[PendingRequest], *, today: dt.date, shown_cover: Mapping[int, int] | None = None
) -> list[RequestWithSuggestion]:
    """Propose a cover and suggest a decision for each request. Nobody covers twice before everybody had a turn.

    `shown_cover`: whom the page proposed, by the id of the walk. These people are proposed again if they are still
    free, because the proposals depend on which other requests are in the list.
    """
    listed = list(requests)
    last_covered = fair_cover.last_covered({person for request in listed for person in request.free_colleagues})
    suggested = []
    for request in listed:
        proposal = None
        if request.needs_cover:
            shown = (shown_cover or {}).get(request.walk.pk)
            free = [person for person in request.free_colleagues if shown in (None, person.pk)]
            proposal = fair_cover.propose(free, walker=request.walk.walker, last_covered=last_covered, today=today)
        if proposal is not None:
            last_day = last_covered.get(proposal.person.pk, dt.date.min)
            last_covered[proposal.person.pk] = max(last_day, request.walk.date)
        suggested.append(RequestWithSuggestion(request, proposal, _suggestion(request, proposal)))
    return suggested


def walk_ids(fingerprints: Iterable[str]) -> list[int]:
    """Return the ids of the walks in these fingerprints."""
    numbers = [whole_number(fingerprint.split(":", 1)[0]) for fingerprint in fingerprints]
    return [number for number in numbers if number is not None]


def shown_cover(fingerprints: Iterable[str]) -> dict[int, int]:
    """Return the id of the person who covers, by the id of the walk."""
    parts = [fingerprint.split(":") for fingerprint in fingerprints]
    numbers = [(whole_number(part[0]), whole_number(part[-1])) for part in parts]
    return {walk: cover for walk, cover in numbers if walk is not None and cover is not None}


def _suggestion(request: PendingRequest, proposal: CoverProposal | None) -> SuggestedDecision | None:
    if request.reply or request.is_clear:
        return None
    if request.findings_besides_cover:
        if not request.ways_out:
            return None
        way_out = request.ways_out[0]
        return SuggestedDecision(replace(way_out.plan, walk=request.walk), None, way_out.words)
    if proposal is None:
        return None
    words = _("%(name)s covers") % {"name": proposal.person.full_name}
    return SuggestedDecision(replace(request.plan, walk=request.walk), proposal.person, words)
