"""A decorator for the pages of administrators."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import Http404, HttpResponseBase

from ..http import SignedInRequest, View
from ..permissions import may_run_school


def administrators_only(view: View) -> View:
    """Return 404 to everyone else."""

    @wraps(view)
    def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_run_school(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped
