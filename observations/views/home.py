"""Under construction."""

from django.http import Http404, HttpRequest, HttpResponse


def home(request: HttpRequest, **ids: object) -> HttpResponse:
    """A page to come."""
    raise Http404
