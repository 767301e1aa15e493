"""Under construction."""

from django.http import Http404, HttpRequest, HttpResponse


def takeaway(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def ideas(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def outcome(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404
