"""App configuration of notifications."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Configuration of the notifications app."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what becomes of mails when people leave, get another address or are erased."""
        from . import erasing, people_who_leave  # noqa: F401 (registers it)
