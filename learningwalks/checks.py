"""Django's system checks of our own: said by migrate, check and whatever else asks for them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register
def variables_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A misspelt variable would be as good as not set, without a word."""
    return [Warning(sentence, id="learningwalks.W001") for sentence in settings.UNKNOWN_VARIABLES]
