"""How long one stays signed in: 12 hours after the last use, a week at most. What is over is cleared away.

A session's data is encoded, so what it says about a person is found only by decoding every session. For 5,000 of them
that takes less than a second, and it happens only when a person leaves, is erased, or ends their other sign-ins.
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
from school.naming import Naming

LONGEST = dt.timedelta(days=7)
RENEW_AFTER = dt.timedelta(minutes=5)  # between two writes, so that reading pages is not writing
ASKED_BY_MACHINES = ("/healthz", "/readyz", "/metrics")
SIGNED_IN_AT, RENEWED_AT = "signed_in_at", "renewed_at"
HALF_DONE = "account_login"  # where allauth keeps a sign-in that waits for its second step or for its mailed code
MESSAGES = SessionStorage.session_key


class KeepReadingMiddleware(SessionMiddleware):
    """Sessions, and pages that can be read while nothing can be written: a full disk must not take them away."""

    def process_request(self, request: HttpRequest) -> None:
        """Machines that ask whether the site is well get an answer without a session, which needs the database."""
        if request.path in ASKED_BY_MACHINES:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        super().process_request(request)

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
        _rename_backend(request.session)
        if request.user.is_authenticated:
            if too_old(request.session, now=timezone.now()):
                logout(request)
            else:
                renew(request.session, now=timezone.now())
        return self.get_response(request)


def _rename_backend(session: SessionBase) -> None:
    """A session that began before the sign-in moved to `accounts` stays valid. Can go a week after the update."""
    if session.get(BACKEND_SESSION_KEY) == "learningwalks.auth.PersonBackend":
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]


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


def end_half_done(person: Person) -> None:
    """End the person's sign-ins that wait for a second step or a mailed code: no list of devices shows them."""
    for session in Session.objects.iterator():
        if _is_half_done_by(session.get_decoded(), person):
            session.delete()


def password_changed(user: Person, **_: Any) -> None:
    """A new password also ends what is half done; allauth ends the sessions."""
    end_half_done(user)


@transaction.atomic
def erase(person: Person, *, names: Naming, names_in_full: Naming) -> None:
    """End every session of the person, and take what names them out of the sessions of others.

    `names` says whether a text names the person by either name or by address: messages that do are dropped.
    Anything else is dropped when it holds the full name or the address, so that a namesake is not signed out.
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
    """The session without the person; None when it is theirs, or a stranger's that names them."""
    if data.get(SESSION_KEY) == str(person.pk) or _is_half_done_by(data, person):
        return None
    left = {key: value for key, value in data.items() if _stays(key) or not _holds(value, names_in_full)}
    if len(left) < len(data) and SESSION_KEY not in data:
        return None
    if MESSAGES in left:
        left[MESSAGES] = _without_naming(left[MESSAGES], names)
    return left


def _stays(key: str) -> bool:
    """Messages are looked through one by one; Django's own keys of a sign-in hold no name, but any letters."""
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
