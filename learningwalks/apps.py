"""The top app: it has no models, only wiring, commands and template tags."""

from django.apps import AppConfig

from . import error_reports


class LearningWalksConfig(AppConfig):
    """Register the wiring as an app, for its commands and template tags."""

    name = "learningwalks"
    verbose_name = "Learning Walks"

    def ready(self) -> None:
        """Let every form, allauth's too, speak in our words; report errors, where that is wanted."""
        from allauth.account.signals import password_reset

        from . import field_words, guessing, joining

        field_words.use()
        guessing.be_patient()
        password_reset.connect(joining.address_proven)
        error_reports.start()
