"""What other apps do when a person leaves, changes their address or is erased. `school.people` calls them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..models import Person
from ..registry import Registry


class Leaving(Protocol):
    """A function for a person who has left. `is_active` is False already. `by` is None if no administrator acts."""

    def __call__(self, person: Person, /, *, by: Person | None, now: dt.datetime) -> None: ...


class NewAddress(Protocol):
    """A function for a new address, which is not stored yet. The session with the key `kept_session` must go on."""

    def __call__(
        self, before: Person, after: Person, /, *, by: Person, now: dt.datetime, kept_session: str
    ) -> None: ...


@dataclass(frozen=True)
class Erasure:
    """The data of one erasure, passed from the top app to the bottom one. Each app adds what it has erased."""

    person: Person  # still with name and address
    now: dt.datetime
    found: dict[Callable[[Person], Any], Any]  # what each function of `before_erasing` returned
    erased: list[str] = field(default_factory=list)  # values of `Message.about`, for example "walk:3"


on_leaving: Registry[Leaving] = Registry()
on_new_address: Registry[NewAddress] = Registry()
on_erasing: Registry[Callable[[Erasure], None]] = Registry()
# Slow searches, which run before the transaction, so that nobody has to wait for SQLite's write lock.
before_erasing: Registry[Callable[[Person], Any]] = Registry()
