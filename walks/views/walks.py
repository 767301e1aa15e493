"""My walks, one walk, and what its walker may do with it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def walk_list(request: HttpRequest) -> HttpResponse:
    """My walks."""
    return HttpResponse()


def detail(request: HttpRequest, walk_id: int) -> HttpResponse:
    """One walk."""
    return HttpResponse()


cancel = take_back = reply = accept = detail
