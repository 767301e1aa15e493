"""The errors of rules. Each has one plain sentence for the person who acted."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class RuleError(Exception):
    """A rule refuses an action. The text says why, or what to do instead."""


class NotAllowedError(RuleError, PermissionDenied):
    """The acting person may see this but not do it. If no view catches the error, Django returns its 403 page."""
