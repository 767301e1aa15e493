"""Sessions end 12 hours after their last use, and after a week at most. Expired ones are deleted.

Session data is encoded, so the code that looks for a person has to decode every session. That takes less than a second
for 5,000 sessions, and happens only when a person leaves, is erased, or ends their other sign-ins.
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
from school.people.mentions import Mentions

MAX_AGE = dt.timedelta(days=7)
RENEW_AFTER = dt.timedelta(minutes=5)  # the least time between two writes, so that most page views write nothing
HEALTH_CHECK_PATHS = ("/healthz", "/readyz", "/metrics")
SIGNED_IN_AT = "signed_in_at"
RENEWED_AT = "renewed_at"
# The session key under which allauth stores a half-done sign-in: it waits for a second step or a mailed code.
HALF_DONE = "account_login"
MESSAGES = SessionStorage.session_key


class TolerantSessionMiddleware(SessionMiddleware):
    """Serve pages even if the session cannot be saved, for example on a full disk."""

    def process_request(self, request: HttpRequest) -> None:
        """Drop the session cookie for health checks, so that they work without the database."""
        if request.path in HEALTH_CHECK_PATHS:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Return the page if the session could not be saved. Raise, as Django does, if the session was deleted."""
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
            if is_too_old(request.session, now=timezone.now()):
                logout(request)
            else:
                renew(request.session, now=timezone.now())
        return self.get_response(request)


def _rename_backend(session: SessionBase) -> None:
    """Keep sessions valid that began before sign-in moved to `accounts`. Remove in 0.5.0."""
    if session.get(BACKEND_SESSION_KEY) == "learningwalks.auth.PersonBackend":
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]


def is_too_old(session: SessionBase, *, now: dt.datetime) -> bool:
    """Whether the person signed in more than a week ago."""
    return bool(now.timestamp() - session.get(SIGNED_IN_AT, now.timestamp()) >= MAX_AGE.total_seconds())


def renew(session: SessionBase, *, now: dt.datetime) -> None:
    """Store the time of use, at most every five minutes. The first call also stores the time of sign-in."""
    moment = int(now.timestamp())
    if moment - session.get(RENEWED_AT, 0) >= RENEW_AFTER.total_seconds():
        session.setdefault(SIGNED_IN_AT, moment)
        session[RENEWED_AT] = moment


@transaction.atomic
def delete_expired_sessions(*, now: dt.datetime) -> None:
    """Delete expired sessions and the device records that belong to them."""
    Session.objects.filter(expire_date__lt=now).delete()
    devices = UserSession.objects.filter(created_at__lt=now - dt.timedelta(days=1))
    devices.exclude(session_key__in=Session.objects.values("session_key")).delete()


def delete_expired_rate_limits(*, now: dt.datetime) -> None:
    """Delete expired rate-limit counts, which contain network addresses.

    Django itself deletes them only when the same key is read again, or when the table holds 50,000.
    """
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [moment])  # noqa: S608 (the name is in our settings)


def end_half_done(person: Person) -> None:
    """End the person's sign-ins that wait for a second step or a mailed code. They are not in the list of devices."""
    for session in Session.objects.iterator():
        if _is_half_done_by(session.get_decoded(), person):
            session.delete()


def password_changed(user: Person, **_: Any) -> None:
    """End half-done sign-ins; allauth itself ends only the sessions."""
    end_half_done(user)


@transaction.atomic
def erase(person: Person, *, mentions: Mentions, full_mentions: Mentions) -> None:
    """End every session of the person, and remove what names them from other people's sessions.

    A message is removed if it contains either name or the address (`mentions`). Any other value is removed only if it
    contains the full name or the address (`full_mentions`), so that people with the same first name stay signed in.
    """
    for found in Session.objects.iterator():
        data = found.get_decoded()
        if _without_person(data, person, mentions, full_mentions) == data:
            continue
        session = Session.objects.select_for_update().filter(pk=found.pk).first()
        if session is None:
            continue
        kept = _without_person(session.get_decoded(), person, mentions, full_mentions)
        if kept is None:
            session.delete()
        else:
            session.session_data = SessionStore().encode(kept)
            session.save(update_fields=["session_data"])


def _is_half_done_by(data: dict[str, Any], person: Person) -> bool:
    sign_in = data.get(HALF_DONE)
    if not isinstance(sign_in, dict):
        return False
    address = str(sign_in.get("email") or "")
    is_theirs = sign_in.get("user_pk") == user_pk_to_url_str(person)
    return is_theirs or bool(address and address.casefold() == (person.email or "").casefold())


def _without_person(
    data: dict[str, Any], person: Person, mentions: Mentions, full_mentions: Mentions
) -> dict[str, Any] | None:
    """Return the session data without the person; None if the session is theirs, or is anonymous and names them."""
    if data.get(SESSION_KEY) == str(person.pk) or _is_half_done_by(data, person):
        return None
    kept = {
        key: value for key, value in data.items() if _is_not_searched(key) or not _mentions_person(value, full_mentions)
    }
    if len(kept) < len(data) and SESSION_KEY not in data:
        return None
    if MESSAGES in kept:
        kept[MESSAGES] = _other_messages(kept[MESSAGES], mentions)
    return kept


def _is_not_searched(key: str) -> bool:
    """Whether to keep a value without searching it for names.

    Messages are searched one by one later. Django's own sign-in keys contain no names, but may match by chance.
    """
    return key == MESSAGES or key.startswith("_auth_user_")


def _mentions_person(value: object, mentions: Mentions) -> bool:
    """Whether any text in the value mentions the person."""
    if isinstance(value, dict):
        return any(_mentions_person(part, mentions) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_mentions_person(part, mentions) for part in value)
    return isinstance(value, str) and mentions(value)


def _other_messages(encoded: str, mentions: Mentions) -> str:
    """Return the encoded messages without those that mention the person."""
    shown = json.loads(encoded, cls=MessageDecoder)
    kept = [message for message in shown if not mentions(str(message.message))]
    if len(kept) == len(shown):
        return encoded
    return json.dumps(kept, cls=MessageEncoder)
