"""What a Head changes in a plan and what stays, in words; the words of the button; and what the walker reads later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from school.calendar import Calendar
from school.models import Period, Room
from school.text.dates import date_words

from ..models import Stop, WalkEvent
from ..planning import clashes
from ..planning.clashes import Clash
from ..planning.plan import Plan, PlannedStop
from ..planning.ways_out import time_words

# Why a plan was changed, by the kind of the clash that the change solved. The walker and the deciders read it.
REASONS: dict[str, str] = {
    "full": gettext_noop("%(room)s was full"),
    "closed": gettext_noop("%(room)s was closed"),
    "no_class": gettext_noop("the timetable has changed"),
    "own_walk": gettext_noop("there is another walk at the old time"),
    "covering": gettext_noop("there is a class to cover at the old time"),
    "no_school": gettext_noop("there is no school on %(day)s"),
    "bells_changed": gettext_noop("the bells of %(day)s have changed"),
}


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
        if self.rooms_with_others:
            rooms = self.rooms_with_others
            words = ngettext("Another teacher in %(rooms)s", "Other teachers in %(rooms)s", len(rooms))
            lines.append(words % {"rooms": _rooms(rooms)})
        return lines + self.other_minutes

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

    @cached_property
    def other_minutes(self) -> list[str]:
        """The rooms with other minutes than before."""
        words = _("Room %(room)s: %(new)s minutes instead of %(old)s")
        return [
            words % {"room": new.room.code, "new": new.minutes, "old": old.minutes}
            for old, new in self._kept
            if new.minutes != old.minutes
        ]

    @cached_property
    def rooms_with_others(self) -> list[Room]:
        """The rooms in which somebody else teaches at the new time."""
        return [new.room for old, new in self._kept if new.hosts and set(new.hosts) != set(old.hosts)]

    @cached_property
    def old_time(self) -> str:
        """The time from which the walk moved, with the day if that changed; empty if it did not move."""
        return _when(self.before, self.after) if self._is_moved else ""

    def sentence(self, solved: list[Clash]) -> str:
        """Return for example "Moved from Period 5 to Period 6: Room 312 was full." `solved`: the reasons."""
        what = _("Without %(rooms)s") % {"rooms": _rooms(self._dropped)} if self._dropped else ""
        if self._is_moved:
            values = {"old": self.old_time, "new": _when(self.after, self.before), "rooms": _rooms(self._dropped)}
            words = _("Moved from %(old)s to %(new)s")
            what = (_("Moved from %(old)s to %(new)s, without %(rooms)s") if self._dropped else words) % values
        is_about_one_room = not self._is_moved and len(self._dropped) == 1
        reasons = dict.fromkeys(_reason(clash, self.before, is_about_one_room) for clash in solved)
        why = get_text_list(list(reasons), _("and"))
        if what and why:
            what = _("%(change)s: %(reason)s") % {"change": what, "reason": why}
        return " ".join(f"{line}." for line in [what, *self.other_minutes] if line)

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


def to_record(before: Plan, after: Plan, *, calendar: Calendar) -> dict[str, Any]:
    """Return what WalkEvent stores about a decider's change of a plan; empty if time, rooms and minutes stay."""
    changes = PlanChanges(before, after, approved=False)
    if not changes:
        return {}
    assert before.date is not None and after.date is not None
    days = sorted([before.date, after.date])
    availability = clashes.availability_for(before, first=days[0], last=days[1], calendar=calendar)
    remaining = {clash.key for clash in clashes.find_clashes(after, calendar=calendar, availability=availability)}
    found = clashes.find_clashes(before, calendar=calendar, availability=availability)
    solved = [clash for clash in found if clash.kind in REASONS and clash.key not in remaining]
    return {
        "sentence": changes.sentence(solved),
        "old_time": changes.old_time,
        "has_other_hosts": bool(changes.rooms_with_others),
    }


def to_show(event: WalkEvent, period: Period, stops: Iterable[Stop]) -> dict[str, str]:
    """Return the recorded change in words for the walker: what changed and why, the new time, and whom they meet."""
    old_time = event.change.get("old_time")
    names = dict.fromkeys(stop.host.short_name for stop in stops)
    meets = _("You’ll meet %(names)s.") % {"names": get_text_list(list(names), _("and"))}
    return {
        "sentence": event.change.get("sentence", ""),
        "time": _("%(new)s instead of %(old)s") % {"new": period, "old": old_time} if old_time else "",
        "meets": meets if event.change.get("has_other_hosts") else "",
    }


def _reason(clash: Clash, before: Plan, is_about_one_room: bool) -> str:
    room = _("it") if is_about_one_room else _rooms_in_words([clash.room])
    day = date_words(before.date, "D j M") if before.date else ""
    return _(REASONS[clash.kind]) % {"room": room, "day": day}


def _when(plan: Plan, other: Plan | None = None) -> str:
    """Return day and period of the plan, or only the period if the other plan is on the same day."""
    assert plan.date is not None and plan.period is not None
    return time_words(plan.date, plan.period, seen_from=other.date if other else None)


def _rooms(rooms: list[Room]) -> str:
    return _rooms_in_words([room.code for room in rooms])


def _rooms_in_words(codes: list[str]) -> str:
    return ngettext("Room %(rooms)s", "Rooms %(rooms)s", len(codes)) % {"rooms": get_text_list(codes, _("and"))}
