"""Under construction."""

from django.http import Http404, HttpRequest, HttpResponse


def door(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def done(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def finish(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def add_room(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def arrive(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def leave(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def skip(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def unskip(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404
