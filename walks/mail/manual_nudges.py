"""A nudge that an administrator or a Head of Grade sends by hand, after a preview."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from notifications import preferences
from notifications.models import Reminder, ReminderState
from notifications.quiet import fit_quiet_hours
from notifications.sending import rendering
from school.errors import NotAllowedError
from school.models import Person, Semester
from school.people.addresses import tell_in_person

from ..permissions import may_read_report
from ..semester import nudges
from . import reminders


@dataclass(frozen=True)
class ManualNudge:
    """A nudge to send by hand, with the preview of the first recipient's mail."""

    semester: Semester
    people: list[Person]
    without_address: str  # a sentence about those who get no mail
    nudged_lately: list[Person]  # less than a week ago, so they get none now
    nudge_waits_for: list[Person]  # a nudge for them is stored and not sent yet, so they get no second one
    preview_for: Person | None  # the preview shows the mail to this person
    subject: str
    good_times: list[dict[str, str]]
    due_at: dt.datetime
    waits: bool  # for the end of the quiet hours


def prepare(reader: Person, semester: Semester, *, now: dt.datetime, chosen: Collection[str] = ()) -> ManualNudge:
    """Return the nudge for the teachers of the reader's grades, or of the school, who have not planned a walk yet.

    Nobody gets more than one nudge a week. The preview is the mail of the first of the `chosen` people (their ids).
    """
    without_plan = (
        nudges.people_without_plan(semester, now=now)
        .select_related("school", "grade")
        .order_by("family_name", "given_name")
    )
    if not reader.is_administrator:
        without_plan = without_plan.filter(grade__in=reader.headed_grade_ids)
    owing = list(without_plan)
    everybody = [person for person in owing if person.email]
    nudged = preferences.recently_nudged([person.pk for person in everybody], now)
    waiting = _waiting_nudges(everybody) - nudged
    people = [person for person in everybody if person.pk not in nudged | waiting]
    preview_for = next((person for person in people if str(person.pk) in chosen), next(iter(people), None))
    subject, good_times = _preview(preview_for, semester, now) if preview_for else ("", [])
    due_at = fit_quiet_hours(reader.school, now)
    return ManualNudge(
        semester=semester,
        people=people,
        without_address=tell_in_person(owing),
        nudged_lately=[person for person in everybody if person.pk in nudged],
        nudge_waits_for=[person for person in everybody if person.pk in waiting],
        preview_for=preview_for,
        subject=subject,
        good_times=good_times,
        due_at=due_at,
        waits=due_at > now,
    )


def _waiting_nudges(people: Iterable[Person]) -> set[int]:
    """Return the ids of those people for whom a nudge is stored that did not become a mail yet."""
    waiting = Reminder.objects.filter(kind=nudges.NUDGE, state=ReminderState.PENDING, person__in=list(people))
    return set(waiting.values_list("person", flat=True))


def _preview(person: Person, semester: Semester, now: dt.datetime) -> tuple[str, list[dict[str, str]]]:
    """Return the subject and the offered times of this person's mail."""
    context = reminders.nudge_context(person, semester, now)
    with timezone.override(person.school.zone):
        subject = rendering.subject("walks/nudge", context)
    return subject, context["good_times"]


@transaction.atomic
def send(manual_nudge: ManualNudge, people: Iterable[Person], *, words: str = "", by: Person, now: dt.datetime) -> int:
    """Store one reminder for each of these people and return how many are new.

    A second call in the same calendar week stores nothing. `words` is a line that the sender adds to the mail.
    """
    if not may_read_report(by):
        raise NotAllowedError
    year, week, _day = now.isocalendar()
    key = f"nudge:{manual_nudge.semester.pk}:hand:{year}-{week}"
    same_for_all = {
        "kind": nudges.NUDGE,
        "about_id": manual_nudge.semester.pk,
        "due_at": manual_nudge.due_at,
        "created_at": now,
        "sent_by": by,
        "words": words,
    }
    recipients = [person for person in people if person in manual_nudge.people]
    rows = [Reminder(key=f"{key}:{person.pk}", person=person, **same_for_all) for person in recipients]
    known = Reminder.objects.filter(key__in=[row.key for row in rows])
    before = known.count()
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return known.count() - before
