"""Erase what a person wrote about walks, and keep the facts that semester reports count."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from school.models import Person
from school.people import hooks
from school.people.hooks import Erasure
from school.registry import Registry

from .models import Excusal, State, Stop, Walk, WalkEvent

ERASED_REASON = "–"  # takes the place of an erased reason, because reports still count the excusal

# Each function returns ids of stops on the person's own walks that must stay, because other people's data refer to
# them. The app `observations` registers the stops with praise.
stops_to_keep: Registry[Callable[[Person], Iterable[int]]] = Registry()


@hooks.on_erasing
def erase_walks(erasure: Erasure) -> None:
    """Delete the person's walks and words, except walks that reports count and stops in `stops_to_keep`."""
    person = erasure.person
    walks = Walk.objects.of(person)
    locked = walks.order_by("pk").select_for_update().values_list("pk", flat=True)
    erasure.erased.extend([f"walk:{pk}" for pk in locked])  # the same text as `walks.mail.emails.outbox_reference`
    kept = [stop for function in stops_to_keep for stop in function(person)]
    walks.exclude(state__in=[State.WALKED, State.COMPLETE]).delete()
    Stop.objects.filter(walk__walker=person).exclude(pk__in=kept).delete()
    WalkEvent.objects.filter(walk__walker=person).delete()
    walks.update(own_focus="", suggested_date=None, suggested_period=None)
    Stop.objects.filter(host=person).update(lesson_title="")
    WalkEvent.objects.filter(actor=person).update(words="")
    Excusal.objects.filter(person=person).update(reason=ERASED_REASON)
