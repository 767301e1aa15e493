"""How forms are drawn: Django's own way, but no browser cuts what is typed or pasted."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import DjangoTemplates


class FormRenderer(DjangoTemplates):
    """Fields without `maxlength`: a browser cuts a pasted text without a word, so the server says the limit instead."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Draw a widget or a form."""
        context.get("widget", {}).get("attrs", {}).pop("maxlength", None)
        return super().render(template_name, context, request)
