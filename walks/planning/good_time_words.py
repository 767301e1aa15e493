"""Why a walk is proposed, in a sentence."""

from __future__ import annotations

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.text.typed import number_in_words

from .routes import PeopleRoute, Route


def why_words(route: Route, *, teaching: int, rooms: int, is_quiet: bool) -> str:
    """Return for example "You’re free, five of six rooms teach, nobody else is visiting."

    `teaching` is the number of rooms of the route that the walker can visit then, `rooms` the number of all its rooms,
    and `is_quiet` says that nobody else visits the proposed ones.
    """
    numbers = {"n": number_in_words(teaching).lower(), "all": number_in_words(rooms).lower()}
    if isinstance(route, PeopleRoute):
        who = ngettext("%(n)s colleague teaches", "%(n)s colleagues teach", teaching)
    else:
        who = ngettext("%(n)s of %(all)s room teaches", "%(n)s of %(all)s rooms teach", rooms)
    parts = [_("you’re free"), who % numbers, *([_("nobody else is visiting")] if is_quiet else [])]
    return capfirst(f"{', '.join(parts)}.")
