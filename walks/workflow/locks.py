"""Row locks: the second of two concurrent requests waits and then sees the first one's result.

To avoid deadlocks, every rule locks in this order: people, open door, lesson, walk, rooms (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from school import people
from school.calendar import Calendar
from school.errors import RuleError
from school.models import Lesson, Person, Room
from school.timetable import hours, timetable

from ..errors import AlreadyDecidedError
from ..models import Walk
from ..planning.clashes import covering_words, lesson_during
from ..planning.plan import Plan
from ..querysets import WalkQuerySet


def lock_people(*who: Person | None) -> None:
    """Lock these people until the transaction ends, so that no other request plans their time meanwhile."""
    people.lock(Q(pk__in=[person.pk for person in who if person is not None]))


def lock_walk(walk: Walk) -> None:
    """Lock the walk until the transaction ends, and read it again."""
    try:
        walk.refresh_from_db(from_queryset=Walk.objects.select_for_update(no_key=True))
    except Walk.DoesNotExist:
        raise AlreadyDecidedError(_("This walk has changed in the meantime.")) from None


def lock_lesson(walk: Walk) -> Lesson | None:
    """Lock and return the walker's lesson during the walk; a change of the timetable waits for the transaction.

    If another transaction deleted the lesson while this one waited, the second round looks in the new timetable.
    """
    for _try in range(2):
        lesson = lesson_during(walk.walker, walk)
        if lesson is None or Lesson.objects.select_for_update(no_key=True).filter(pk=lesson.pk).exists():
            return lesson
    return None


def lock_lessons(walk: Walk, plan: Plan) -> None:
    """Lock the lesson that is covered now, and the walker's lesson at the time of the plan. Call it before `lock_walk`.

    A new timetable locks the lessons that it removes, and then the walks that refer to them.
    """
    calendar = Calendar(plan.walker.school)
    lesson = timetable.lesson_of(plan.walker, plan.busy_times(calendar=calendar), calendar=calendar)
    ids = [walk.covered_lesson_id, lesson.pk if lesson else None]
    list(Lesson.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def lock_rooms(rooms: Iterable[int]) -> None:
    """Lock these rooms until the transaction ends, so that two requests cannot both take the last place in a room."""
    list(Room.objects.select_for_update(no_key=True).filter(pk__in=rooms).order_by("pk").values_list("pk"))


def refuse_busy_cover(cover: Person, walk: Walk) -> None:
    """Refuse a cover who has left, is not at school, or walks, covers or teaches then. Lock the cover before."""
    at_school = hours.at_school_then((walk.starts_at, walk.ends_at), calendar=Calendar(walk.walker.school))
    is_here = Person.objects.active().filter(at_school, pk=cover.pk).exists()  # `cover` may have been read earlier
    is_engaged = _other_walks_then(walk).involving(cover).exists()
    if not is_here or is_engaged or lesson_during(cover, walk) is not None:
        raise RuleError(_("%(name)s is not free at that time. Choose another colleague.") % {"name": cover.full_name})


def refuse_covering_walker(walk: Walk, *, by: Person) -> None:
    """Refuse the walk if its walker covers a colleague's class then. Lock the walker before this call."""
    colleagues_walks = _other_walks_then(walk).filter(cover=walk.walker)
    colleagues_walk = colleagues_walks.select_related("covered_lesson").first()
    if colleagues_walk is None:
        return
    if by == walk.walker:
        lesson = colleagues_walk.covered_lesson
        raise RuleError(covering_words(lesson.title if lesson else "") + " " + _("Choose another time."))
    words = _(
        "%(name)s covers a colleague’s class at that time. "
        "Suggest another time, or choose another person to cover that class."
    )
    raise RuleError(words % {"name": walk.walker.short_name})


def _other_walks_then(walk: Walk) -> WalkQuerySet:
    found: WalkQuerySet = Walk.objects.occupying(walk.starts_at, walk.ends_at).exclude(pk=walk.pk)
    return found
