"""Clean what people type: one line, several lines, numbers, hidden characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control characters, direction marks, halves, separators
JOINERS = frozenset("\u200c\u200d")  # needed to write some languages and emoji


def plain(text: str) -> str:
    """For comparing words: without case, accents, double spaces, and a dot at the end."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split()).rstrip(".")


def whole_number(text: str) -> int | None:
    """The number, or None if the text is not one of up to nine digits. Longer ones do not fit into a database."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """The numbers among these words."""
    return [number for text in texts if (number := whole_number(text)) is not None]


def number_in_words(value: int) -> str:
    """One to Nine in words, as at the start of a sentence; figures for every other number."""
    words = (_("One"), _("Two"), _("Three"), _("Four"), _("Five"), _("Six"), _("Seven"), _("Eight"), _("Nine"))
    return words[value - 1] if 1 <= value <= len(words) else str(value)


def one_line(words: str) -> str:
    """The words with single spaces and without hidden characters."""
    return " ".join("".join(" " if _unseen(c) else c for c in words).split())


def several_lines(words: str) -> str:
    """The words as typed, without blank ends, with one kind of line end."""
    return words.replace("\r\n", "\n").strip()


def refuse_unseen(words: str) -> None:
    """A validator that refuses hidden characters."""
    if any(_unseen(character) for character in words):
        raise ValidationError(_("There is a hidden character in this. Type it again"))


def refuse_unseen_in_lines(form: forms.BaseForm) -> None:
    """Let every one-line field of the form refuse hidden characters."""
    for field in form.fields.values():
        if isinstance(field, forms.CharField) and not isinstance(field.widget, forms.Textarea | forms.PasswordInput):
            field.validators.append(refuse_unseen)


def _unseen(character: str) -> bool:
    return character not in JOINERS and unicodedata.category(character) in UNSEEN
