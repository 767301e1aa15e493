"""Sentences about people without an e-mail address: no mail tells them anything."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Person


def tell_in_person(people: Iterable[Person]) -> str:
    """Return "Jonas Lindqvist has no e-mail address here. Tell them in person."; empty if everybody gets mail."""
    names = sorted({person.full_name for person in people if not person.email})
    words = ngettext(
        "%(names)s has no e-mail address here. Tell them in person.",
        "%(names)s have no e-mail address here. Tell them in person.",
        len(names),
    )
    return words % {"names": get_text_list(names, _("and"))} if names else ""
