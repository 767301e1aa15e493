"""Who may change the directory. Rules, views and templates ask these functions."""

from __future__ import annotations

from django.utils.functional import Promise

from .errors import NotAllowedError
from .models import Person


def may_run_school(person: Person) -> bool:
    """Whether the person is an administrator who has not left."""
    return person.is_administrator and person.is_active


def may_run_school_of(person: Person, other: Person) -> bool:
    """Whether the person may change this colleague's account."""
    return may_run_school(person) and person.school_id == other.school_id


def require_administrator(by: Person, *, school_id: int, words: str | Promise) -> None:
    """Raise NotAllowedError with these words unless the person is an administrator of this school."""
    if not may_run_school(by) or by.school_id != school_id:
        raise NotAllowedError(str(words))
