"""Small middlewares: whole requests, the school's clock, private pages, only buttons, second factor, conflicts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.sessions import ASKED_BY_MACHINES
from operations.web.connections import CUT, UNREADABLE
from school import demo, not_saved
from school.models import Person

from .views.error_pages import bad_request
from .views.unavailable import unavailable_page

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class WholeRequestsMiddleware:
    """A request that is damaged or did not find room gets a page, before anything reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400 or 503."""
        if request.META.get(UNREADABLE):
            return bad_request(request)
        if request.META.get(CUT):
            return unavailable_page(request, cut=True)
        return self.get_response(request)


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
        """Mark the answer private unless it is public. What machines ask for is never kept either."""
        response = self.get_response(request)
        if request.user.is_authenticated or request.path in ASKED_BY_MACHINES:
            response["Cache-Control"] = "private, no-store"
        return response


class OnlyAButtonMiddleware:
    """An address that only a button leads to, opened as a page (a tab that was opened again), is told in words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give an empty 405 our own page; which methods are allowed stays in its header."""
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class AdministratorMfaMiddleware:
    """Outside the demo, administrators set up a second factor before they go on."""

    # What stays open without it: setting it up, proving who one is, leaving, and pages about nobody.
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
        """Send an administrator without a second factor to the page that sets it up."""
        if self._must_set_up(request):
            messages.info(request, _("Administrators sign in with a second step. Set it up once, then go on."))
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _must_set_up(self, request: HttpRequest) -> bool:
        person = request.user
        if not isinstance(person, Person) or not (person.is_administrator or person.is_staff):
            return False
        if request.path.startswith(self.OPEN) or not self._required():
            return False
        return not is_mfa_enabled(person)

    def _required(self) -> bool:
        """As set; the demo's exemption ends where a real school is."""
        return settings.ADMINISTRATOR_MFA or (settings.DEMO and demo.has_real_school())


class ConflictMiddleware:
    """Run a form once more when the database gave it up for another one that was sent in the same moment.

    That is safe, because a form that arrives twice makes what it makes once, and a transaction that was given up has
    left nothing. A second conflict is an error of the database like others (unavailable.py).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say to the rules whether a conflict is worth another try."""
        token = not_saved.is_last_try.set(request.method != "POST")
        try:
            return self.get_response(request)
        finally:
            not_saved.is_last_try.reset(token)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Try once more; any other error goes its way."""
        if request.method != "POST" or not not_saved.is_conflict(exception):
            return None
        logger.warning("two changes met in the database; trying once more")
        token = not_saved.is_last_try.set(True)
        try:
            return self._again(request)
        finally:
            not_saved.is_last_try.reset(token)

    def _again(self, request: HttpRequest) -> HttpResponse:
        for files in request.FILES.lists():
            for file in files[1]:
                file.seek(0)
        assert request.resolver_match is not None
        view, args, kwargs = request.resolver_match
        response: HttpResponse = view(request, *args, **kwargs)
        return response.render() if isinstance(response, SimpleTemplateResponse) else response
