"""How long one stays signed in: 12 hours after the last use, a week at most. What is over is cleared away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

LONGEST = dt.timedelta(days=7)
RENEW_AFTER = dt.timedelta(minutes=5)  # between two writes, so that reading pages is not writing
SIGNED_IN_AT, RENEWED_AT = "signed_in_at", "renewed_at"


class KeepReadingMiddleware(SessionMiddleware):
    """Sessions, and pages that can be read while nothing can be written: a full disk must not take them away."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leave a session as it was when it cannot be kept; one that is gone meanwhile is over, as Django says."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            if not request.session.exists(request.session.session_key or ""):
                raise
            patch_vary_headers(response, ("Cookie",))
            return response


class SessionAgeMiddleware:
    """Renew the session of somebody who is here (SESSION_COOKIE_AGE counts from then); end it after a week."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Ask before any page is chosen, so that an ended session is a stranger's request."""
        if request.user.is_authenticated:
            if too_old(request.session, now=timezone.now()):
                logout(request)
            else:
                renew(request.session, now=timezone.now())
        return self.get_response(request)


def too_old(session: SessionBase, *, now: dt.datetime) -> bool:
    """Whether the person signed in more than a week ago."""
    return bool(now.timestamp() - session.get(SIGNED_IN_AT, now.timestamp()) >= LONGEST.total_seconds())


def renew(session: SessionBase, *, now: dt.datetime) -> None:
    """Write down when it was used, at most every five minutes; the first time also when it began."""
    moment = int(now.timestamp())
    if moment - session.get(RENEWED_AT, 0) >= RENEW_AFTER.total_seconds():
        session.setdefault(SIGNED_IN_AT, moment)
        session[RENEWED_AT] = moment


@transaction.atomic
def clear(*, now: dt.datetime) -> None:
    """Forget sessions that are over, and what was noted about their devices."""
    Session.objects.filter(expire_date__lt=now).delete()
    noted = UserSession.objects.filter(created_at__lt=now - dt.timedelta(days=1))
    noted.exclude(session_key__in=Session.objects.values("session_key")).delete()


def clear_counts(*, now: dt.datetime) -> None:
    """Forget counts of sign-ins, with the network addresses they are of, whose time is over.

    Django itself forgets them only when the same count is asked for again, or when 50,000 are kept.
    """
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    over = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [over])  # noqa: S608 (the name is of our settings)
