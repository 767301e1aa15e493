"""Give every request an id and write one log line: the person's id, the page's name, the status, the duration."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from . import logs

logger = logging.getLogger(__name__)
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}
HEALTH_CHECK_PATHS = {"healthz", "readyz", "metrics"}  # monitoring requests these every few seconds


class RequestLogMiddleware:
    """The outermost middleware, so that every line logged during the request has its id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the id first, and return it in X-Request-ID."""
        began = time.perf_counter()
        request_id = _from_proxy(request) or secrets.token_hex(6)
        token = logs.request_id.set(request_id)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            _write(request, response, round((time.perf_counter() - began) * 1000))
            return response
        finally:
            logs.request_id.reset(token)


def _from_proxy(request: HttpRequest) -> str:
    """Return the id that our own proxy set. Without a trusted proxy, clients could forge ids."""
    given = request.headers.get("X-Request-ID", "")
    return given if settings.ALLAUTH_TRUSTED_PROXY_COUNT and WELL_FORMED.fullmatch(given) else ""


def _write(request: HttpRequest, response: HttpResponse, ms: int) -> None:
    route = logs.route(request)
    quiet = route in HEALTH_CHECK_PATHS or request.path.startswith(settings.STATIC_URL)
    person = getattr(getattr(request, "_cached_user", None), "pk", None)  # loading the person here would cost a query
    method = request.method if request.method in METHODS else "other"  # clients can send any word as the method
    facts = {"method": method, "route": route, "status": response.status_code, "ms": ms, "person": person}
    line = "%(method)s %(route)s %(status)s in %(ms)s ms" + (" for person %(person)s" if person else "")
    logger.log(logging.DEBUG if quiet else logging.INFO, line, facts, extra=facts)
