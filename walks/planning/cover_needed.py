"""Which approved walks need cover, and why: the walker teaches then, and nobody covers.

This is not stored but computed each time, so it is right after any change of people or timetable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.models import Lesson
from school.timetable import hours

from ..availability.occupancy import busy_times_of
from ..availability.taught_lessons import KnownLessons
from ..models import Walk
from .cover import lessons_of


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

    Fetch the walks with `cover` and `period`. Two queries, or none if there are no such walks.
    """
    ahead = [walk for walk in walks if walk.is_upcoming(now)]
    if not ahead:
        return {}
    walkers = {walk.walker_id for walk in ahead}
    covers = {walk.cover_id for walk in ahead if walk.cover_id}
    lessons = lessons_of(walkers, covers=covers, during=ahead, calendar=calendar)
    return {walk.pk: _state(walk, lessons) for walk in ahead}


def _state(walk: Walk, lessons: KnownLessons) -> CoverState:
    """`lessons` are those of walkers and covers."""
    busy = lessons.busy_during(busy_times_of(walk, calendar=lessons.calendar))
    own_lesson = busy.get(walk.walker_id)
    if own_lesson is None:
        return CoverState(None)
    return CoverState(own_lesson.title, _why_needed(walk, own_lesson, busy.get(walk.cover_id or 0), lessons))


def _why_needed(walk: Walk, own_lesson: Lesson, lesson_of_cover: Lesson | None, lessons: KnownLessons) -> str:
    """Return why the walk needs cover."""
    if walk.cover is None:
        return _("Cover is needed for %(title)s.") % {"title": own_lesson.title or _("a class")}
    name = walk.cover.full_name
    if not walk.cover.is_active:
        return _("Cover is needed again: %(name)s has left.") % {"name": name}
    if lesson_of_cover is not None:
        words = _("Cover is needed again: %(name)s teaches %(title)s at that time.")
        if lesson_of_cover.kind != Lesson.Kind.CLASS:
            words = _("Cover is needed again: %(name)s has %(title)s at that time.")
        return words % {"name": name, "title": lesson_of_cover.title or _("a class")}
    if not hours.covers(lessons.hours_of(walk.cover, walk.date), (walk.starts_at, walk.ends_at)):
        return _("Cover is needed again: %(name)s is not at school at that time.") % {"name": name}
    return ""
