"""Error pages in plain words. They show submitted text to its author only, and never log it."""

from __future__ import annotations

import sys

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from observations.words import copies
from operations import logs

from . import unavailable


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form that was open too long or came from another site. A form of our own can be sent
    again from the error page.

    People who are signed out are sent to sign in, except when their text exists only in this request: then the page
    shows it.
    """
    typed = unavailable.submitted_form(request)
    signed_out = typed is not None and _must_sign_in(request)
    exists_only_here = bool(
        typed and typed.visible_fields and not request.POST.get(copies.FIELD)
    )  # no copy in the browser
    if signed_out and not exists_only_here:
        return redirect_to_login(request.get_full_path())
    context = {"expired": True, "typed": typed, "signed_out": signed_out}
    response = render(request, "403.html", context, status=403)
    response["Cache-Control"] = "private, no-store"
    return response


def _must_sign_in(request: HttpRequest) -> bool:
    match = request.resolver_match
    return not request.user.is_authenticated and getattr(match and match.func, "login_required", True)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that an error happened, with the request id, by which it can be found in the log.

    Use no database: it may be down.
    """
    if unavailable.is_unavailable(sys.exc_info()[1]):
        return unavailable.unavailable_page(request)
    context = {"number": logs.request_id.get(), "typed": unavailable.submitted_form(request)}
    return HttpResponse(render_to_string("500.html", context), status=500)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that none of our pages would send. Use no database."""
    return HttpResponse(render_to_string("400.html"), status=400)
