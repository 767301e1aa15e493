"""Functions that apps above register with a rule of an app below, so that the rule calls them in its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

Place = tuple[int, str]  # the number of the app, the name of the module
F = TypeVar("F", bound=Callable[..., Any])


class Registry(Generic[F]):
    """A decorator that registers; iterating gives the functions in an order that no order of imports changes.

    The top app comes first (the order of INSTALLED_APPS). In an app the order is that of the modules' names, and in a
    module that in which they are written.
    """

    def __init__(self) -> None:
        self._functions: list[tuple[Place, F]] = []

    def __call__(self, function: F) -> F:
        """Register the function; raises ImproperlyConfigured if no app holds it."""
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
