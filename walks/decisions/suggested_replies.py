"""Sentences with which a Head can ask for a change, those that suit the request first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..content import BLANK, CHANGE_REPLIES, Reply
from .requests_to_decide import RequestFinding

FULL = "full"  # the kind of clash of a full room


def replies_to(findings: Iterable[RequestFinding]) -> list[str]:
    """Return the sentences. The number of a full room is filled in; what is asked for stays blank."""
    clashes = {finding.kind: finding for finding in findings}
    suiting_first = sorted(CHANGE_REPLIES, key=lambda reply: reply.kind not in clashes)
    return [_with_full_room(reply, clashes) for reply in suiting_first]


def _with_full_room(reply: Reply, clashes: Mapping[str, RequestFinding]) -> str:
    words = str(reply.words)
    if reply.kind == FULL and FULL in clashes:
        return words.replace(BLANK, clashes[FULL].room, 1)
    return words
