"""Types of views: the request of a signed-in person, and a view."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from .models import Person

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request whose `user` is a person of the school (LoginRequiredMiddleware lets no other through)."""

    user: Person  # type: ignore[assignment]
    waiting: int  # set by a page that has counted the requests to decide, for the badge (shell.py)
