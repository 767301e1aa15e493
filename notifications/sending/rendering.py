"""Render the templates of a mail in the school's time zone, with safe headers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone, translation

from school.models import Person

from .plain_text import plain_text

# Control characters, line separators and invisible direction marks do not belong in a header.
UNWANTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
SUBJECT_LENGTH = 250
JOINERS = frozenset("\u200c\u200d")  # needed to write some languages and emoji; harmless in a header


@dataclass(frozen=True)
class RenderedMail:
    """The rendered parts of one mail."""

    subject: str
    text: str
    html: str


# In text, not in a tag: "e-mail" stays on one line.
HYPHENED_WORD = re.compile(r"(?<=[\s>(“])e-mails?(?=[\s.,;:)<”][^>]*<)")
NO_BREAK = r'<span style="white-space: nowrap">\g<0></span>'


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
    """Render the template of a mail in the time zone of the recipient's school. Its text is made from its HTML."""
    values = {**context, "person": to, "school": to.school, "site_url": settings.SITE_URL}
    with timezone.override(to.school.zone), translation.override(settings.LANGUAGE_CODE):
        html = body_safe(_render_layout(template, "emails/base.html", values))
        return RenderedMail(subject(template, values), plain_text(html), HYPHENED_WORD.sub(NO_BREAK, html))


def subject(template: str, context: dict[str, Any]) -> str:
    """Render only the subject, in the current time zone."""
    return header_safe(_render_layout(template, "emails/subject.txt", context), limit=SUBJECT_LENGTH)


def _render_layout(template: str, layout: str, values: dict[str, Any]) -> str:
    """Render the template's blocks in one of the layouts: the whole mail, or its subject."""
    return get_template(f"emails/{template}.html").render({**values, "layout": layout})
