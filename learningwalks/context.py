"""What every page needs: the school's name, the navigation and its badges."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the page shell."""
    return {"demo": settings.DEMO}
