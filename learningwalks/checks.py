"""System checks of our own, run by `manage.py check`, `migrate` and others."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register
def variables_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn about misspelt environment variables, which would otherwise be ignored silently."""
    return [Warning(sentence, id="learningwalks.W001") for sentence in settings.UNKNOWN_VARIABLES]
