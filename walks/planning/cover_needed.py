"""Which approved walks need cover, and why: the walker teaches then, and nobody covers.

This is not stored but computed each time, so it is right after any change of people or timetable.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.models import Lesson

from ..models import Walk

Slot = tuple[int, int, int]  # the ids of semester, day type and period
TaughtTitles = Mapping[tuple[Slot, int], str]  # (slot, teacher's id) → title of the class


@dataclass(frozen=True)
class CoverState:
    """Title of the walker's lesson at that time (None without a lesson), and why it needs cover (empty if covered)."""

    title: str | None
    why_needed: str = ""


def reasons(walks: Iterable[Walk], *, calendar: Calendar, now: dt.datetime) -> dict[int, str]:
    """Return why these walks need cover, by walk id; walks that need no cover are left out."""
    found = states(walks, calendar=calendar, now=now)
    return {walk: state.why_needed for walk, state in found.items() if state.why_needed}


def states(walks: Iterable[Walk], *, calendar: Calendar, now: dt.datetime) -> dict[int, CoverState]:
    """Return the cover of those walks that are approved and have not begun or ended, by walk id.

    Fetch the walks with `cover` and `period`. One query, or none if there are no such walks.
    """
    slots = {walk: _slot(walk, calendar) for walk in walks if walk.is_upcoming(now)}
    taught = _taught(slots)
    return {walk.pk: _state(walk, slot, taught) for walk, slot in slots.items()}


def _state(walk: Walk, slot: Slot | None, taught: TaughtTitles) -> CoverState:
    title = taught.get((slot, walk.walker_id)) if slot else None
    if slot is None or title is None:
        return CoverState(None)
    return CoverState(title, _why_needed(walk, title, taught.get((slot, walk.cover_id or 0))))


def _why_needed(walk: Walk, title: str, own_class: str | None) -> str:
    """Return why the walk needs cover. `own_class`: the title of what the cover teaches then, None without a lesson."""
    if walk.cover is None:
        return _("Cover is needed for %(title)s.") % {"title": title or _("a class")}
    name = walk.cover.full_name
    if not walk.cover.is_active:
        return _("Cover is needed again: %(name)s has left.") % {"name": name}
    if own_class is not None:
        words = _("Cover is needed again: %(name)s teaches %(title)s at that time.")
        return words % {"name": name, "title": own_class or _("a class")}
    return ""


def _slot(walk: Walk, calendar: Calendar) -> Slot | None:
    semester = calendar.semester_on(walk.date)
    day_type = calendar.day_type(walk.date)
    return (semester.pk, day_type.pk, walk.period_id) if semester and day_type else None


def _taught(slots: Mapping[Walk, Slot | None]) -> TaughtTitles:
    """Return the titles of what walkers and covers teach at the times of these walks."""
    people: dict[Slot, set[int]] = defaultdict(set)
    for walk, slot in slots.items():
        if slot is not None:
            people[slot].add(walk.walker_id)
            if walk.cover_id:
                people[slot].add(walk.cover_id)
    if not people:
        return {}
    wanted = Q(pk__in=[])
    for (semester, day_type, period), teachers in people.items():
        wanted |= Q(semester=semester, day_type=day_type, period=period, teacher__in=teachers)
    columns = ("semester_id", "day_type_id", "period_id", "teacher_id", "title")
    rows = Lesson.objects.filter(wanted).order_by().values_list(*columns)
    return {((semester, day, period), teacher): title for semester, day, period, teacher, title in rows}
