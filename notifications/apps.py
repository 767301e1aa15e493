"""App configuration of notifications."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what happens to mails when people leave, change their address or are erased."""
        from . import erasing, people_who_leave  # noqa: F401 (importing them registers their handlers)
