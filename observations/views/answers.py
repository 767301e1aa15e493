"""What the pages of observations answer when a rule says no."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from school.errors import NotAllowedError

View = Callable[..., HttpResponse]


def forbidden_by_rule(view: View) -> View:
    """A rule's "this is not yours to do" becomes the 403 page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotAllowedError as error:
            raise PermissionDenied(str(error)) from error

    return answer
