"""What is said by mail about a walk, to whom and when. How it gets out is notifications' business."""

from __future__ import annotations

import datetime as dt

from .models import Walk


def requested(walk: Walk, *, now: dt.datetime) -> None:
    """To each decider: somebody would like to walk."""


def agreement_withdrawn(walk: Walk, *, now: dt.datetime) -> None:
    """To everybody told before: the time or rooms changed, it is being agreed anew (calendar CANCEL)."""


def replied(walk: Walk, *, words: str, now: dt.datetime) -> None:
    """To the Head who asked: the walker answers."""


def approved(walk: Walk, *, now: dt.datetime, adjusted_words: str | None) -> None:
    """To the walker: agreed, perhaps with one change; a calendar invitation comes with it."""


def hosts_told(walk: Walk, *, now: dt.datetime) -> None:
    """To each host of an announced walk: somebody drops by."""


def cover_told(walk: Walk, *, now: dt.datetime) -> None:
    """To the colleague who covers."""


def change_asked(walk: Walk, *, words: str, now: dt.datetime) -> None:
    """To the walker: the Head of Grade asks for a change."""


def cancelled(walk: Walk, *, now: dt.datetime, told_before: bool) -> None:
    """To everybody told before: the walk is off (calendar CANCEL)."""


def completed(walk: Walk, *, now: dt.datetime) -> None:
    """To the walker: that's your walk, done."""
