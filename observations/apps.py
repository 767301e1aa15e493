"""App configuration of observations."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    """Configuration of the observations app."""

    name = "observations"
    default_auto_field = "django.db.models.BigAutoField"
