"""Errors about walks. Each message is a sentence for the user that says what to do."""

from __future__ import annotations

from school.errors import RuleError


class AlreadyDecidedError(RuleError):
    """Another person acted first; the message says who and when."""


class TimePassedError(RuleError):
    """The planned end has passed, so it is too late for this action."""


class NewClashError(RuleError):
    """A new clash came up after the page was shown, for example a full room; the message describes it."""


class NotReadyError(RuleError):
    """The plan cannot be saved or sent; the message says what to change."""
