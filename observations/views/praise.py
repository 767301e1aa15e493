"""Under construction."""

from django.http import Http404, HttpRequest, HttpResponse


def next_praise(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def compose(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def autosave(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def hint(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def unsend(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def said_in_person(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def unsaid(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404


def delivery(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404
