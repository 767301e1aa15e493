"""Sessions end 12 hours after their last use, and after a week at most. Expired ones are deleted.

Session data is encoded, so finding what names a person means decoding every session. That takes less than a second for
5,000 of them, and happens only when a person leaves, is erased, or ends their other sign-ins.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, logout
from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from school.models import Person
from school.people.naming import Naming

LONGEST = dt.timedelta(days=7)
RENEW_AFTER = dt.timedelta(minutes=5)  # between two writes, so that most page views write nothing
ASKED_BY_MACHINES = ("/healthz", "/readyz", "/metrics")
SIGNED_IN_AT = "signed_in_at"
RENEWED_AT = "renewed_at"
HALF_DONE = "account_login"  # session key under which allauth keeps a sign-in that waits for a second step or a code
MESSAGES = SessionStorage.session_key


class KeepReadingMiddleware(SessionMiddleware):
    """Serve pages even if the session cannot be saved, for example on a full disk."""

    def process_request(self, request: HttpRequest) -> None:
        """Drop the session cookie for health checks, so that they work without the database."""
        if request.path in ASKED_BY_MACHINES:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Return the page if saving the session failed; raise, as Django does, if the session was deleted meanwhile."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            if not request.session.exists(request.session.session_key or ""):
                raise
            patch_vary_headers(response, ("Cookie",))
            return response


class SessionAgeMiddleware:
    """Renew the session of an active person (SESSION_COOKIE_AGE counts from then); end it after a week."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Check the age before the view runs, so that an expired session is treated as signed out."""
        _rename_backend(request.session)
        if request.user.is_authenticated:
            if too_old(request.session, now=timezone.now()):
                logout(request)
            else:
                renew(request.session, now=timezone.now())
        return self.get_response(request)


def _rename_backend(session: SessionBase) -> None:
    """Keep sessions valid that began before sign-in moved to `accounts`. Remove in 0.5.0."""
    if session.get(BACKEND_SESSION_KEY) == "learningwalks.auth.PersonBackend":
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]


def too_old(session: SessionBase, *, now: dt.datetime) -> bool:
    """Whether the person signed in more than a week ago."""
    return bool(now.timestamp() - session.get(SIGNED_IN_AT, now.timestamp()) >= LONGEST.total_seconds())


def renew(session: SessionBase, *, now: dt.datetime) -> None:
    """Store the time of use, at most every five minutes, and once the time of sign-in."""
    moment = int(now.timestamp())
    if moment - session.get(RENEWED_AT, 0) >= RENEW_AFTER.total_seconds():
        session.setdefault(SIGNED_IN_AT, moment)
        session[RENEWED_AT] = moment


@transaction.atomic
def clear(*, now: dt.datetime) -> None:
    """Delete expired sessions and the device records that belong to them."""
    Session.objects.filter(expire_date__lt=now).delete()
    noted = UserSession.objects.filter(created_at__lt=now - dt.timedelta(days=1))
    noted.exclude(session_key__in=Session.objects.values("session_key")).delete()


def clear_counts(*, now: dt.datetime) -> None:
    """Delete expired rate-limit counts, which contain network addresses.

    Django itself deletes them only when the same key is read again, or when the table holds 50,000.
    """
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    over = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [over])  # noqa: S608 (the name is from our settings)


def end_half_done(person: Person) -> None:
    """End the person's sign-ins that wait for a second step or a mailed code. No list of devices shows them."""
    for session in Session.objects.iterator():
        if _is_half_done_by(session.get_decoded(), person):
            session.delete()


def password_changed(user: Person, **_: Any) -> None:
    """End half-done sign-ins; allauth itself ends only the sessions."""
    end_half_done(user)


@transaction.atomic
def erase(person: Person, *, names: Naming, names_in_full: Naming) -> None:
    """End every session of the person, and remove what names them from other people's sessions.

    Messages are removed if they contain either name or the address (`names`). Other values are removed only if they
    contain the full name or the address (`names_in_full`), so that a person of the same name is not signed out.
    """
    for found in Session.objects.iterator():
        data = found.get_decoded()
        if _erased(data, person, names, names_in_full) == data:
            continue
        session = Session.objects.select_for_update().filter(pk=found.pk).first()
        if session is None:
            continue
        left = _erased(session.get_decoded(), person, names, names_in_full)
        if left is None:
            session.delete()
        else:
            session.session_data = SessionStore().encode(left)
            session.save(update_fields=["session_data"])


def _is_half_done_by(data: dict[str, Any], person: Person) -> bool:
    sign_in = data.get(HALF_DONE)
    if not isinstance(sign_in, dict):
        return False
    address = str(sign_in.get("email") or "")
    is_theirs = sign_in.get("user_pk") == user_pk_to_url_str(person)
    return is_theirs or address.casefold() == person.email.casefold()


def _erased(data: dict[str, Any], person: Person, names: Naming, names_in_full: Naming) -> dict[str, Any] | None:
    """Return the session data without the person; None if the session is theirs, or is anonymous and names them."""
    if data.get(SESSION_KEY) == str(person.pk) or _is_half_done_by(data, person):
        return None
    left = {key: value for key, value in data.items() if _stays(key) or not _holds(value, names_in_full)}
    if len(left) < len(data) and SESSION_KEY not in data:
        return None
    if MESSAGES in left:
        left[MESSAGES] = _without_naming(left[MESSAGES], names)
    return left


def _stays(key: str) -> bool:
    """Keep messages (checked one by one later) and Django's own sign-in keys, which hold no names but may match by
    chance.
    """
    return key == MESSAGES or key.startswith("_auth_user_")


def _holds(value: object, names: Naming) -> bool:
    """Whether any text in the value names the person."""
    if isinstance(value, dict):
        return any(_holds(part, names) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_holds(part, names) for part in value)
    return isinstance(value, str) and names(value)


def _without_naming(encoded: str, names: Naming) -> str:
    shown = json.loads(encoded, cls=MessageDecoder)
    kept = [message for message in shown if not names(str(message.message))]
    return encoded if len(kept) == len(shown) else json.dumps(kept, cls=MessageEncoder)
