"""Django's admin for the catalogue of practices. Walks, conversations and excusals are deliberately not in it.

Only the school's administrators may read why a teacher is excused (walks/permissions.py), on the report page.
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
