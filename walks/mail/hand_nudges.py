"""A nudge that an administrator or a Head of Grade sends by hand, after a preview."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from notifications import preferences
from notifications.models import Reminder
from notifications.quiet import fit_quiet_hours
from notifications.sending import rendering
from school.errors import NotAllowedError
from school.models import Person, Semester

from ..permissions import may_read_report
from ..semester import nudges
from . import reminders


@dataclass(frozen=True)
class HandNudge:
    """A nudge to send by hand, with the preview of the first recipient's mail."""

    semester: Semester
    people: list[Person]
    resting: list[Person]  # nudged less than a week ago, so they get none now
    subject: str
    times: list[str]
    due_at: dt.datetime
    waits: bool  # whether it waits for the end of the quiet hours


def prepare(reader: Person, semester: Semester, *, now: dt.datetime) -> HandNudge:
    """Return the nudge for those teachers whom the reader looks after and who have not planned a walk yet.

    Nobody gets more than one nudge a week.
    """
    found = (
        nudges.people_without_plan(semester, now=now)
        .select_related("school", "grade")
        .order_by("family_name", "given_name")
    )
    if not reader.is_administrator:
        found = found.filter(grade__in=reader.headed_grade_ids)
    everybody = list(found)
    nudged = preferences.recently_nudged([person.pk for person in everybody], now)
    people = [person for person in everybody if person.pk not in nudged]
    subject, times = _preview(people[0], semester, now) if people else ("", [])
    due_at = fit_quiet_hours(reader.school, now)
    return HandNudge(
        semester=semester,
        people=people,
        resting=[person for person in everybody if person.pk in nudged],
        subject=subject,
        times=times,
        due_at=due_at,
        waits=due_at > now,
    )


def _preview(person: Person, semester: Semester, now: dt.datetime) -> tuple[str, list[str]]:
    """Return the subject and the offered times of this person's mail."""
    context = reminders.nudge_context(person, semester, now)
    with timezone.override(person.school.zone):
        subject = rendering.subject("walks/nudge", context)
    return subject, [good_time["words"] for good_time in context["good_times"]]


@transaction.atomic
def send(plan: HandNudge, *, by: Person, now: dt.datetime) -> int:
    """Store one reminder for each person and return how many are new.

    A second call in the same calendar week stores nothing.
    """
    if not may_read_report(by):
        raise NotAllowedError
    year, week, _day = now.isocalendar()
    key = f"nudge:{plan.semester.pk}:hand:{year}-{week}"
    same = {"kind": nudges.NUDGE, "about_id": plan.semester.pk, "created_at": now}
    rows = [Reminder(key=f"{key}:{person.pk}", person=person, due_at=plan.due_at, **same) for person in plan.people]
    known = Reminder.objects.filter(key__in=[row.key for row in rows])
    before = known.count()
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return known.count() - before
