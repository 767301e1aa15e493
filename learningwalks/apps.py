"""The top app: it has no models, only wiring, commands and template tags."""

from django.apps import AppConfig


class LearningWalksConfig(AppConfig):
    """Register the wiring as an app, for its commands and template tags."""

    name = "learningwalks"
    verbose_name = "Learning Walks"

    def ready(self) -> None:
        """Let every form, allauth's too, speak in our words."""
        from . import checks as checks  # registers them
        from . import field_words

        field_words.use()
