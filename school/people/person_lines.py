"""Read a pasted list of people: columns by headings, columns in the usual order, or "Name <address>"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..text.headings import PERSON, cells_of, columns_of, letters, separator_of

TYPED = re.compile(r"^(?P<names>[^<>]+)<(?P<email>[^<>\s]+)>$")
ACADEMIC = ("dr", "ddr", "drs", "prof", "professor", "mag", "ing", "dipl", "rev")
POLITE = ("mr", "mrs", "ms", "miss", "sir", "madam", "herr", "frau", "mme", "mlle", "sr", "sra", "srta")
TITLES = frozenset({*ACADEMIC, *POLITE})
AFTER = frozenset({"dr", "ddr", "drs", "prof", "professor", "dipl", "phd"})  # titles behind a name, too: "Müller, Dr."
ALSO_NAMES = frozenset({"mag", "ing", "sr", "rev"})  # also given names, so titles only before two names
SHOWN: dict[str, str | Promise] = {
    "given": gettext_lazy("given name"),
    "family": gettext_lazy("family name"),
    "name": gettext_lazy("name"),
    "email": gettext_lazy("e-mail"),
    "subject": gettext_lazy("subject"),
}


@dataclass(frozen=True)
class PersonLine:
    """A person of a pasted line. A title such as "Dr." is not part of the name."""

    given_name: str
    family_name: str
    email: str
    subject: str = ""
    title: str = ""


@dataclass(frozen=True)
class Heading:
    """The first line of a list that names its columns."""

    separator: str
    columns: dict[str, int]
    cells: list[str] = field(default_factory=list)

    @property
    def used(self) -> list[tuple[str, str | Promise]]:
        """The known headings, each with its field."""
        ordered = sorted(self.columns.items(), key=lambda item: item[1])
        return [(self.cells[number], SHOWN[name]) for name, number in ordered]

    @property
    def unused(self) -> list[str]:
        """Headings of columns that are ignored."""
        return [cell for number, cell in enumerate(self.cells) if cell and number not in self.columns.values()]

    def read(self, line: str) -> PersonLine:
        """The line by its columns; what is missing is empty."""
        cells = cells_of(line, self.separator)

        def cell(name: str) -> str:
            number = self.columns.get(name)
            return cells[number] if number is not None and number < len(cells) else ""

        given, family = (cell("given"), cell("family")) if "name" not in self.columns else _names(cell("name"))
        return _line(given, family, cell("email"), cell("subject"))


def heading_of(line: str) -> Heading | None:
    """The columns that the line names; None if it is no heading, or has no column for e-mail or name."""
    separator = separator_of(line)
    cells = cells_of(line, separator)
    columns = columns_of(cells, PERSON)
    mail = next((number for number, cell in enumerate(cells) if "mail" in letters(cell)), None)
    if "email" not in columns and mail is not None:
        columns["email"] = mail
    if "name" in columns and "given" in columns:  # "Name; Vorname", and "Nom; Prénom"
        columns.setdefault("family", columns["name"])
    elif "name" in columns and "family" in columns:  # "Nome; Cognome"
        columns["given"] = columns["name"]
    if "given" in columns or "family" in columns:
        columns.pop("name", None)
    names = {"name", "given", "family"} & columns.keys()
    return Heading(separator, columns, cells) if names and "email" in columns and "@" not in line else None


def is_heading(line: str) -> bool:
    """Whether the line is a heading, even in words that we do not know."""
    return "@" not in line and ("mail" in letters(line) or heading_of(line) is not None)


def read(line: str) -> PersonLine | None:
    """Read a line without a heading: given name, family name, e-mail; or a name with the address in brackets."""
    line = line.strip().rstrip(",;")
    separator = separator_of(line)
    typed = TYPED.match(line) if separator == "," else None
    if typed:
        return _line(*_names(typed["names"].strip().strip('"')), typed["email"])
    *names, email = cells_of(line, separator) or [""]
    if not 1 <= len(names) <= 2:
        return None
    given, family = names if len(names) == 2 else _names(names[0])
    return _line(given, family, email)


def missing(line: PersonLine) -> str:
    """What the line lacks, in words; empty if it is complete."""
    if not (line.given_name or line.family_name):
        return _("the name is missing")
    return "" if line.email else _("the e-mail is missing")


def _line(given: str, family: str, email: str, subject: str = "") -> PersonLine:
    title, given = _without_title(given, beside=family)
    other, family = _without_title(family, beside=given)
    if not given:  # "Dr.; Anna Müller", or a person with one name
        given, family = _names(family)
    return PersonLine(given, family, email.strip("<>").lower(), subject, f"{title} {other}".strip())


def _without_title(name: str, *, beside: str = "") -> tuple[str, str]:
    """The titles before and after the name, and the name; `beside` is the rest of the name, from another column."""
    words, behind = _without_titles_behind(name.split())
    rest = len(words) + len(beside.split())
    count = next((n for n, word in enumerate(words) if not _is_title(word, before=rest - n - 1)), len(words))
    return " ".join(words[:count] + behind), " ".join(words[count:])


def _without_titles_behind(words: list[str]) -> tuple[list[str], list[str]]:
    """The words up to the titles at the end ("Müller, Dr."), and these titles."""
    count = len(words)
    while count > 1 and letters(words[count - 1]) in AFTER:
        count -= 1
    if count == len(words):
        return words, []
    return [*words[: count - 1], words[count - 1].rstrip(",")], [word.rstrip(",") for word in words[count:]]


def _is_title(word: str, *, before: int) -> bool:
    """Whether the word is a title; `left` words follow it."""
    return letters(word) in TITLES and (letters(word) not in ALSO_NAMES or before >= 2)


def _names(names: str) -> tuple[str, str]:
    """Given name, with its title, and family name: "Osei, Amara" is turned round; what follows is the family name."""
    if "," in names:
        family, _comma, given = names.partition(",")
        return " ".join(given.split()), " ".join(family.split())
    title, names = _without_title(names)
    given, _space, family = names.partition(" ")
    return f"{title} {given}".strip(), family
