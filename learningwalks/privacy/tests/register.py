"""Read docs/data-register.md."""

import re
from pathlib import Path

from django.conf import settings

REGISTER = Path(settings.BASE_DIR) / "docs" / "data-register.md"


def lines():
    """Return each row: table, columns, sections of "my data", what erasing does, how long it is kept."""
    rows = re.findall(r"^\| ([a-z_]+\.[a-z_]+) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", REGISTER.read_text(), re.M)
    return [
        (table, columns.split(), sections.split(), erase, kept.split())
        for table, columns, sections, erase, kept in rows
    ]
