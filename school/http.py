"""Types: the request of a signed-in person, and a view."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from .models import Person

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request whose `user` is a person of the school. LoginRequiredMiddleware refuses all others."""

    user: Person
    menu_entry: str  # the key of the page's entry in the menu (shell.py), if its address belongs to another one
    waiting: int  # requests to decide, for the badge (shell.py). Set only by pages that have counted them already.
