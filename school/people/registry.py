"""Functions that apps above register with a rule of an app below, so that the rule calls them in its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from django.conf import settings

F = TypeVar("F", bound=Callable[..., Any])


class Registry(Generic[F]):
    """A decorator that registers; iterating gives the functions in an order that no order of imports changes.

    The top app comes first (the order of INSTALLED_APPS). In an app the order is that of the modules' names, and in a
    module that in which they are written.
    """

    def __init__(self) -> None:
        self._functions: list[F] = []

    def __call__(self, function: F) -> F:
        self._functions.append(function)
        return function

    def __iter__(self) -> Iterator[F]:
        return iter(sorted(self._functions, key=_place))


def _place(function: Callable[..., Any]) -> tuple[int, str]:
    module = function.__module__
    return settings.INSTALLED_APPS.index(module.partition(".")[0]), module
