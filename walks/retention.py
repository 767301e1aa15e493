"""How long walks are kept: plans that were never walked, open doors, the history of walks, and excusals."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from school.calendar import local_date
from school.models import School
from school.retention import RetentionRule, kept_in_words

from .models import Excusal, OpenDoor, Walk, WalkEvent


def retention_cutoff(school: School, now: dt.datetime, days: int) -> dt.date:
    """Return the date `days` days ago: data of semesters that ended before it are past their retention."""
    return local_date(school, now) - dt.timedelta(days=days)


def never_walked(school: School, now: dt.datetime) -> QuerySet[Walk]:
    """Return old plans of closed semesters that nobody walked, and plans of people who left long enough ago.

    They change no report: in a closed semester it says "Not completed" with or without such a plan.
    """
    old = Q(ends_at__lt=now - dt.timedelta(days=school.plan_days), semester__ends_on__lt=local_date(school, now))
    left = Q(walker__left_at__lt=now - dt.timedelta(days=school.draft_days), walker__is_active=False)
    return Walk.objects.filter(old | left, walker__school=school, started_at__isnull=True)


def old_doors(school: School, now: dt.datetime) -> QuerySet[OpenDoor]:
    """Return old open doors. The visits through them stay as walks."""
    found: QuerySet[OpenDoor] = OpenDoor.objects.filter(
        host__school=school, ends_at__lt=now - dt.timedelta(days=school.plan_days)
    )
    return found


def old_events(school: School, now: dt.datetime) -> QuerySet[WalkEvent]:
    """Return the history of old walks: what was said and decided, and when."""
    moment = now - dt.timedelta(days=school.plan_days)
    return WalkEvent.objects.filter(at__lt=moment, walk__ends_at__lt=moment, walk__walker__school=school)


def old_excusals(school: School, now: dt.datetime) -> QuerySet[Excusal]:
    """Return excusals of semesters whose report is no longer available either."""
    found: QuerySet[Excusal] = Excusal.objects.filter(
        semester__school=school, semester__ends_on__lt=retention_cutoff(school, now, school.report_days)
    )
    return found


RULES = [
    RetentionRule(
        name="plans",
        what=_("Plans that were never walked"),
        kept=kept_in_words(lambda s: s.plan_days, _("%(time)s after the planned day")),
        find=never_walked,
    ),
    RetentionRule(
        name="doors",
        what=_("Open doors"),
        kept=kept_in_words(lambda s: s.plan_days, _("%(time)s after the lesson")),
        find=old_doors,
    ),
    RetentionRule(
        name="conversation",
        what=_("Messages about the approval of walks"),
        kept=kept_in_words(lambda s: s.plan_days, _("%(time)s after the walk")),
        find=old_events,
    ),
    RetentionRule(
        name="excusals",
        what=_("Who was excused, and why"),
        kept=kept_in_words(lambda s: s.report_days, _("%(time)s after the semester")),
        find=old_excusals,
    ),
]
