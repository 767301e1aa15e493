"""Error pages in plain words. They show what was typed to its author only, and none of them logs it."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from . import logs, unavailable


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere."""
    return render(request, "403.html", {"expired": True}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke on our side. The page needs no database: that may be what broke. Its number leads to the log."""
    if unavailable.is_unavailable(sys.exc_info()[1]):
        return unavailable.unavailable_page(request)
    context = {"number": logs.request_id.get(), "typed": unavailable.submitted_form(request)}
    return HttpResponse(render_to_string("500.html", context), status=500)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request no page of ours sends. The page needs no database."""
    return HttpResponse(render_to_string("400.html"), status=400)
