"""Answer 503 when the database or the disk is full, read-only or unreachable.

The page says what is wrong and shows the submitted text. Rules and views need no code for this. A view that can show
its own form again uses school.save_errors.report_if_not_saved.
"""

from __future__ import annotations

import errno
import logging
import re
import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template.loader import render_to_string
from django.urls import reverse

from operations import logs

SESSION_KEY = re.compile(r"[0-9a-z]{32}")
RETRY_AFTER = 30  # seconds, for the Retry-After header
# SQLite errors that may pass; others, such as "no such table", are bugs.
SQLITE_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
PRIMARY = 0xFF  # mask for the primary part of SQLite's extended error codes
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
READ_ONLY = "25006"  # PostgreSQL's code for a read-only server
# Pages whose fields may be secrets: their submitted text is never shown.
SECRET_PAGES = ("/account/", "/sign-in/", "/setup/", "/admin/")
END_SECONDS = 300  # how long to try to delete a session; an undeleted one expires twelve hours after its last use
END_PAUSE = 5.0  # seconds between two tries
MAX_SESSIONS_TO_END = 1000  # sessions remembered while the database cannot delete them
logger = logging.getLogger(__name__)


def is_unavailable(error: BaseException | None) -> bool:
    """Return whether the database or the disk caused the error, so that trying again may help. False for bugs."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            code = getattr(error.__cause__, "sqlite_errorcode", None)
            return code is None or code & PRIMARY in SQLITE_UNAVAILABLE
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            return True
        if getattr(error, "sqlstate", None) == READ_ONLY:
            return True
        error = error.__cause__
    return False


@dataclass(frozen=True)
class SubmittedForm:
    """The fields of a submitted form. The page shows those with several words, and sends all of them again."""

    visible_fields: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    whole: bool  # False if files are missing, so that these fields are not the whole form


def submitted_form(request: HttpRequest) -> SubmittedForm | None:
    """Return what the user submitted. Return None for a form from another site and for pages with secrets."""
    if request.method != "POST" or request.path.startswith(SECRET_PAGES) or not _is_ours(request):
        return None
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, str(value)) for name, value in fields if name != "csrfmiddlewaretoken"]
    shown = [(name, value) for name, value in fields if len(value.split()) > 1]
    hidden = [field for field in fields if field not in shown]
    return SubmittedForm(shown, hidden, whole=not request.FILES)


def _is_ours(request: HttpRequest) -> bool:
    """Return whether the form came from our own pages.

    Perhaps Django had not checked that before the error. The token may be older than the current sign-in, so the Origin
    header counts first; other sites cannot forge it.
    """
    try:
        return _CsrfCheck(lambda _request: HttpResponse()).is_ours(request)
    except (OSError, ValueError, Error):  # the body cannot be read
        return False


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own CSRF check, without its error page."""

    def is_ours(self, request: HttpRequest) -> bool:
        """Accept a matching Origin header, which browsers always send with forms; otherwise check the token."""
        if "Origin" in request.headers and self._origin_verified(request):  # type: ignore[attr-defined]
            return True
        return self.process_view(request, unavailable_page, (), {}) is None

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(status=403)


def unavailable_page(request: HttpRequest, *, body_dropped: bool = False) -> HttpResponse:
    """Return the 503 page: what failed, the submitted text, and a button to try again. Uses no database.

    A request whose body was dropped (connections.BODY_DROPPED) has no fields to read.
    """
    is_sign_out = (
        not body_dropped and request.method == "POST" and request.path == reverse("sign-out") and _is_ours(request)
    )
    context: dict[str, Any] = {
        "number": logs.request_id.get(),
        "changing": request.method == "POST",
        "signed_out": is_sign_out,
        "body_dropped": body_dropped,
        "typed": None if is_sign_out or body_dropped else submitted_form(request),
        "csrf_token": get_token(request),
    }
    response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "private, no-store"
    if is_sign_out:
        _end_session(request, response)
    return response


def _end_session(request: HttpRequest, response: HttpResponse) -> None:
    """Delete the cookie at once, and the session in the database as soon as possible."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    if SESSION_KEY.fullmatch(key):
        sessions_to_end.add(key)


class SessionsToEnd:
    """Sessions that could not be deleted yet. While there are any, a thread tries again."""

    def __init__(self) -> None:
        self.until: dict[str, float] = {}  # when to give up, by session key
        self.lock = threading.Lock()

    def add(self, key: str) -> None:
        """Add a session, unless the list is full."""
        with self.lock:
            if len(self.until) >= MAX_SESSIONS_TO_END:
                return
            is_first = not self.until
            self.until.setdefault(key, time.monotonic() + END_SECONDS)
        if is_first:
            threading.Thread(target=self._run, name="sessions-to-end", daemon=True).start()

    def _run(self) -> None:
        while self._delete_all():
            time.sleep(END_PAUSE)

    def _delete_all(self) -> bool:
        """Try to delete them all. Return whether any are left."""
        with self.lock:
            keys = list(self.until)
        try:
            Session.objects.filter(session_key__in=keys).delete()
        except (Error, OSError):
            keys = [key for key in keys if self.until[key] < time.monotonic()]
            if keys:
                logger.error("could not delete the session of a sign-out within five minutes")
        finally:
            connections.close_all()
        with self.lock:
            for key in keys:
                del self.until[key]
            return bool(self.until)


sessions_to_end = SessionsToEnd()
