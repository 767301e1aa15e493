"""Clean the texts and numbers that people type, and refuse hidden characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, direction marks, lone surrogates, separators
JOINERS = frozenset("\u200c\u200d")  # needed to write some languages and emoji


def comparable(text: str) -> str:
    """Return a form of the text for comparisons: lower case, no accents, single spaces, no dot at the end."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split()).rstrip(".")


def whole_number(text: str) -> int | None:
    """Return the number, or None for other texts. A number of over nine digits is too large for a database column."""
    if not text.isdecimal() or len(text) > 9:
        return None
    return int(text)


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Return the numbers among these texts."""
    return [number for text in texts if (number := whole_number(text)) is not None]


def number_in_words(value: int) -> str:
    """Return One to Ten in words, as at the start of a sentence, and figures for every other number.

    People, rooms and walks are counted in words in sentences. Tables, labels, and times keep figures.
    """
    words = (
        _("One"),
        _("Two"),
        _("Three"),
        _("Four"),
        _("Five"),
        _("Six"),
        _("Seven"),
        _("Eight"),
        _("Nine"),
        _("Ten"),
    )
    return words[value - 1] if 1 <= value <= len(words) else str(value)


def one_line(words: str) -> str:
    """Return the words in one line, with single spaces and without hidden characters."""
    return " ".join("".join(" " if _is_hidden(c) else c for c in words).split())


def several_lines(words: str) -> str:
    """Return the words as typed, but without spaces around them and with one kind of line end."""
    return words.replace("\r\n", "\n").strip()


def refuse_hidden_characters(words: str) -> None:
    """Raise ValidationError if the words contain a hidden character."""
    if any(_is_hidden(character) for character in words):
        raise ValidationError(_("There is a hidden character in this. Type it again"))


def refuse_hidden_characters_in_one_line_fields(form: forms.BaseForm) -> None:
    """Make every one-line field of the form refuse hidden characters."""
    for field in form.fields.values():
        if isinstance(field, forms.CharField) and not isinstance(field.widget, forms.Textarea | forms.PasswordInput):
            field.validators.append(refuse_hidden_characters)


def _is_hidden(character: str) -> bool:
    return character not in JOINERS and unicodedata.category(character) in HIDDEN
