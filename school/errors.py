"""The named errors of rules: each carries one plain sentence for the person who acted."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class RuleError(Exception):
    """A rule of the school says no; the text says what to do instead."""


class NotAllowedError(RuleError, PermissionDenied):
    """The acting person may see this but not do it. A view that does not catch it answers with Django's 403 page."""
