"""App configuration of school."""

from django.apps import AppConfig


class SchoolConfig(AppConfig):
    """Configuration of the school app."""

    name = "school"
    default_auto_field = "django.db.models.BigAutoField"
