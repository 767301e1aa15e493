"""App configuration of operations: no models, only what runs and watches an installation."""

from django.apps import AppConfig

from . import error_reports


class OperationsConfig(AppConfig):
    """Register the commands; report errors, where that is wanted."""

    name = "operations"

    def ready(self) -> None:
        """Start error reports; register what else is done when a person is erased."""
        from . import erasing  # noqa: F401 (registers it)

        error_reports.start()
