"""Django's admin for the focus library and excusals. Walks, stops and their conversations are not in it, on purpose."""

from __future__ import annotations

from django.contrib import admin

from .models import Excusal, Practice


@admin.register(Practice)
class PracticeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The focus library."""

    list_display = ("name", "group", "position", "is_hidden")
    list_filter = ("group", "is_hidden")


@admin.register(Excusal)
class ExcusalAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who is excused from a semester's walk."""

    list_display = ("person", "semester", "reason")
    list_select_related = ("person", "semester")
    autocomplete_fields = ("person", "excused_by")
