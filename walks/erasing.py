"""Erase the words of a person's walks, and keep the facts that semester reports count."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from school.models import Person
from school.people import hooks
from school.people.hooks import Erasure
from school.people.registry import Registry

from .models import Excusal, State, Stop, Walk, WalkEvent

REASON = "–"  # reports count excusals, but the reason is erased

# Stops of the person's own walks that stay, because what belongs to others hangs on them.
stops_to_keep: Registry[Callable[[Person], Iterable[int]]] = Registry()


@hooks.on_erasing
def erase_walks(erasure: Erasure) -> None:
    """Keep walks that reports count, and day, room and focus of walks for which praise was sent."""
    person = erasure.person
    walks = Walk.objects.of(person)
    held = walks.order_by("pk").select_for_update().values_list("pk", flat=True)
    erasure.erased.extend([f"walk:{pk}" for pk in held])  # as `walks.mail.emails.about` says it
    kept = [stop for function in stops_to_keep for stop in function(person)]
    walks.exclude(state__in=[State.WALKED, State.COMPLETE]).delete()
    Stop.objects.filter(walk__walker=person).exclude(pk__in=kept).delete()
    WalkEvent.objects.filter(walk__walker=person).delete()
    walks.update(own_focus="", suggested_date=None, suggested_period=None)
    Stop.objects.filter(host=person).update(lesson_title="")
    WalkEvent.objects.filter(actor=person).update(words="")
    Excusal.objects.filter(person=person).update(reason=REASON)
