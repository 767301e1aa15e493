"""The named errors of rules: each carries one plain sentence for the person who acted."""

from __future__ import annotations


class RuleError(Exception):
    """A rule of the school says no; the text says what to do instead."""


class NotAllowedError(RuleError):
    """The acting person may see this, but it is not theirs to do."""
