"""The status of a walk as its walker sees it, computed from the stored state and the clock."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar, local_date
from school.models import Person
from school.text.dates import date_words
from school.text.typed import number_in_words

from .models import State, Stop, Walk, WalkEvent

# Keys of the statuses in which the walker has something to do now, most urgent first; for "today" see `key_today`.
DUE_NOW = ("walking", "praise_due", "forgotten", "praise_late", "today", "takeaway")
FORGOTTEN_AFTER = dt.timedelta(hours=1)  # after the planned end, because the walker did not press Finish


@dataclass(frozen=True)
class Status:
    """A status in words, with the CSS class and icon of its pill."""

    key: str
    css: str
    icon: str
    words: str  # in the pill
    line: str = ""  # under the pill
    heading: str = ""  # the walker's next step in a few words


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way of an approved walk that is still ahead."""

    kind: Literal["no_school", "cover_needed"]
    words: str

    @property
    def icon(self) -> str:
        return "calendar-x" if self.kind == "no_school" else "person-plus-fill"


def is_missed(walk: Walk, now: dt.datetime) -> bool:
    """Whether an approved walk's time has passed without a start."""
    return walk.state == State.APPROVED and walk.started_at is None and walk.ends_at < now


def expected_end(walk: Walk) -> dt.datetime:
    """Return when a walk under way should be over, by its planned length."""
    assert walk.started_at is not None
    return walk.started_at + (walk.ends_at - walk.starts_at)


def is_forgotten(walk: Walk, now: dt.datetime) -> bool:
    """Whether the walker probably forgot to press Finish: the walk should have been over an hour ago."""
    return walk.is_live and now > expected_end(walk) + FORGOTTEN_AFTER


def has_passed(walk: Walk, now: dt.datetime) -> bool:
    """Whether the planned time is over and the walk is not approved, so that its walker has to pick another day."""
    not_approved = walk.state in (State.DRAFT, State.REQUESTED, State.CHANGES_ASKED)
    return not_approved and walk.ends_at <= now


def has_lapsed(walk: Walk, now: dt.datetime) -> bool:
    """Whether a request can no longer be approved: its time is over, and so is any suggested time."""
    is_request = walk.state in (State.REQUESTED, State.CHANGES_ASKED)
    return is_request and has_passed(walk, now) and not _has_open_suggestion(walk, now)


def _has_open_suggestion(walk: Walk, now: dt.datetime) -> bool:
    """Whether the Head of Grade suggested a time that the walker can still accept."""
    if walk.suggested_period is None:
        return False
    date = walk.suggested_date or walk.date
    starts_at, _ends_at = Calendar(walk.walker.school).times(date, walk.suggested_period)
    return starts_at > now


def stops_to_thank(walk: Walk) -> list[Stop]:
    """Return the stops whose host still has to be thanked. Prefetch the stops."""
    return [stop for stop in walk.stops.all() if stop.is_owed_thanks]


def title_of(walk: Walk) -> str:
    """Return where a walk goes, for example "Second floor" or "Ground floor and Room 301".

    Rooms of one building, but of several hallways, are called after the building. Fetch the walk with `with_route`.
    """
    rooms = [stop.room for stop in walk.room_stops]
    if not rooms:
        return _("No rooms yet")
    if walk.is_drop_in:
        return _("Open door, Room %(code)s") % {"code": rooms[0].code}
    in_hallway = Counter(room.hallway for room in rooms)
    buildings = list(dict.fromkeys(hallway.building.name for hallway in in_hallway))
    if len(in_hallway) == 1:
        return rooms[0].hallway.title
    if len(in_hallway) > 2 or len(buildings) == 1:
        return str(get_text_list(buildings, _("and")))
    places = [
        room.hallway.title if in_hallway[room.hallway] > 1 else _("Room %(code)s") % {"code": room.code}
        for room in rooms
    ]
    return str(get_text_list(list(dict.fromkeys(places)), _("and")))


def length_words(walk: Walk) -> str:
    """Return for example "Four rooms, 17 minutes": as planned, or as walked once it is finished. Prefetch the stops.

    Return an empty string if the walk has no rooms.
    """
    if walk.finished_at is None:
        return rooms_and_minutes(len(walk.room_stops), walk.minutes)
    visited = sum(1 for stop in walk.room_stops if stop.visited)
    return rooms_and_minutes(visited, walk.minutes_until(walk.finished_at))


def rooms_and_minutes(rooms: int, minutes: int) -> str:
    """Return for example "Four rooms, 1 minute", or an empty string without rooms."""
    if not rooms:
        return ""
    room_words = ngettext("One room", "%(rooms)s rooms", rooms) % {"rooms": number_in_words(rooms)}
    minute_words = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return f"{room_words}, {minute_words}"


def of(walk: Walk, now: dt.datetime) -> Status:
    """Return the walk's status at the moment `now`. Fetch the walk with `with_route`."""
    by_state = {
        State.DRAFT: _draft,
        State.REQUESTED: _requested,
        State.CHANGES_ASKED: _changes_asked,
        State.APPROVED: _approved,
        State.WALKED: _walked,
        State.COMPLETE: _complete,
        State.CANCELLED: _cancelled,
    }
    return by_state[State(walk.state)](walk, now)


def with_deciders(status: Status, names: str, *, reader_decides: bool = False) -> Status:
    """Return a request's status with the names of its deciders: "Waiting for Lucía". Others stay as they are.

    To one of the deciders it says "Waiting for you".
    """
    if status.key != "requested" or not names:
        return status
    if reader_decides:
        return replace(status, words=_("Waiting for you"))
    heading = _("Waiting for %(names)s to approve") % {"names": names}
    return replace(status, words=_("Waiting for %(names)s") % {"names": names}, heading=heading)


def with_obstacle(status: Status, obstacle: Obstacle | None) -> Status:
    """Return an approved walk's status with what stands in its way: "Cover needed", "No school that day".

    Other statuses stay as they are. Without school there is nothing to start, so that status has a key of its own.
    """
    if status.key != "approved" or obstacle is None:
        return status
    changed = replace(status, css="pill-change", icon=obstacle.icon)
    if obstacle.kind == "cover_needed":
        return replace(changed, words=_("Cover needed"), heading=_("Approved, but your class needs cover"))
    line = _("%(reason)s Your rooms and focus are kept.") % {"reason": obstacle.words}
    heading = _("Pick another day for your walk")
    return replace(changed, key="no_school", words=_("No school that day"), line=line, heading=heading)


def with_canceller(status: Status, events: Iterable[WalkEvent], reader: Person, *, now: dt.datetime) -> Status:
    """Return a cancelled walk's status with the person who cancelled it: "By you, 9 November"."""
    last = next((event for event in events if event.action in ("cancel", "cancel_approved")), None)
    if status.key != "cancelled" or last is None or last.actor is None:
        return status
    date = _date(local_date(reader.school, last.at), local_date(reader.school, now))
    if last.actor_id == reader.pk:
        return replace(status, line=_("By you, %(date)s.") % {"date": date})
    return replace(status, line=_("By %(name)s, %(date)s.") % {"name": last.actor.full_name, "date": date})


def key_today(walk: Walk, status: Status, now: dt.datetime) -> str:
    """Return the key of the walk's status, or "today" for an approved walk on its day."""
    is_today = walk.date == local_date(walk.walker.school, now)
    return "today" if status.key == "approved" and is_today else status.key


def _draft(walk: Walk, now: dt.datetime) -> Status:
    if has_passed(walk, now):
        heading = _("Pick another day for your walk")
        return Status("passed", "pill-change", "calendar-x", _("Draft"), _passed_words(walk), heading)
    heading = _("Finish your plan and send it")
    return Status("draft", "", "pencil", _("Draft"), _("Only you can see this."), heading)


def _passed_words(walk: Walk) -> str:
    return _("%(day)s has passed. Your rooms and focus are kept.") % {"day": date_words(walk.date)}


def _requested(walk: Walk, now: dt.datetime) -> Status:
    when = _when(walk, walk.requested_at)
    line = _("Sent %(when)s. Most replies come within a day.") % {"when": when}
    if has_passed(walk, now):
        line = _passed_words(walk)
    words = _("Waiting for your Head of Grade")
    heading = _("Your request is waiting for approval")
    return Status("requested", "pill-wait", "hourglass-split", words, line, heading)


def _changes_asked(walk: Walk, now: dt.datetime) -> Status:
    who = walk.decided_by.short_name if walk.decided_by else _("Your Head of Grade")
    line = _("%(who)s asks for a change.") % {"who": who}
    heading = _("A small change?")
    return Status("changes_asked", "pill-change", "chat-left-text", _("Change asked for"), line, heading)


def _approved(walk: Walk, now: dt.datetime) -> Status:
    if is_forgotten(walk, now):
        line = _("It began on %(when)s.") % {"when": _when(walk, walk.started_at)}
        return Status("forgotten", "pill-change", "flag", _("Still walking?"), line, _("Is your walk over?"))
    if walk.is_live:
        stops = [stop for stop in walk.room_stops if stop.skipped_at is None]
        done = sum(1 for stop in stops if stop.left_at is not None)
        line = _("Room %(n)s of %(total)s.") % {"n": min(done + 1, len(stops)), "total": len(stops)}
        heading = _("You’re on your walk")
        return Status("walking", "pill-walking", "person-walking", _("Walking now"), line, heading)
    if is_missed(walk, now):
        line = _("No problem. Pick another time.")
        heading = _("Another time for this walk?")
        return Status("missed", "pill-change", "calendar-x", _("Another time?"), line, heading)
    line = _when(walk, walk.starts_at) + "."
    is_today = walk.date == local_date(walk.walker.school, now)
    heading = _("Your walk is today") if is_today else _("Your walk is approved")
    return Status("approved", "pill-ready", "check2-circle", _("Ready to walk"), line, heading)


def _walked(walk: Walk, now: dt.datetime) -> Status:
    waiting = len(stops_to_thank(walk))
    if not waiting:
        line = _("What will you try in your own room?")
        words = _("Takeaway to write")
        return Status("takeaway", "pill-change", "lightbulb", words, line, heading=words)
    heading = ngettext("%(n)s colleague to thank", "%(n)s colleagues to thank", waiting)
    heading %= {"n": number_in_words(waiting)}
    if walk.praise_due_at and now > walk.praise_due_at:
        line = _("It’s been more than a day. A late thank-you is a thank-you, too.")
        return Status("praise_late", "pill-late", "envelope-heart", _("Praise still welcome"), line, heading)
    line = _praise_deadline_words(walk, now)
    return Status("praise_due", "pill-praise", "envelope-heart", _("Praise to send"), line, heading)


def _praise_deadline_words(walk: Walk, now: dt.datetime) -> str:
    """Return for example "By 14:24 today.", or the same with the day."""
    assert walk.praise_due_at is not None
    due = walk.praise_due_at.astimezone(_zone(walk))
    if due.date() == now.astimezone(_zone(walk)).date():
        return _("By %(time)s today.") % {"time": date_format(due, "H:i")}
    return _("By %(when)s.") % {"when": _when(walk, due)}


def _complete(walk: Walk, now: dt.datetime) -> Status:
    line = _("Done %(date)s. Thank you for walking.") % {"date": _date(walk.date, local_date(walk.walker.school, now))}
    heading = _("This walk is complete")
    return Status("complete", "pill-done", "check-circle-fill", _("Complete"), line, heading)


def _cancelled(walk: Walk, now: dt.datetime) -> Status:
    school = walk.walker.school
    day = _date(local_date(school, walk.cancelled_at or walk.starts_at), local_date(school, now))
    line = _("Cancelled on %(date)s.") % {"date": day}
    return Status("cancelled", "", "x-circle", _("Cancelled"), line, _("This walk is cancelled"))


def _zone(walk: Walk) -> dt.tzinfo:
    return walk.walker.school.zone


def _when(walk: Walk, moment: dt.datetime | None) -> str:
    local = (moment or walk.starts_at).astimezone(_zone(walk))
    return f"{date_words(local)}, {date_format(local, 'H:i')}"


def _date(date: dt.date, today: dt.date) -> str:
    return date_words(date, "j F", today=today)
