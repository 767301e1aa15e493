"""Planning a walk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def new(request: HttpRequest) -> HttpResponse:
    """Plan a walk."""
    return HttpResponse()


def edit(request: HttpRequest, walk_id: int) -> HttpResponse:
    """Change a plan."""
    return HttpResponse()
