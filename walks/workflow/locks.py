"""Row locks: the second of two people who act at once waits, and then sees what the first one did.

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


def hold_people(*who: Person | None) -> None:
    """Keep everybody else from planning the time of these people until the transaction ends."""
    people.hold(Q(pk__in=[person.pk for person in who if person is not None]))


def hold(walk: Walk) -> None:
    """Read the walk anew, and keep everybody else from changing it until the transaction ends."""
    try:
        walk.refresh_from_db(from_queryset=Walk.objects.select_for_update(no_key=True))
    except Walk.DoesNotExist:
        raise AlreadyDecidedError(_("This walk has changed in the meantime.")) from None


def hold_lesson(walk: Walk) -> Lesson | None:
    """What the walker teaches during the walk; a new timetable waits until the transaction ends.

    Hold it before the walk. Who waited for a new timetable reads once more what it says.
    """
    for _try in range(2):
        lesson = lesson_taught_then(walk.walker, walk)
        if lesson is None or Lesson.objects.select_for_update(no_key=True).filter(pk=lesson.pk).exists():
            return lesson
    return None


def hold_rooms(rooms: Iterable[int]) -> None:
    """Of two requests for the same room the second sees the first."""
    list(Room.objects.select_for_update(no_key=True).filter(pk__in=rooms).order_by("pk").values_list("pk"))


def refuse_busy(cover: Person, walk: Walk) -> None:
    """Who covers neither walks, covers nor teaches then. Hold the colleague first."""
    here = Person.objects.active().filter(pk=cover.pk).exists()  # as it is now, not when the page was drawn
    engaged = _others_then(walk).engaging(cover).exists()
    if not here or engaged or lesson_taught_then(cover, walk) is not None:
        raise RuleError(_("%(name)s is not free then. Choose somebody else.") % {"name": cover.full_name})


def refuse_covering(walk: Walk, *, by: Person) -> None:
    """Nobody walks while they cover a colleague's class. Hold the walker first."""
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
