"""The shared cache for the limits of sign-in. It raises an error when the database cannot write."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError

PROBE_SECONDS = 5  # how long the entry stays that tests whether the table takes writes


class StrictDatabaseCache(DatabaseCache):
    """Raise when `add` fails because of a database error.

    Django's cache swallows the error and returns False, as if the key existed. allauth would then wait for its lock in
    vain, and refuse the sign-in as if there had been too many.
    """

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Return whether the key was added. Raise OperationalError when the table takes no writes."""
        added = super().add(key, value, timeout, version)
        if not added and self.get(key, version=version) is None and not self._takes_writes():
            raise OperationalError("the cache table takes no writes")
        return added

    def _takes_writes(self) -> bool:
        probe = f"probe:{secrets.token_hex(8)}"
        self.set(probe, True, PROBE_SECONDS)
        return bool(self.get(probe))
