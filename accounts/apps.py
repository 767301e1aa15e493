"""App configuration of accounts: no models; the people are school's, the devices and second steps allauth's."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configuration of the accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """Count wrong guesses in our way."""
        from . import rate_limits

        rate_limits.be_patient()
