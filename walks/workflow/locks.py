"""Row locks: the second of two concurrent requests waits, and then sees the first one's result.

Every rule takes them in this order: people, walk, rooms (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from school import people
from school.errors import RuleError
from school.models import Lesson, Person, Room

from ..errors import AlreadyDecidedError
from ..models import Walk
from ..planning.clashes import covering_words, lesson_taught_then
from ..querysets import WalkQuerySet


def lock_people(*who: Person | None) -> None:
    """Lock these people until the transaction ends, so that nobody else plans their time."""
    people.lock(Q(pk__in=[person.pk for person in who if person is not None]))


def lock_walk(walk: Walk) -> None:
    """Lock the walk until the transaction ends, and read it again."""
    try:
        walk.refresh_from_db(from_queryset=Walk.objects.select_for_update(no_key=True))
    except Walk.DoesNotExist:
        raise AlreadyDecidedError(_("This walk has changed in the meantime.")) from None


def lock_lesson(walk: Walk) -> Lesson | None:
    """Lock and return what the walker teaches during the walk; a new timetable waits until the transaction ends.

    Lock it before the walk. If the lesson is gone after the wait, look once more in the new timetable.
    """
    for _try in range(2):
        lesson = lesson_taught_then(walk.walker, walk)
        if lesson is None or Lesson.objects.select_for_update(no_key=True).filter(pk=lesson.pk).exists():
            return lesson
    return None


def lock_rooms(rooms: Iterable[int]) -> None:
    """Lock these rooms, so that the second of two requests for a room sees the first."""
    list(Room.objects.select_for_update(no_key=True).filter(pk__in=rooms).order_by("pk").values_list("pk"))


def refuse_busy(cover: Person, walk: Walk) -> None:
    """Refuse a colleague who walks, covers or teaches then. Lock the colleague first."""
    here = Person.objects.active().filter(pk=cover.pk).exists()  # as it is now, not when the page was drawn
    engaged = _others_then(walk).engaging(cover).exists()
    if not here or engaged or lesson_taught_then(cover, walk) is not None:
        raise RuleError(_("%(name)s is not free then. Choose somebody else.") % {"name": cover.full_name})


def refuse_covering(walk: Walk, *, by: Person) -> None:
    """Refuse a walk of somebody who covers a colleague's class then. Lock the walker first."""
    covered = _others_then(walk).filter(cover=walk.walker).select_related("covered_lesson").first()
    if covered is None:
        return
    if by == walk.walker:
        lesson = covered.covered_lesson
        raise RuleError(covering_words(lesson.title if lesson else "") + " " + _("Choose another time."))
    words = _("%(name)s covers a colleague’s class then. Suggest another time, or choose somebody else for that class.")
    raise RuleError(words % {"name": walk.walker.given_name})


def _others_then(walk: Walk) -> WalkQuerySet:
    found: WalkQuerySet = Walk.objects.occupying(walk.starts_at, walk.ends_at).exclude(pk=walk.pk)
    return found
