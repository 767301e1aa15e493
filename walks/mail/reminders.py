"""Handlers of due reminders about walks: whether the reminder still applies, and what its mail says."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import delivery, outbox
from school import semester_gaps
from school.calendar import Calendar, local_date
from school.models import Person, Semester
from school.text.dates import date_words

from .. import status
from ..activity import ended_at
from ..decisions import requests_to_decide
from ..models import State, Walk
from ..planning import good_times
from ..semester import nudges
from ..semester.walks_owed import walks_owed_now
from . import emails, schedule

NUDGE = nudges.NUDGE
SEMESTER_END = nudges.SEMESTER_END
ADD_SEMESTER = nudges.ADD_SEMESTER
GOOD_TIMES = 3
TIMES_AFTER_A_MISS = 2


@reminders.preparation(schedule.DIGEST)
def prepare_digest(reminder: Reminder, now: dt.datetime) -> dict[str, Any] | None:
    """Count the waiting walks and those without problems, before anything is locked, because it takes long."""
    if not _has_waited_a_day(reminder.person, now):
        return None
    walks = list(Walk.objects.decidable_by(reminder.person).waiting().with_route())
    calendar = Calendar(reminder.person.school)
    listed = requests_to_decide.list_requests(
        walks, decider=reminder.person, now=now, calendar=calendar, offers_cover=False
    )
    return {"waiting_count": len(walks), "clear_count": len(listed.clear)}


@reminders.handler(schedule.DIGEST)
def approvals_digest(reminder: Reminder, now: dt.datetime) -> bool:
    """Tell a decider that a walk has waited for more than a day, and schedule the same for the next morning."""
    person = reminder.person
    if not reminder.prepared or not _has_waited_a_day(person, now):
        return False
    since = now - schedule.A_DAY + dt.timedelta(hours=1)
    calendar = Calendar(person.school)
    schedule.schedule_digest(person, waiting_since=since, calendar=calendar, now=now)
    return _put(schedule.DIGEST, reminder, "approvals_digest", reminder.prepared, now)


@delivery.recheck(schedule.DIGEST)
def digest_still_true(message: Message, now: dt.datetime) -> bool:
    """Skip the digest if no walk waits any more, or the day is over: the next morning has its own digest."""
    assert message.recipient is not None  # delivery skips mails of erased people before it asks this
    school = message.recipient.school
    return local_date(school, message.created_at) == local_date(school, now) and _has_waited_a_day(
        message.recipient, now
    )


def _has_waited_a_day(person: Person, now: dt.datetime) -> bool:
    """Whether a walk has waited for this person's decision for 24 hours."""
    waiting = Walk.objects.decidable_by(person).waiting()
    return waiting.filter(requested_at__lte=now - schedule.A_DAY).exists()


@reminders.handler(schedule.TODAY)
def walk_today(reminder: Reminder, now: dt.datetime) -> bool:
    """Tell the walker in the morning where and when the walk is, and what it looks for."""
    walk = _walk(reminder, State.APPROVED)
    if walk is None or not _is_today(walk, now):
        return False
    focus = ", ".join(walk.focus_names)
    return emails.send_reminder(walk, schedule.TODAY, "today", now=now, focus=focus, practices=list(walk.focus.all()))


def _is_today(walk: Walk, now: dt.datetime) -> bool:
    school = walk.walker.school
    is_ahead = not walk.started_at and walk.starts_at > now and walk.date == local_date(school, now)
    return is_ahead and walk.date not in Calendar(school).days_off


@delivery.recheck(schedule.TODAY)
def still_today(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walk began, was moved, is no longer approved, or the school has a day off."""
    return any(_is_today(walk, now) for walk in emails.still_approved_walk(message).select_related("walker__school"))


@reminders.preparation(schedule.MISSED)
def prepare_missed(reminder: Reminder, now: dt.datetime) -> list[str]:
    """Find two other times for a missed walk, before anything is locked."""
    if _missed(reminder, now) is None:
        return []
    times = good_times.next_good_times(reminder.person, now=now, count=TIMES_AFTER_A_MISS)
    return [f"{date_words(good_time.date)}, {good_time.period}" for good_time in times]


@reminders.handler(schedule.MISSED)
def walk_missed(reminder: Reminder, now: dt.datetime) -> bool:
    """Tell the walker once that the time of the walk passed before it began, with two other times."""
    walk = _missed(reminder, now)
    return walk is not None and emails.send_reminder(
        walk, schedule.MISSED, "missed", now=now, good_times=reminder.prepared
    )


def _missed(reminder: Reminder, now: dt.datetime) -> Walk | None:
    walk = _walk(reminder, State.APPROVED)
    return walk if walk is not None and status.is_missed(walk, now) else None


@delivery.recheck(schedule.MISSED)
def still_missed(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walk was logged or moved meanwhile."""
    return any(status.is_missed(walk, now) for walk in emails.still_approved_walk(message))


@reminders.handler(schedule.FORGOTTEN)
def finish_forgotten(reminder: Reminder, now: dt.datetime) -> bool:
    """Ask the walker in the evening whether the walk is over."""
    walk = _walk(reminder, State.APPROVED)
    if walk is None or not status.is_forgotten(walk, now):
        return False
    end = ended_at(walk, now=now)
    return end is not None and emails.send_reminder(walk, schedule.FORGOTTEN, "forgotten", now=now, ended_at=end)


@delivery.recheck(schedule.FORGOTTEN)
def still_forgotten(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the walk was finished meanwhile."""
    return any(status.is_forgotten(walk, now) for walk in emails.still_approved_walk(message))


@reminders.preparation(NUDGE)
def prepare_nudge(reminder: Reminder, now: dt.datetime) -> dict[str, Any] | None:
    """Compute the nudge's text, which reads much of the timetable, before anything is locked."""
    semester = _semester_to_walk_in(reminder.about_id, reminder.person, now)
    return nudge_context(reminder.person, semester, now) if semester else None


@reminders.handler(NUDGE)
def nudge(reminder: Reminder, now: dt.datetime) -> bool:
    """Offer a teacher without a planned walk three good times, each with a link that fills in the planning page."""
    if not reminder.prepared or _semester_to_walk_in(reminder.about_id, reminder.person, now) is None:
        return False
    sender = reminder.sent_by if reminder.sent_by and reminder.sent_by.is_active else None
    from_sender = {"sender": sender, "words": reminder.words if sender else ""}
    return _put(NUDGE, reminder, "nudge", reminder.prepared | from_sender, now, sender=sender)


@delivery.recheck(NUDGE)
def still_unplanned(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if the person has planned a walk meanwhile."""
    assert message.recipient is not None  # delivery skips mails of erased people before it asks this
    _template, semester = message.about.split(":")
    return _semester_to_walk_in(int(semester), message.recipient, now) is not None


def _semester_to_walk_in(semester_id: int, person: Person, now: dt.datetime) -> Semester | None:
    """Return the semester with this id, if the person still has to plan a walk in it."""
    semester: Semester | None = Semester.objects.filter(pk=semester_id).first()
    owes = semester is not None and nudges.people_without_plan(semester, now=now).filter(pk=person.pk).exists()
    return semester if owes else None


def nudge_context(person: Person, semester: Semester, now: dt.datetime) -> dict[str, Any]:
    """Return the template context of a nudge: the semester, and good times for the person in it."""
    times = good_times.next_good_times(person, now=now, count=GOOD_TIMES)
    return {
        "semester": semester,
        "good_times": [_good_time_context(good_time) for good_time in times if good_time.date <= semester.ends_on],
    }


@reminders.handler(SEMESTER_END)
def semester_end(reminder: Reminder, now: dt.datetime) -> bool:
    """Tell an administrator after the last day that the report is ready."""
    semester = Semester.objects.filter(pk=reminder.about_id).first()
    if semester is None or not reminder.person.is_administrator:
        return False
    done, total = nudges.completion_counts(semester, now=now)
    is_voluntary = not walks_owed_now(semester, now=now)
    context = {"semester": semester.name, "done": done, "total": total, "is_voluntary": is_voluntary}
    return _put(SEMESTER_END, reminder, "semester_end", context, now)


@reminders.handler(ADD_SEMESTER)
def add_semester(reminder: Reminder, now: dt.datetime) -> bool:
    """Ask an administrator to add the next semester, unless there is one."""
    person = reminder.person
    to_add = _semester_to_add(person, reminder.about_id, now)
    if not to_add:
        return False
    has_ended = ":after:" in reminder.key
    return _put(ADD_SEMESTER, reminder, "add_semester", {"to_add": to_add, "semester_has_ended": has_ended}, now)


@delivery.recheck(ADD_SEMESTER)
def still_to_add(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if a semester was added meanwhile.

    Also skip the mail from before the semester's end if it has ended now, because a later mail says so.
    """
    assert message.recipient is not None  # delivery skips mails of erased people before it asks this
    _template, semester = message.about.split(":")
    is_early_mail = ":before:" in message.key
    ending = Semester.objects.filter(pk=semester).first()
    ended = ending is not None and local_date(ending.school, now) > ending.ends_on
    return bool(_semester_to_add(message.recipient, int(semester), now)) and not (is_early_mail and ended)


def _semester_to_add(person: Person, semester_id: int, now: dt.datetime) -> str:
    """Return a sentence that asks for the next semester.

    It is empty if there is a next semester, or the person is no longer an administrator.
    """
    calendar = Calendar(person.school)
    today = local_date(person.school, now)
    last = semester_gaps.last_semester_if_ending(calendar, today)
    if last is None or last.pk != semester_id:
        return ""
    return semester_gaps.semester_to_add(person, calendar, today)


def _walk(reminder: Reminder, state: str) -> Walk | None:
    """Return the walk of a reminder, if it was not approved again or moved after the reminder was scheduled."""
    walk = Walk.objects.with_route().filter(pk=reminder.about_id, state=state, walker=reminder.person_id).first()
    is_same_approval = walk is not None and reminder.key.endswith(f":{schedule.approval_key(walk)}")
    return walk if is_same_approval else None


def _good_time_context(good_time: good_times.GoodTime) -> dict[str, str]:
    return {
        "day": date_format(good_time.date, "l"),
        "period": good_time.period.name,
        "words": _("%(day)s, %(period)s: %(title)s (%(rooms)s).")
        % {
            "day": date_words(good_time.date),
            "period": good_time.period,
            "title": good_time.title,
            "rooms": ", ".join(good_time.codes),
        },
        "url": f"{settings.SITE_URL}{reverse('walks:new')}?{good_time.query}",
    }


def _put(
    kind: str,
    reminder: Reminder,
    template: str,
    context: dict[str, Any],
    now: dt.datetime,
    *,
    sender: Person | None = None,
) -> bool:
    person: Person = reminder.person
    message = outbox.put(
        kind=kind,
        key=reminder.key,
        to=person,
        template=f"walks/{template}",
        context=context,
        now=now,
        about=f"{template}:{reminder.about_id}",
        reply_to=sender,
        author=sender,
    )
    return message is not None
