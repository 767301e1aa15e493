"""App configuration of accounts: no models; the people are school's, the devices and second steps allauth's."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configuration of the accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """Count wrong guesses in our way; register what happens with a new password, and what goes with a person."""
        from allauth.account.signals import password_changed, password_reset, password_set

        from . import erasing, membership, rate_limits, sessions  # noqa: F401 (erasing registers itself)

        rate_limits.be_patient()
        password_reset.connect(membership.address_proven)
        for changed in (password_changed, password_reset, password_set):
            changed.connect(sessions.password_changed)
