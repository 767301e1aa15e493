"""App configuration. learningwalks has no models, only settings, URLs, commands and template tags."""

from django.apps import AppConfig


class LearningWalksConfig(AppConfig):
    name = "learningwalks"
    verbose_name = "Learning Walks"

    def ready(self) -> None:
        """Register the system checks, and set our wording of form errors, also for allauth's forms."""
        from . import checks as checks  # registers them
        from . import form_errors

        form_errors.use_our_wording()
