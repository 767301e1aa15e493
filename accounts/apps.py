"""App configuration. accounts has no models: people belong to school, devices and second steps to allauth."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Lengthen allauth's rate-limit wait, and register the handlers for new passwords, leaving and erasing."""
        from allauth.account.signals import password_changed, password_reset, password_set

        from . import erasing, membership, rate_limits, sessions  # noqa: F401 (erasing registers itself)

        rate_limits.lengthen_lock_wait()
        password_reset.connect(membership.mark_address_verified)
        for changed in (password_changed, password_reset, password_set):
            changed.connect(sessions.password_changed)
