"""Django's admin for the catalogue of practices. Walks, conversations and excusals are not in it, on purpose.

Why somebody is excused is for the school's administrators (walks/permissions.py), on the report's page.
"""

from __future__ import annotations

from django.contrib import admin

from school.admin import OwnSchoolAdmin

from .models import Practice


@admin.register(Practice)
class PracticeAdmin(OwnSchoolAdmin):
    """The catalogue of practices."""

    list_display = ("name", "group", "position", "is_hidden")
    list_filter = ("group", "is_hidden")
