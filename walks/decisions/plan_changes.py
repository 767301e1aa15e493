"""What a Head changes in a plan and what stays, in words; and the words of the button that saves it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.models import Room

from ..planning.plan import Plan, PlannedStop
from ..planning.ways_out import time_words


@dataclass(frozen=True)
class PlanChanges:
    """The plan as it was sent or approved, and as the Head's form changes it."""

    before: Plan
    after: Plan
    approved: bool  # whether the walk is approved already

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.changing)

    @cached_property
    def changing(self) -> list[str]:
        """What changes, one sentence for each."""
        lines = [self._other_time()] if self._is_moved else []
        if self._dropped:
            lines.append(_("Without %(rooms)s") % {"rooms": _rooms(self._dropped)})
        other_teachers = [new.room for old, new in self._kept if new.host and new.host != old.host]
        if other_teachers:
            words = ngettext("Another teacher in %(rooms)s", "Other teachers in %(rooms)s", len(other_teachers))
            lines.append(words % {"rooms": _rooms(other_teachers)})
        words = _("Room %(room)s: %(new)s minutes instead of %(old)s")
        for old, new in self._kept:
            if new.minutes != old.minutes:
                lines.append(words % {"room": new.room.code, "new": new.minutes, "old": old.minutes})
        return lines

    @cached_property
    def staying(self) -> list[str]:
        """What stays as it is."""
        lines = []
        if not self._is_moved:
            lines.append(_when(self.before))
        if self.after.stops:
            lines.append(_rooms([stop.room for stop in self.after.stops]))
        return lines

    @property
    def button(self) -> str:
        """The words of the button that approves or saves the plan with its changes."""
        if self._is_moved:
            return _("Move to %(when)s") % {"when": _when(self.after, self.before)}
        if self.approved:
            return _("Save the change")
        if self._dropped:
            return _("Approve without %(rooms)s") % {"rooms": _rooms(self._dropped)}
        return _("Approve with this change")

    @property
    def _is_moved(self) -> bool:
        return (self.before.date, self.before.period) != (self.after.date, self.after.period)

    @property
    def _kept(self) -> list[tuple[PlannedStop, PlannedStop]]:
        """The stops that stay, before and after."""
        after = {stop.room.pk: stop for stop in self.after.stops}
        return [(stop, after[stop.room.pk]) for stop in self.before.stops if stop.room.pk in after]

    @property
    def _dropped(self) -> list[Room]:
        kept = set(self.after.room_ids)
        return [stop.room for stop in self.before.stops if stop.room.pk not in kept]

    def _other_time(self) -> str:
        new = _when(self.after, self.before)
        return _("%(new)s instead of %(old)s") % {"new": new, "old": _when(self.before, self.after)}


def _when(plan: Plan, other: Plan | None = None) -> str:
    """Return day and period of the plan, or only the period if the other plan is on the same day."""
    assert plan.date is not None and plan.period is not None
    return time_words(plan.date, plan.period, seen_from=other.date if other else None)


def _rooms(rooms: list[Room]) -> str:
    codes = get_text_list([room.code for room in rooms], _("and"))
    return ngettext("Room %(rooms)s", "Rooms %(rooms)s", len(rooms)) % {"rooms": codes}
