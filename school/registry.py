"""Functions that upper apps register with a rule of a lower app. The rule calls them in its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

Place = tuple[int, str]  # the number of the app, the name of the module
F = TypeVar("F", bound=Callable[..., Any])


class Registry(Generic[F]):
    """A decorator that registers functions, and an iterable of them. Their order does not depend on imports.

    Functions of the top app come first (the order of INSTALLED_APPS). Within an app they are sorted by the names of
    their modules, and within a module they come as written.
    """

    def __init__(self) -> None:
        self._functions: list[tuple[Place, F]] = []

    def __call__(self, function: F) -> F:
        """Register the function. Raise ImproperlyConfigured if its module is in no app."""
        self._functions.append((_place(function), function))
        return function

    def __iter__(self) -> Iterator[F]:
        ordered = sorted(self._functions, key=itemgetter(0))
        return iter([function for _, function in ordered])


def _place(function: Callable[..., Any]) -> Place:
    module = function.__module__
    app = apps.get_containing_app_config(module)
    if app is None:
        raise ImproperlyConfigured(f"{module}.{function.__qualname__} is in no app of INSTALLED_APPS.")
    return list(apps.app_configs).index(app.label), module
