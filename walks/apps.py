"""Registers what walks add to other apps: mail handlers, hooks, and mails that a person may switch off."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WalksConfig(AppConfig):
    name = "walks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the modules that register mail handlers and hooks for people who leave or are erased."""
        from . import erasing, walks_on_days_off  # noqa: F401
        from .doors import (
            doors,  # noqa: F401
            weekly,  # noqa: F401
        )
        from .doors import reminders as door_reminders  # noqa: F401
        from .mail import answer_emails, cover_emails, emails, ending_emails, reminders, schedule  # noqa: F401
        from .semester import nudges  # noqa: F401
        from .workflow import people_who_leave  # noqa: F401

        self._register_mail_choices_for_everybody()
        self._register_mail_choices_for_deciders()
        self._register_mail_choices_for_administrators()

    def _register_mail_choices_for_everybody(self) -> None:
        """Register the mails to walkers and hosts that a person may switch off."""
        from notifications import preferences

        from .doors import reminders as door_reminders
        from .doors import weekly
        from .mail import emails, schedule
        from .semester import nudges

        register = partial(preferences.register_kind, group=_("My walks"))
        register(schedule.TODAY, _("My walk is today"), _("On the morning of a walk."))
        register(schedule.MISSED, _("A walk I didn’t start"), _("Once, with other times to choose from."))
        register(schedule.FORGOTTEN, _("Is my walk over?"), _("In the evening, if you haven’t pressed Finish."))
        register(
            "walks.complete", _("My walk is complete"), _("When everyone is thanked and your takeaway is written.")
        )
        register(
            nudges.NUDGE,
            _("Good times for a walk"),
            _("Six weeks, three weeks and one week before the semester ends, if your walk is not planned yet."),
            nudge=True,
        )
        preferences.register_kind(
            weekly.WEEKLY,
            _("Open doors that fit"),
            _("On the first school day of a week, if one is open when you’re free."),
            group=_("My walks"),
            concerns=lambda person: person.is_teacher,
        )
        preferences.register_kind(
            door_reminders.VISITORS,
            _("Who comes through my open door"),
            _("At 15:00 on the school day before."),
            group=_("Visits to my room"),
        )
        preferences.register_kind(
            emails.HOST,
            _("A visit to my room"),
            _("When a colleague plans to visit your room."),
            group=_("Visits to my room"),
        )

    def _register_mail_choices_for_deciders(self) -> None:
        """Register the mails to Heads of Grade and administrators that a person may switch off."""
        from notifications import preferences

        from .mail import answer_emails, cover_emails, emails, schedule
        from .permissions import may_be_asked

        register = partial(preferences.register_kind, group=_("Approvals"))
        register(
            emails.REQUEST,
            _("A walk to approve"),
            _("One e-mail for each request."),
            concerns=may_be_asked,
        )
        register(
            answer_emails.ANSWERED,
            _("A walker answers my suggestion"),
            _("When they accept the new time, or take the request back."),
            concerns=may_be_asked,
        )
        register(
            cover_emails.COVER_NEEDED,
            _("Cover is needed"),
            _("When nobody covers a walker’s class during an approved walk."),
            concerns=may_be_asked,
        )
        register(
            schedule.DIGEST,
            _("Walks are waiting for my approval"),
            _("In the morning, when a walk has been waiting for more than a day."),
            concerns=may_be_asked,
        )

    def _register_mail_choices_for_administrators(self) -> None:
        """Register the mails to administrators that a person may switch off."""
        from notifications import preferences

        from .semester import nudges

        register = partial(preferences.register_kind, group=_("The school"))
        register(
            nudges.SEMESTER_END,
            _("The semester’s report"),
            _("When a semester ends."),
            concerns=lambda person: person.is_administrator,
        )
        register(
            nudges.ADD_SEMESTER,
            _("Add the next semester"),
            _("Four weeks before the last semester ends, and again after it."),
            concerns=lambda person: person.is_administrator,
        )
