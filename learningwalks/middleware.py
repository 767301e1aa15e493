"""Small middlewares: the school's clock, private pages, second factor for administrators."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]


class SchoolTimeMiddleware:
    """Show times as the school's clock shows them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the zone of the person's school for this request."""
        school = getattr(request.user, "school", None)
        with timezone.override(school.zone if school else None):
            return self.get_response(request)


class PrivatePagesMiddleware:
    """Keep signed-in pages out of every cache, so that Back on a shared computer shows nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer private unless it is public."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
        return response


class AdministratorMfaMiddleware:
    """Outside the demo, administrators set up a second factor before they go on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Filled in with the sign-in pages."""
        return self.get_response(request)
