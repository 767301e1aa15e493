"""Under construction."""

from django.http import Http404, HttpRequest, HttpResponse


def add_photo(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def photo(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def describe_photo(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def delete_photo(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404
