"""Read docs/data-register.md."""

import re
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

REGISTER = Path(settings.BASE_DIR) / "docs" / "data-register.md"


class RegisterLine(NamedTuple):
    """One line: columns of a table, where "my data" shows them, what erasing does, and which rule deletes them."""

    table: str
    columns: list[str]
    sections: list[str]
    erasing: str
    rules: list[str]


def lines():
    """Return all lines of the register."""
    found = re.findall(r"^\| ([a-z_]+\.[a-z_]+) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", REGISTER.read_text(), re.M)
    return [
        RegisterLine(table, columns.split(), sections.split(), erasing, rules.split())
        for table, columns, sections, erasing, rules in found
    ]
