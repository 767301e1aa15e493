"""allauth's adapter: by invitation only, and links that always carry our own address."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves; the school adds its people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: people are invited."""
        return False

    def build_absolute_url(self, path: str) -> str:
        """A link for a mail: always the configured site, never the request's Host header."""
        return f"{settings.SITE_URL}{path}"
