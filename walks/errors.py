"""Errors about walks. The message is one sentence that says what to do."""

from __future__ import annotations

from school.errors import RuleError


class AlreadyDecidedError(RuleError):
    """Another person acted first; the message says who and when."""


class TimePassedError(RuleError):
    """The planned end has passed, so the walk can no longer be approved."""


class FilledUpError(RuleError):
    """A room became full or closed after the planner was shown; the message names it."""


class NotReadyError(RuleError):
    """The plan is incomplete or wrong; the message says what to fix."""
