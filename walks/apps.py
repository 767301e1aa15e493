"""App configuration of walks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WalksConfig(AppConfig):
    """Configuration of the walks app."""

    name = "walks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the modules that register handlers and rechecks of mail, and what happens to a person's walks."""
        from . import erasing  # noqa: F401
        from .mail import answer_emails, cover_emails, emails, reminders, schedule  # noqa: F401
        from .semester import nudges  # noqa: F401
        from .workflow import people_who_leave  # noqa: F401

        self._register_kinds_for_everybody()
        self._register_kinds_for_deciders()

    def _register_kinds_for_everybody(self) -> None:
        """Offer the mails to walkers and hosts that a person may switch off."""
        from notifications import preferences

        from .mail import emails, schedule
        from .semester import nudges

        offer = preferences.register_kind
        offer(schedule.TODAY, _("My walk is today"), _("On the morning of a walk."))
        offer(schedule.MISSED, _("My walk slipped"), _("Once, with other times to choose from."))
        offer(schedule.FORGOTTEN, _("Is my walk over?"), _("In the evening, if you haven’t pressed Finish."))
        offer("walks.complete", _("My walk is complete"), _("When everybody is thanked and you wrote what you’ll try."))
        offer(nudges.NUDGE, _("Good times for a walk"), _("At 6, 3 and 1 weeks before the end."), nudge=True)
        offer(emails.HOST, _("Somebody drops by"), _("When a colleague plans to visit your room."))

    def _register_kinds_for_deciders(self) -> None:
        """Offer the mails to Heads of Grade and administrators that a person may switch off."""
        from notifications import preferences

        from .mail import answer_emails, cover_emails, emails, schedule
        from .permissions import may_be_asked
        from .semester import nudges

        offer = preferences.register_kind
        offer(
            emails.REQUEST,
            _("Somebody would like to walk"),
            _("One for each request to decide."),
            concerns=may_be_asked,
        )
        offer(
            answer_emails.ANSWERED,
            _("A walker answers my suggestion"),
            _("When they take the new time, or take the walk back."),
            concerns=may_be_asked,
        )
        offer(
            cover_emails.COVER_NEEDED,
            _("Cover is needed"),
            _("When nobody covers the class of an agreed walk."),
            concerns=may_be_asked,
        )
        offer(
            schedule.DIGEST,
            _("Walks wait for me"),
            _("In the morning, when one has waited for more than a day."),
            concerns=may_be_asked,
        )
        offer(
            nudges.SEMESTER_END,
            _("The semester’s report"),
            _("When a semester ends."),
            concerns=lambda person: person.is_administrator,
        )
        offer(
            nudges.ADD_SEMESTER,
            _("Add the next semester"),
            _("Four weeks before the last semester ends, and again after it."),
            concerns=lambda person: person.is_administrator,
        )
