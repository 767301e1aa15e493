"""Render forms like Django, but without `maxlength`."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import DjangoTemplates


class FormRenderer(DjangoTemplates):
    """Omits `maxlength`: browsers silently cut pasted text at it. The server reports a text that is too long."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        context.get("widget", {}).get("attrs", {}).pop("maxlength", None)
        return super().render(template_name, context, request)
