"""Under construction."""

from django.http import Http404, HttpRequest, HttpResponse


def room(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def save_note(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def delete_note(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def restore_note(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404
