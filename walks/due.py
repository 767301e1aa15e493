"""Which reminders a walk owes and when they are due; the words are in reminder_mails."""

from __future__ import annotations

import datetime as dt

from .models import Walk


def after_request(walk: Walk, *, now: dt.datetime) -> None:
    """Deciders hear at 07:30 of a school day about requests that wait for over a day."""


def after_approval(walk: Walk, *, now: dt.datetime) -> None:
    """The walker hears on the morning of the walk, and once if the slot slipped."""


def after_finish(walk: Walk, *, now: dt.datetime) -> None:
    """The three praise reminders: at finish, 4 hours before the mark, a school day after it."""


def forget(walk: Walk, *, now: dt.datetime) -> None:
    """Nothing is due any more for this walk."""
