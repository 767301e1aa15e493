"""App configuration. operations has no models."""

from django.apps import AppConfig

from . import error_reports


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        """Start error reports, and register the handler for erasing."""
        from . import erasing  # noqa: F401 (registers it)

        error_reports.start()
