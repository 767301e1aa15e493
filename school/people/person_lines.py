"""Read a pasted list of people: columns with headings, columns in the usual order, or "Name <address>"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ..text.headings import PERSON, cells_of, columns_of, letters, separator_of

NAME_AND_ADDRESS = re.compile(r"^(?P<names>[^<>]+)<(?P<email>[^<>\s]+)>$")
ACADEMIC = ("dr", "ddr", "drs", "prof", "professor", "mag", "ing", "dipl", "rev")
POLITE = ("mr", "mrs", "ms", "miss", "sir", "madam", "herr", "frau", "mme", "mlle", "sr", "sra", "srta")
TITLES = frozenset({*ACADEMIC, *POLITE})
TITLES_BEHIND = frozenset({"dr", "ddr", "drs", "prof", "professor", "dipl", "phd"})  # may follow a name: "Müller, Dr."
MAIL = re.compile(r"\be?-?mail", re.IGNORECASE)  # "E-Mail-Adresse", but not the name "Ismail"
ALSO_NAMES = frozenset({"mag", "ing", "sr", "rev"})  # also given names, so they are titles only before two names
FIELD_NAMES: dict[str, str | Promise] = {
    "given": gettext_lazy("given name"),
    "family": gettext_lazy("family name"),
    "name": gettext_lazy("name"),
    "email": gettext_lazy("e-mail"),
    "subject": gettext_lazy("subject"),
    "code": gettext_lazy("code"),
}


@dataclass(frozen=True)
class PersonLine:
    """A person of a pasted line. A title such as "Dr." is not part of the name."""

    given_name: str
    family_name: str
    email: str
    subject: str = ""
    title: str = ""
    code: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def identifiers(self) -> list[str]:
        """Return what no other person may have: the address and the code, or the name if there is neither."""
        return [name for name in (self.email, self.code) if name] or [self.full_name]


@dataclass(frozen=True)
class Heading:
    """The first line of a list that names its columns."""

    separator: str
    columns: dict[str, int]
    cells: list[str] = field(default_factory=list)

    @property
    def used(self) -> list[tuple[str, str | Promise]]:
        """Return the known headings, each with the name of its field."""
        ordered = sorted(self.columns.items(), key=lambda item: item[1])
        return [(self.cells[number], FIELD_NAMES[name]) for name, number in ordered]

    @property
    def unused(self) -> list[str]:
        """Return the headings of columns that are ignored."""
        return [cell for number, cell in enumerate(self.cells) if cell and number not in self.columns.values()]

    def read(self, line: str) -> PersonLine:
        """Return the person of the line. Missing cells are empty."""
        cells = cells_of(line, self.separator)

        def cell(name: str) -> str:
            number = self.columns.get(name)
            return cells[number] if number is not None and number < len(cells) else ""

        if "name" in self.columns:
            given, family = _names(cell("name"))
        else:
            given = cell("given")
            family = cell("family")
        return _line(given, family, cell("email"), cell("subject"), cell("code"))


def heading_of(line: str) -> Heading | None:
    """Return the columns that the line names, or None unless it names a column for a name and another one."""
    separator = separator_of(line)
    cells = cells_of(line, separator)
    columns = columns_of(cells, PERSON)
    mail = next((number for number, cell in enumerate(cells) if MAIL.search(cell)), None)
    if "email" not in columns and mail is not None:
        columns["email"] = mail
    if "name" in columns and "given" in columns:  # "Name; Vorname", and "Nom; Prénom"
        columns.setdefault("family", columns["name"])
    elif "name" in columns and "family" in columns:  # "Nome; Cognome"
        columns["given"] = columns["name"]
    if "given" in columns or "family" in columns:
        columns.pop("name", None)
    names = {"name", "given", "family"} & columns.keys()
    if not names or len(columns) < 2 or "@" in line:
        return None
    return Heading(separator, columns, cells)


def is_heading(line: str) -> bool:
    """Whether the line is a heading, even if its words are unknown: it has no address, but mentions mail."""
    return "@" not in line and (MAIL.search(line) is not None or heading_of(line) is not None)


def read(line: str) -> PersonLine | None:
    """Read a line of a list without headings: given name, family name, e-mail; or a name and <address>.

    The address may be missing.
    """
    line = line.strip().rstrip(",;")
    separator = separator_of(line)
    typed = NAME_AND_ADDRESS.match(line) if separator == "," else None
    if typed:
        return _line(*_names(typed["names"].strip().strip('"')), typed["email"])
    cells = cells_of(line, separator) or [""]
    *names, email = cells if "@" in cells[-1] or len(cells) > 2 else [*cells, ""]
    if len(names) == 1:
        return _line(*_names(names[0]), email)
    if len(names) == 2:
        return _line(names[0], names[1], email)
    return None


def _line(given: str, family: str, email: str, subject: str = "", code: str = "") -> PersonLine:
    title, given = _without_title(given, beside=family)
    other, family = _without_title(family, beside=given)
    if not given:  # "Dr.; Anna Müller", or a person with one name
        given, family = _names(family)
    return PersonLine(given, family, email.strip("<>").lower(), subject, f"{title} {other}".strip(), code)


def _without_title(name: str, *, beside: str = "") -> tuple[str, str]:
    """Return the titles before and after the name, and the name. `beside` is the part of the name in another column."""
    words, behind = _without_titles_behind(name.split())
    total = len(words) + len(beside.split())
    count = 0
    while count < len(words) and _is_title(words[count], words_after=total - count - 1):
        count += 1
    return " ".join(words[:count] + behind), " ".join(words[count:])


def _without_titles_behind(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words without the titles at the end ("Müller, Dr."), and these titles."""
    count = len(words)
    while count > 1 and letters(words[count - 1]) in TITLES_BEHIND:
        count -= 1
    if count == len(words):
        return words, []
    return [*words[: count - 1], words[count - 1].rstrip(",")], [word.rstrip(",") for word in words[count:]]


def _is_title(word: str, *, words_after: int) -> bool:
    """Whether the word is a title. `words_after` is the number of words of the name that follow it."""
    return letters(word) in TITLES and (letters(word) not in ALSO_NAMES or words_after >= 2)


def _names(names: str) -> tuple[str, str]:
    """Split a name into given name, with its title, and family name.

    "Osei, Amara" is turned round. Otherwise all words after the first one are the family name.
    """
    if "," in names:
        family, _comma, given = names.partition(",")
        return " ".join(given.split()), " ".join(family.split())
    title, names = _without_title(names)
    given, _space, family = names.partition(" ")
    return f"{title} {given}".strip(), family
