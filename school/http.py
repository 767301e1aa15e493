"""The request of a signed-in person, as every page behind the sign-in gets it."""

from __future__ import annotations

from django.http import HttpRequest

from .models import Person


class SignedInRequest(HttpRequest):
    """A request whose `user` is a person of the school (LoginRequiredMiddleware lets no other through)."""

    user: Person  # type: ignore[assignment]
    waiting: int  # set by a page that has counted the requests to decide, for the badge (shell.py)
