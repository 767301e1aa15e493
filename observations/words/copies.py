"""A phone keeps a copy of typed words until the server confirms that it stored exactly these words.

A script gives each copy an id that changes with the words, and sends it with the form (static/js/autosave.js).
When the words are stored, the response returns the id in a cookie, which the script of any next page can read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FIELD = "copy"
COOKIE = "lw-kept"
COOKIE_SECONDS = 600
ID = re.compile(r"[0-9a-z]{8,40}")
GetResponse = Callable[[HttpRequest], HttpResponse]


def mark_kept(request: HttpRequest, key: str) -> None:
    """Remember for the response that the words of this form are stored. `key` is the form's data-autosave-key."""
    copy = request.POST.get(FIELD, "")
    if ID.fullmatch(copy):
        request.kept_copy = f"{key}.{copy}"  # type: ignore[attr-defined]


class KeptCopyMiddleware:
    """Tell the script which copy is stored."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the cookie to the response. A save during typing needs none, because the script reads the status."""
        response = self.get_response(request)
        kept = getattr(request, "kept_copy", "")
        if kept and not request.headers.get("X-Autosave"):
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(COOKIE, kept, max_age=COOKIE_SECONDS, secure=secure, samesite="Lax")
        return response
