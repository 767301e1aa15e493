"""Middleware: unusable requests, the school's time zone, caching, 405 pages, second steps, database conflicts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from accounts.sessions import HEALTH_CHECK_PATHS
from accounts.views import second_step
from operations.web.connections import BODY_DROPPED, UNREADABLE
from school import save_errors
from school.models import Person

from .views.error_pages import bad_request
from .views.unavailable import unavailable_page

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class UnusableRequestsMiddleware:
    """Answer a malformed request (400), or one whose body could not be stored (503), before anything reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get(UNREADABLE):
            return bad_request(request)
        if request.META.get(BODY_DROPPED):
            return unavailable_page(request, body_dropped=True)
        return self.get_response(request)


class SchoolTimeMiddleware:
    """Show times in the school's time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        school = getattr(request.user, "school", None)
        with timezone.override(school.zone if school else None):
            return self.get_response(request)


class PrivatePagesMiddleware:
    """Let no browser cache private pages. On a shared computer, the Back button then shows none after sign-out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark responses private if a person is signed in. Health checks must not be cached either."""
        response = self.get_response(request)
        if request.user.is_authenticated or request.path in HEALTH_CHECK_PATHS:
            response["Cache-Control"] = "private, no-store"
        return response


class MethodNotAllowedPageMiddleware:
    """Explain in a page that a URL accepts only POST. People get there when a browser restores a tab."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Replace an empty 405 response with our page, and keep its Allow header."""
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class AdministratorMfaMiddleware:
    """Outside the demo, let administrators continue only after they have set up a second step for sign-in."""

    # Pages that are open without a second step: its set-up, sign-in, sign-out, and pages without personal data.
    OPEN = (
        "/account/",
        "/sign-in/",
        "/sign-out/",
        "/static/",
        "/help/",
        "/privacy/",
        "/healthz",
        "/readyz",
        "/metrics",
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_set_up(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _must_set_up(self, request: HttpRequest) -> bool:
        person = request.user
        if not isinstance(person, Person) or request.path.startswith(self.OPEN):
            return False
        return second_step.is_required_of(person) and not is_mfa_enabled(person)


class ConflictMiddleware:
    """Run a POST again if the database rolled it back because of a concurrent transaction.

    That is safe, because the rolled-back transaction changed nothing, and a form that arrives twice takes effect once.
    A second conflict is treated like any other database error (unavailable.py).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Tell rules through `is_last_try` whether this middleware will try again after a conflict."""
        token = save_errors.is_last_try.set(request.method != "POST")
        try:
            return self.get_response(request)
        finally:
            save_errors.is_last_try.reset(token)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Retry once after a conflict; leave any other error alone."""
        if request.method != "POST" or not save_errors.is_conflict(exception):
            return None
        logger.warning("two transactions conflicted in the database; the request runs again")
        token = save_errors.is_last_try.set(True)
        try:
            return self._run_again(request)
        finally:
            save_errors.is_last_try.reset(token)

    def _run_again(self, request: HttpRequest) -> HttpResponse:
        for _name, files in request.FILES.lists():
            for file in files:
                file.seek(0)
        assert request.resolver_match is not None
        view, args, kwargs = request.resolver_match
        response: HttpResponse = view(request, *args, **kwargs)
        return response.render() if isinstance(response, SimpleTemplateResponse) else response
