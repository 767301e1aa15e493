"""App configuration of school."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class SchoolConfig(AppConfig):
    name = "school"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Watch the tables of the directory, except while they are migrated."""
        from . import directory_triggers

        pre_migrate.connect(directory_triggers.remove, sender=self)
        post_migrate.connect(directory_triggers.create, sender=self)
