"""How a plan becomes a walk: saved as a draft, sent, changed, adjusted by the Head, deleted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.models import Person

from ..activity import activity_on
from ..errors import FilledUpError, NotReadyError
from ..mail import emails
from ..models import State, Stop, Walk
from ..permissions import is_walker
from ..planning.clashes import NEWS, about, find
from ..planning.plan import Plan, plan_of, problems
from . import approval, locks, transitions
from .suggestions import without_empty_rooms


def save(plan: Plan, *, by: Person, now: dt.datetime, token: uuid.UUID | None = None) -> Walk:
    """Store the plan as a draft that only its walker sees. The same token finds the same draft again."""
    try:
        return _save(plan, by=by, now=now, token=token)
    except IntegrityError:
        first = _first_of(plan, token)
        if first is None:
            raise
        return first


def _first_of(plan: Plan, token: uuid.UUID | None) -> Walk | None:
    """Return what the first of two concurrent clicks has stored."""
    return Walk.objects.filter(uid=token, walker=plan.walker).first() if token else None


@transaction.atomic
def _save(plan: Plan, *, by: Person, now: dt.datetime, token: uuid.UUID | None) -> Walk:
    stored = _stored(plan, token)
    _check_changeable(plan, stored, by)
    if stored is not None and stored.state != State.DRAFT:
        if plan.walk is None:
            return stored  # the button was pressed twice
        raise NotReadyError(_("This walk has been sent. Send your change, or take the walk back first."))
    return _write(stored or Walk(walker=plan.walker, uid=_own_uid(token)), plan)


def send(
    plan: Plan,
    *,
    calendar: Calendar,
    by: Person,
    now: dt.datetime,
    token: uuid.UUID | None = None,
    warned: Collection[str] | None = None,
) -> Walk:
    """Store the plan and ask the Head of Grade; of a walk already asked for, only time and rooms ask anew.

    Pressing Send twice with the same token makes one walk, also when both arrive at once. `warned` are the keys of the
    clashes that the walker has read of; a new one that others brought about raises FilledUpError, unless it is None.
    """
    try:
        return _send(plan, calendar=calendar, by=by, now=now, token=token, warned=warned)
    except IntegrityError:
        first = _first_of(plan, token)
        if first is None:
            raise
        return first


@transaction.atomic
def _send(
    plan: Plan,
    *,
    calendar: Calendar,
    by: Person,
    now: dt.datetime,
    token: uuid.UUID | None,
    warned: Collection[str] | None,
) -> Walk:
    locks.lock_people(plan.walker)
    stored = _stored(plan, token)
    _check_changeable(plan, stored, by)
    if stored is not None and plan.walk is None and stored.state != State.DRAFT:
        return stored  # the button was pressed twice
    _refuse_unready(plan, calendar, now)
    if warned is not None:
        _refuse_news(plan, calendar, warned)
    before = _signature(stored) if stored else None
    was_agreed = stored is not None and stored.state == State.APPROVED
    agreed_for = emails.when(stored) if stored is not None and was_agreed else ""
    was_surprise = stored is not None and not stored.announced
    walk = _write(stored or Walk(walker=plan.walker, uid=_own_uid(token)), plan)
    if walk.state == State.DRAFT:
        approval.request(walk, by=by, now=now)
    elif before != _signature(walk):
        approval.change(walk, by=by, now=now, was_agreed=was_agreed, agreed_for=agreed_for)
    elif was_agreed and was_surprise:
        emails.hosts_informed(walk, now=now)
    return walk


def _refuse_news(plan: Plan, calendar: Calendar, warned: Collection[str]) -> None:
    """Raise FilledUpError if a room filled up, or the walker was made cover, since the page was drawn."""
    locks.lock_rooms(plan.room_ids)
    for clash in find(plan, calendar=calendar):
        if clash.kind in NEWS and clash.key not in warned:
            raise FilledUpError(clash.words)


def _stored(plan: Plan, token: uuid.UUID | None) -> Walk | None:
    """Lock and return the walk from the database: it may have been decided or started meanwhile."""
    wanted = {"pk": plan.walk.pk} if plan.walk else {"uid": token, "walker": plan.walker}
    return Walk.objects.select_for_update(no_key=True).filter(**wanted).first() if plan.walk or token else None


def _own_uid(token: uuid.UUID | None) -> uuid.UUID:
    """Return the token, unless it belongs to another person's walk (calendar entries show it)."""
    return uuid.uuid4() if token is None or Walk.objects.filter(uid=token).exists() else token


def _check_changeable(plan: Plan, stored: Walk | None, by: Person) -> None:
    if by != plan.walker or (stored is not None and not is_walker(by, stored)):
        raise NotAllowedError(_("Only the walker changes this plan."))
    begun = stored is not None and plan.walk is not None and not is_changeable(stored)
    if begun or (plan.walk is not None and stored is None):
        raise NotReadyError(_("This walk has begun or is over, so its plan stays as it is."))


def is_changeable(walk: Walk) -> bool:
    """Whether the plan may still be changed: until the walk is started, unless it was cancelled."""
    return walk.started_at is None and walk.state in (
        State.DRAFT,
        State.REQUESTED,
        State.CHANGES_ASKED,
        State.APPROVED,
    )


def _write(walk: Walk, plan: Plan) -> Walk:
    """Store the plan's values; rooms without a host are left out, since a stop has a host.

    The stops are written anew, so a walk on which something was noted keeps its plan: notes belong to a visit.
    """
    assert plan.date is not None and plan.period is not None
    if walk.pk is not None and activity_on(walk):
        raise NotReadyError(_("You took notes on this walk, so its plan stays. Log this walk, or plan another."))
    semester = Calendar(plan.walker.school).semester_on(plan.date)
    if semester is None:
        raise NotReadyError(_("Choose a day within a semester"))
    walk.semester = semester
    walk.date = plan.date
    walk.period = plan.period
    walk.starts_at, walk.ends_at = plan.times()
    walk.own_focus = plan.own_focus.strip()
    walk.announced = plan.announced
    walk.save()
    walk.focus.set(plan.practices)
    walk.stops.all().delete()
    stops = [stop for stop in plan.stops if stop.host is not None]
    Stop.objects.bulk_create(
        Stop(walk=walk, position=n, room=s.room, host=s.host, lesson_title=s.title, minutes=s.minutes)
        for n, s in enumerate(stops, start=1)
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
    """The Head of Grade changes time or rooms of a request, as it was shown, and agrees to it in one go."""
    _refuse_unready(plan, calendar, now)
    assert plan.walk is not None
    locks.lock_people(plan.walker, cover)
    walk = _stored(plan, None) or plan.walk
    if not transitions.may(by, "adjust", walk) or version not in (None, walk.calendar_sequence):
        transitions.refuse(walk, "adjust", by=by)
    changed = _signature(walk)
    _write(walk, plan)
    _next_calendar_version(walk)
    step = approval.adjust if changed != _signature(walk) else approval.approve
    step(walk, by=by, now=now, cover=cover, words=words)
    return walk


@transaction.atomic
def accept_suggestion(walk: Walk, *, without: Collection[int] = (), by: Person, now: dt.datetime) -> Walk:
    """The walker takes the time the Head suggested: the walk moves there and is agreed.

    `without`: the rooms without a class then, by id, as the walker has read of them; no others can be left out.
    """
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker changes this plan."))
    plan = plan_of(walk)
    locks.lock_people(plan.walker)
    stored = _stored(plan, None) or walk
    date = stored.suggested_date or stored.date
    period = stored.suggested_period
    if period is None or not transitions.may(by, "accept", stored):
        raise RuleError(_("There is no suggested time to accept any more."))
    calendar = Calendar(walk.walker.school)
    plan = plan.at(date, period, availability=about(plan, first=date, last=date, calendar=calendar))
    kept, dropped = without_empty_rooms(plan)
    if without and {room.pk for room in dropped} != set(without):
        raise RuleError(_("The timetable has changed in the meantime. Have another look."))
    plan = kept if without else plan
    _refuse_unready(plan, calendar, now)
    _write(stored, plan)
    _next_calendar_version(stored)
    left_out = get_text_list([room.code for room in dropped], _("and")) if without else ""
    approval.accept(stored, by=by, now=now, left_out=left_out)
    return stored


@transaction.atomic
def delete_draft(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Delete a draft. One that was sent before is cancelled instead and keeps its history."""
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker changes this plan."))
    stored = Walk.objects.select_for_update().filter(pk=walk.pk).first()
    if stored is None:
        return  # the button was pressed twice
    if stored.state == State.DRAFT and stored.requested_at is None:
        stored.delete()
    else:
        approval.cancel(stored, by=by, now=now)


def _next_calendar_version(walk: Walk) -> None:
    Walk.objects.filter(pk=walk.pk).update(calendar_sequence=walk.calendar_sequence + 1)
    walk.refresh_from_db(fields=["calendar_sequence"])


def _refuse_unready(plan: Plan, calendar: Calendar, now: dt.datetime) -> None:
    semester = calendar.semester_on(plan.date) if plan.date else None
    found = problems(plan, calendar=calendar, semester=semester, now=now)
    if found:
        raise NotReadyError(found[0].words)


def _signature(walk: Walk) -> tuple[object, ...]:
    """Return what needs the Head's approval: time and rooms, but not the focus."""
    rooms = tuple(walk.stops.order_by("position").values_list("room_id", "host_id", "minutes"))
    return (walk.date, walk.period_id, rooms)
