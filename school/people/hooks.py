"""What other apps do when a person leaves, changes the address or is erased; `school.people` calls it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..models import Person
from .registry import Registry


class Leaving(Protocol):
    """A person has left; the account is off already. `by` is None when no administrator acts."""

    def __call__(self, person: Person, /, *, by: Person | None, now: dt.datetime) -> None: ...


class NewAddress(Protocol):
    """An account gets another address, not stored yet. The session with the key `kept_session` goes on."""

    def __call__(
        self, before: Person, after: Person, /, *, by: Person, now: dt.datetime, kept_session: str
    ) -> None: ...


@dataclass(frozen=True)
class Erasure:
    """The private rows of a person are erased. Each app tells the apps below it what it has erased."""

    person: Person  # with the name and the address that are about to go
    now: dt.datetime
    found: dict[Callable[[Person], Any], Any]  # what the functions of `before_erasing` found
    erased: list[str] = field(default_factory=list)  # by the names that mails have for it: "walk:3"


on_leaving: Registry[Leaving] = Registry()
on_new_address: Registry[NewAddress] = Registry()
on_erasing: Registry[Callable[[Erasure], None]] = Registry()
# Called before the transaction, for slow searches: nobody should wait for SQLite's write lock meanwhile.
before_erasing: Registry[Callable[[Person], Any]] = Registry()
