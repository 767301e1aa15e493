"""Who is still to come through an open door."""

from __future__ import annotations

from ..models import OpenDoor, State, Walk
from ..querysets import WalkQuerySet


def still_to_come() -> WalkQuerySet:
    """Return the visits through open doors that nobody has started or cancelled."""
    found: WalkQuerySet = Walk.objects.filter(door__isnull=False, state=State.APPROVED, started_at__isnull=True)
    return found


def coming_to(door: OpenDoor) -> WalkQuerySet:
    """Return the visits to this door that are still to come."""
    return still_to_come().filter(door=door)


def names_of_visitors(door: OpenDoor) -> list[str]:
    """Return the names of the colleagues who come. Only the teachers of the class may read them."""
    coming = coming_to(door).select_related("walker").order_by("decided_at", "pk")
    return [walk.walker.full_name for walk in coming]
