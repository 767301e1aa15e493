"""Whether this is the demo: pages that everybody may open are open only while no real school lives here."""

from __future__ import annotations

from django.conf import settings

from .models import School

NAME = "Maple Hill School"


def has_real_school() -> bool:
    """Whether there is any school besides the demo's."""
    return School.objects.exclude(name=NAME).exists()


def is_open() -> bool:
    """Whether the demo's doors are open: asked anew every time, because a real school may be added at any moment."""
    return settings.DEMO and not has_real_school()
