"""The shared cache of sign-in limits, which says so when nothing can be written."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError

PROBE_SECONDS = 5


class StrictDatabaseCache(DatabaseCache):
    """Django's, which takes an error while writing for "somebody else was first".

    A sign-in would wait for its turn, and then be refused as one of too many.
    """

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Whether it was written. Raises OperationalError when the table takes nothing."""
        added = super().add(key, value, timeout, version)
        if not added and self.get(key, version=version) is None and not self._takes_writes():
            raise OperationalError("the cache table takes no writes")
        return added

    def _takes_writes(self) -> bool:
        probe = f"probe:{secrets.token_hex(8)}"
        self.set(probe, True, PROBE_SECONDS)
        return bool(self.get(probe))
