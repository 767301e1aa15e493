"""The version of a school's directory."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F


class VersionField(models.BigIntegerField):  # type: ignore[type-arg]
    """A number that only triggers write. Saving a school keeps the stored one, because a page may hold an older one."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return the number of a new school, or the column itself."""
        return super().pre_save(model_instance, add) if add else F(self.attname)
