"""What can go wrong with a walk, each as one sentence that says what to do."""

from __future__ import annotations

from school.errors import RuleError


class AlreadyDecidedError(RuleError):
    """Somebody else acted first; the sentence names who and when."""


class TimePassedError(RuleError):
    """The planned end of the walk has passed, so nobody can agree to it any more."""


class FilledUpError(RuleError):
    """A room became full or closed since the planner was drawn; the sentence names it."""


class NotReadyError(RuleError):
    """The plan still has something to fix; the sentence says what."""
