"""Django's admin for the catalogue of practices.

Walks, conversations and excusals are not in it, because they are private (walks/permissions.py).
"""

from __future__ import annotations

from django.contrib import admin

from school.admin import OwnSchoolAdmin

from .models import Practice


@admin.register(Practice)
class PracticeAdmin(OwnSchoolAdmin):
    list_display = ("name", "group", "position", "is_hidden")
    list_filter = ("group", "is_hidden")
