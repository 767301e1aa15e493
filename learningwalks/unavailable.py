"""A request that met a database or a disk that takes nothing: full, read-only, or away.

Such an error leaves a page (503) that says so and still holds what was typed. Rules and views need no code for it.
A view that can show its own form again does that with school.saving.saved_or_said.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template.loader import render_to_string
from django.urls import reverse

from . import logs

RETRY_AFTER = 30  # seconds, told to browsers and programs
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
READ_ONLY = "25006"  # PostgreSQL's code for a server that only reads just now
# Pages whose fields are secrets or lead to somebody's account: nothing of them is shown back.
SECRET_PAGES = ("/account/", "/sign-in/", "/setup/", "/admin/")
END_TRIES = 60
END_PAUSE = 5.0  # seconds between two tries to end a session
logger = logging.getLogger(__name__)


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the database or the disk is the reason, and trying again may help; a fault of the product is not."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        if getattr(error, "sqlstate", None) == READ_ONLY:
            return True
        error = error.__cause__
    return False


@dataclass(frozen=True)
class Typed:
    """The fields of a form that was sent: those with words are shown, the others are only sent again."""

    shown: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    whole: bool  # whether sending these again is the same as sending the form again


def typed(request: HttpRequest) -> Typed | None:
    """What was typed, for its own author only: a form that came from another site shows nothing."""
    if request.method != "POST" or request.path.startswith(SECRET_PAGES) or not _is_ours(request):
        return None
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, str(value)) for name, value in fields if name != "csrfmiddlewaretoken"]
    shown = [(name, value) for name, value in fields if len(value.split()) > 1]
    hidden = [field for field in fields if field not in shown]
    return Typed(shown, hidden, whole=not request.FILES)


def _is_ours(request: HttpRequest) -> bool:
    """Whether the form carries its token. The error may have come before Django looked at it."""
    try:
        return CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(request, page, (), {}) is None
    except (OSError, ValueError, Error):  # its body cannot be read (any more)
        return False


def page(request: HttpRequest) -> HttpResponse:
    """What is so, what was typed, and a button to try again. Needs no database."""
    leaving = request.method == "POST" and request.path == reverse("sign-out") and _is_ours(request)
    context: dict[str, Any] = {
        "number": logs.request_id.get(),
        "changing": request.method == "POST",
        "signed_out": leaving,
        "typed": None if leaving else typed(request),
        "csrf_token": get_token(request),
    }
    response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "private, no-store"
    if leaving:
        _forget(request, response)
    return response


def _forget(request: HttpRequest, response: HttpResponse) -> None:
    """The browser forgets the session at once; the database, where it cannot be ended now, as soon as it can."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    if key:
        threading.Thread(target=_end_session, args=(key,), daemon=True).start()


def _end_session(key: str) -> None:
    """Try for five minutes; then it ends by itself, twelve hours after its last use."""
    for _try in range(END_TRIES):
        with suppress(Error):
            Session.objects.filter(session_key=key).delete()
            connections.close_all()
            return
        connections.close_all()
        time.sleep(END_PAUSE)
    logger.error("somebody signed out, but the database did not take it for five minutes")
