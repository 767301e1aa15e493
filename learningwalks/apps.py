"""The top app: it has no models, only wiring, commands and template tags."""

from django.apps import AppConfig


class LearningWalksConfig(AppConfig):
    """Register the wiring as an app, for its commands and template tags."""

    name = "learningwalks"
    verbose_name = "Learning Walks"

    def ready(self) -> None:
        """Let every form, allauth's too, speak in our words."""
        from allauth.account.signals import password_changed, password_reset, password_set

        from . import checks, erasing, field_words, joining, sessions  # noqa: F401 (registers them)

        field_words.use()
        password_reset.connect(joining.address_proven)
        for changed in (password_changed, password_reset, password_set):
            changed.connect(sessions.password_changed)
