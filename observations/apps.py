"""App configuration of observations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObservationsConfig(AppConfig):
    name = "observations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register reminders, kinds of mail, the times of notes and photos, and what happens when people leave."""
        from notifications import preferences

        from . import erasing, people_who_leave  # noqa: F401 (importing them registers their handlers)
        from .mail import emails, reminder_mails
        from .photos import photos  # noqa: F401 (walks/activity.py then counts photos)
        from .words import notes  # noqa: F401 (walks/activity.py then counts notes)

        preferences.register_kind(
            reminder_mails.PRAISE_REMINDER,
            _("Reminders to write praise"),
            _("When your walk ends, four hours before your 24 hours are over, and once after that."),
            group=_("Praise"),
        )
        preferences.register_kind(
            emails.PRAISE,
            _("Praise from colleagues who visited you"),
            _("Without the e-mail you still find all praise on your Praise page."),
            group=_("Visits to my room"),
        )
        preferences.register_kind(
            emails.THANKED,
            _("A colleague says thank you for your praise"),
            _("One line. You need not answer."),
            group=_("Praise"),
        )
        preferences.register_kind(
            emails.HOST_LEFT,
            _("A colleague you meant to thank has left"),
            _("There’s no praise to write any more. Your draft stays on the walk’s page."),
            group=_("Praise"),
        )
