"""App configuration of walks."""

from django.apps import AppConfig


class WalksConfig(AppConfig):
    """Configuration of the walks app."""

    name = "walks"
    default_auto_field = "django.db.models.BigAutoField"
