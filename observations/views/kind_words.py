"""Under construction."""

from django.http import Http404, HttpRequest, HttpResponse


def received(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def sent(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def letter(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def thank(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def share(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def remove_photo(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def keepsake(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def keepsake_text(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404
