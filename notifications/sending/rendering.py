"""Render the templates of a mail in the school's time zone, with safe headers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from school.models import Person

# Control characters, line separators and invisible direction marks do not belong in a header.
UNWANTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
SUBJECT_LENGTH = 250
BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
JOINERS = frozenset("\u200c\u200d")  # needed to write some languages and emoji; harmless in a header


@dataclass(frozen=True)
class RenderedMail:
    """The rendered parts of one mail."""

    subject: str
    text: str
    html: str


def header_safe(value: str, *, limit: int) -> str:
    """Return the words in one line, without control or direction characters, cut to the limit."""
    kept = (" " if _is_unwanted(character) else character for character in value)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _is_unwanted(character: str) -> bool:
    return character not in JOINERS and unicodedata.category(character) in UNWANTED


def body_safe(value: str) -> str:
    """Return the text without NUL and lone surrogates, which databases and mail servers refuse."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def render(template: str, to: Person, context: dict[str, Any]) -> RenderedMail:
    """Render the three templates of a mail in the time zone of the recipient's school."""
    values = {**context, "person": to, "school": to.school, "site_url": settings.SITE_URL}
    with timezone.override(to.school.zone), translation.override(settings.LANGUAGE_CODE):
        subject = _render_text(f"emails/{template}_subject.txt", values)
        text = _render_text(f"emails/{template}_message.txt", values)
        html = get_template(f"emails/{template}_message.html").render(values)
    return RenderedMail(header_safe(subject, limit=SUBJECT_LENGTH), _tidy(body_safe(text)), body_safe(html))


def _tidy(text: str) -> str:
    """Reduce the blank lines that template tags leave to one."""
    return BLANK_LINES.sub("\n\n", text).strip() + "\n"


def _render_text(name: str, values: dict[str, Any]) -> str:
    """Render a template of plain text, where an apostrophe must not become &#x27;."""
    backend: Any = get_template(name)
    return str(backend.template.render(Context(values, autoescape=False)))
