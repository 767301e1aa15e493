"""Somebody's walks become facts without words: what the semester reports count stays, everything else goes."""

from __future__ import annotations

from collections.abc import Iterable

from school.models import Person

from .models import Excusal, State, Stop, Walk, WalkEvent

REASON = "–"  # that somebody was excused is counted; why is nobody's business any more


def erase(person: Person, *, but_stops: Iterable[int]) -> list[int]:
    """In the caller's transaction; says which walks were theirs. Stops that a letter is from stay as its frame."""
    walks = Walk.objects.of(person)
    known = list(walks.order_by("pk").select_for_update().values_list("pk", flat=True))
    walks.exclude(state__in=[State.WALKED, State.COMPLETE]).delete()
    Stop.objects.filter(walk__walker=person).exclude(pk__in=list(but_stops)).delete()
    WalkEvent.objects.filter(walk__walker=person).delete()
    walks.update(own_focus="", suggested_date=None, suggested_period=None)
    Stop.objects.filter(host=person).update(lesson_title="")
    WalkEvent.objects.filter(actor=person).update(words="")
    Excusal.objects.filter(person=person).update(reason=REASON)
    return known
