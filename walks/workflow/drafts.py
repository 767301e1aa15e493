"""Store a plan as a walk: save a draft, send or change it, adjust it as a decider, or delete the draft."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.models import Person, Room

from ..activity import activity_on
from ..decisions import plan_changes
from ..errors import NewClashError, NotReadyError
from ..mail import emails
from ..models import State, Stop, Walk
from ..permissions import is_walker
from ..planning.clashes import CAUSED_BY_OTHERS, availability_for, find_clashes
from ..planning.plan import Plan, plan_of, problems
from ..planning.route_changes import with_stops
from . import approval, locks, transitions
from .suggestions import without_empty_rooms


@transaction.atomic
def save(plan: Plan, *, by: Person, now: dt.datetime, token: uuid.UUID | None = None) -> Walk:
    """Store the plan as a draft that only its walker sees. A second call with the same token changes the same draft."""
    locks.lock_people(plan.walker)  # the second of two clicks waits, and finds the walk of the first
    stored = stored_walk(plan, token)
    _check_changeable(plan, stored, by)
    if stored is not None and stored.state != State.DRAFT:
        if plan.walk is None:
            return stored  # the button was pressed twice
        raise NotReadyError(
            _("This walk has been sent. Send your change, or first press “Take it back” on the walk’s page.")
        )
    return _write_own(stored or Walk(walker=plan.walker, uid=uid_of_new_walk(token)), plan)


@transaction.atomic
def send(
    plan: Plan,
    *,
    calendar: Calendar,
    by: Person,
    now: dt.datetime,
    token: uuid.UUID | None = None,
    shown_clashes: Collection[str] | None = None,
) -> Walk:
    """Store the plan and send it to its deciders.

    If the walk was sent before, only a change of time or rooms needs a new decision. Two calls with the same token
    store one walk, even at the same moment. `shown_clashes` are the keys of the clashes that the page showed; a new one
    that other people caused raises NewClashError. With `shown_clashes=None` clashes are not checked.
    """
    locks.lock_people(plan.walker)
    stored = stored_walk(plan, token)
    _check_changeable(plan, stored, by)
    if stored is not None and plan.walk is None and stored.state != State.DRAFT:
        return stored  # the button was pressed twice
    refuse_unready(plan, calendar, now)
    if shown_clashes is not None:
        _refuse_new_clash(plan, calendar, shown_clashes)
    before = _time_and_rooms(stored) if stored else None
    was_agreed = stored is not None and stored.state == State.APPROVED
    approved_time = emails.day_and_period(stored) if stored is not None and was_agreed else ""
    was_surprise = stored is not None and not stored.announced
    walk = _write_own(stored or Walk(walker=plan.walker, uid=uid_of_new_walk(token)), plan)
    if walk.state == State.DRAFT:
        approval.request(walk, by=by, now=now)
    elif before != _time_and_rooms(walk):
        approval.change(walk, by=by, now=now, was_agreed=was_agreed, approved_time=approved_time)
    elif was_agreed and was_surprise:
        emails.send_host_mails(walk, now=now)
    return walk


def _write_own(walk: Walk, plan: Plan) -> Walk:
    """Store the walker's own plan. What colleagues are told follows the present policy of the school."""
    school = plan.walker.school
    walk.tells_focus = school.focus_in_heads_up
    return write(walk, replace(plan, announced=plan.announced or school.always_announce))


def _refuse_new_clash(plan: Plan, calendar: Calendar, shown_clashes: Collection[str]) -> None:
    """Raise NewClashError if other people caused a clash after the page was drawn. Locks the rooms."""
    locks.lock_rooms(plan.room_ids)
    for clash in find_clashes(plan, calendar=calendar):
        if clash.kind in CAUSED_BY_OTHERS and clash.key not in shown_clashes:
            raise NewClashError(clash.words)


def stored_walk(plan: Plan, token: uuid.UUID | None) -> Walk | None:
    """Lock and return the plan's walk, or the walk with this token, as it is in the database now."""
    walks = Walk.objects.select_for_update(no_key=True)
    if plan.walk:
        return walks.filter(pk=plan.walk.pk).first()
    if token:
        return walks.filter(uid=token, walker=plan.walker).first()
    return None


def uid_of_new_walk(token: uuid.UUID | None) -> uuid.UUID:
    """Return the token as the uid, or another uid if a walk has this one already.

    The uid is not secret: calendar entries contain it, so another person could send it as a token.
    """
    return uuid.uuid4() if token is None or Walk.objects.filter(uid=token).exists() else token


def _check_changeable(plan: Plan, stored: Walk | None, by: Person) -> None:
    if by != plan.walker or (stored is not None and not is_walker(by, stored)):
        raise NotAllowedError(_("Only the walker can change this plan."))
    has_begun = stored is not None and plan.walk is not None and not is_changeable(stored)
    if has_begun or (plan.walk is not None and stored is None):
        raise NotReadyError(_("This walk has begun or is over, so its plan stays as it is."))


def is_changeable(walk: Walk) -> bool:
    """Whether the plan may still be changed: the walk has not begun, is not cancelled, and is no drop-in."""
    return (
        walk.started_at is None
        and not walk.is_drop_in
        and walk.state
        in (
            State.DRAFT,
            State.REQUESTED,
            State.CHANGES_ASKED,
            State.APPROVED,
        )
    )


def with_hosts_only(plan: Plan) -> tuple[Plan, list[Room]]:
    """Return the plan as a draft stores it, without rooms in which nobody teaches then, and these rooms.

    A stop needs a host. The other rooms get the minutes, as if the walker had dropped the empty ones.
    """
    kept = [stop for stop in plan.stops if stop.hosts]
    empty = [stop.room for stop in plan.stops if not stop.hosts]
    return with_stops(plan, kept) if empty else plan, empty


def write(walk: Walk, plan: Plan) -> Walk:
    """Store the plan in the walk, without rooms that have no host (`with_hosts_only`).

    This deletes and creates the stops. It refuses a walk with notes or photos, which would be deleted with the stops.
    """
    plan, _empty_rooms = with_hosts_only(plan)
    assert plan.date is not None and plan.period is not None
    if walk.pk is not None and activity_on(walk):
        words = _(
            "You took notes on this walk, so its plan stays as it is. Press “I did this walk”, or plan another walk."
        )
        raise NotReadyError(words)
    calendar = Calendar(plan.walker.school)
    semester = calendar.semester_on(plan.date)
    if semester is None:
        raise NotReadyError(_("That day is outside the semester. Choose another day"))
    walk.semester = semester
    walk.date = plan.date
    walk.period = plan.period
    walk.starts_at, walk.ends_at = plan.times(calendar=calendar)
    walk.own_focus = plan.own_focus.strip()
    walk.announced = plan.announced
    walk.save()
    walk.focus.set(plan.practices)
    walk.stops.all().delete()
    Stop.objects.bulk_create(
        Stop(
            walk=walk,
            position=position,
            room=stop.room,
            host=host,
            lesson_title=stop.title,
            minutes=stop.minutes,
        )
        for position, stop in enumerate(plan.stops, start=1)
        for host in stop.hosts
    )
    return walk


@transaction.atomic
def adjust_and_approve(
    plan: Plan,
    *,
    calendar: Calendar,
    by: Person,
    now: dt.datetime,
    cover: Person | None = None,
    words: str = "",
    version: int | None = None,
) -> Walk:
    """Change time or rooms of a request as its decider, and approve it.

    If a `version` is given and the walk has changed since, it is refused.
    """
    refuse_unready(plan, calendar, now)
    assert plan.walk is not None
    locks.lock_people(plan.walker, cover)
    walk = stored_walk(plan, None) or plan.walk
    if not transitions.may(by, "adjust", walk) or version not in (None, walk.calendar_sequence):
        transitions.raise_not_possible(walk, "adjust", by=by)
    before = _time_and_rooms(walk)
    change = plan_changes.to_record(plan_of(walk), plan, calendar=calendar)
    write(walk, plan)
    emails.raise_sequence(walk)
    if before == _time_and_rooms(walk):
        approval.approve(walk, by=by, now=now, cover=cover, words=words)
    else:
        approval.adjust(walk, by=by, now=now, cover=cover, words=words, change=change)
    return walk


@transaction.atomic
def accept_suggestion(walk: Walk, *, dropped_room_ids: Collection[int] = (), by: Person, now: dt.datetime) -> Walk:
    """Accept the decider's suggestion as the walker: move the walk to the suggested time and approve it.

    `dropped_room_ids` must be exactly the rooms without a class then; otherwise the timetable changed after the page
    was shown, and the call is refused.
    """
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker can change this plan."))
    plan = plan_of(walk)
    locks.lock_people(plan.walker)
    stored = stored_walk(plan, None) or walk
    date = stored.suggested_date or stored.date
    period = stored.suggested_period
    if period is None or not transitions.may(by, "accept", stored):
        raise RuleError(_("There is no suggested time to accept any more."))
    calendar = Calendar(walk.walker.school)
    plan = plan.at(date, period, availability=availability_for(plan, first=date, last=date, calendar=calendar))
    kept, dropped = without_empty_rooms(plan)
    if dropped_room_ids and {room.pk for room in dropped} != set(dropped_room_ids):
        raise RuleError(_("The timetable has changed in the meantime. Have another look."))
    left_out = ""
    if dropped_room_ids:
        plan = kept
        left_out = get_text_list([room.code for room in dropped], _("and"))
    refuse_unready(plan, calendar, now)
    write(stored, plan)
    emails.raise_sequence(stored)
    approval.accept(stored, by=by, now=now, left_out=left_out)
    return stored


@transaction.atomic
def delete_draft(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Delete a draft. A draft that was sent before is cancelled instead, so that its history stays."""
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker can change this plan."))
    stored = Walk.objects.select_for_update().filter(pk=walk.pk).first()
    if stored is None:
        return  # the button was pressed twice
    if stored.state == State.DRAFT and stored.requested_at is None:
        stored.delete()
    else:
        approval.cancel(stored, by=by, now=now)


def refuse_unready(plan: Plan, calendar: Calendar, now: dt.datetime) -> None:
    """Raise NotReadyError with the first reason why the plan cannot be sent or approved."""
    semester = calendar.semester_on(plan.date) if plan.date else None
    found = problems(plan, calendar=calendar, semester=semester, now=now)
    if found:
        raise NotReadyError(found[0].words)


def _time_and_rooms(walk: Walk) -> tuple[object, ...]:
    """Return the parts of a walk that need an approval: time and rooms with hosts and minutes, but not the focus."""
    rooms = tuple(walk.stops.order_by("position", "host").values_list("room_id", "host_id", "minutes"))
    return (walk.date, walk.period_id, rooms)
