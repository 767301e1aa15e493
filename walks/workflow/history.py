"""Sentences about what happened to a walk, and about who gets a mail if it is cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from school.models import Person
from school.text.typed import number_in_words

from ..decisions import plan_changes
from ..mail import emails
from ..models import State, Walk, WalkEvent
from ..permissions import who_decides

BY_ME = {
    "request": gettext_noop("You sent it"),
    "change": gettext_noop("You changed time or rooms"),
    "reply": gettext_noop("You replied"),
    "accept": gettext_noop("You accepted the change"),
    "take_back": gettext_noop("You took the request back"),
    "approve": gettext_noop("You approved it"),
    "adjust": gettext_noop("You adjusted and approved it"),
    "ask_change": gettext_noop("You asked for a change"),
    "undo_approval": gettext_noop("You took your approval back"),
    "take_back_question": gettext_noop("You took back your request for a change"),
    "change_approved": gettext_noop("You changed time, rooms or cover"),
    "reconsider": gettext_noop("You asked for a change"),
    "cancel_approved": gettext_noop("You cancelled it"),
    "change_cover": gettext_noop("You chose who covers"),
    "release_cover": gettext_noop("You removed the cover: it is not needed"),
    "drop_in": gettext_noop("You said you’ll come"),
    "start": gettext_noop("You started the walk"),
    "finish": gettext_noop("You finished the walk"),
    "correct": gettext_noop("You corrected the times"),
    "correct_complete": gettext_noop("You corrected the times"),
    "log": gettext_noop("You logged the walk"),
    "log_unplanned": gettext_noop("You logged this walk afterwards, without a plan"),
    "complete": gettext_noop("Complete"),
    "cancel": gettext_noop("You cancelled it"),
}
BY_OTHERS = {
    "request": gettext_noop("%(who)s sent it"),
    "change": gettext_noop("%(who)s changed time or rooms"),
    "reply": gettext_noop("%(who)s replied"),
    "accept": gettext_noop("%(who)s accepted the change"),
    "take_back": gettext_noop("%(who)s took the request back"),
    "approve": gettext_noop("%(who)s approved it"),
    "adjust": gettext_noop("%(who)s adjusted and approved it"),
    "ask_change": gettext_noop("%(who)s asked for a change"),
    "undo_approval": gettext_noop("%(who)s took the approval back"),
    "take_back_question": gettext_noop("%(who)s took back the request for a change"),
    "change_approved": gettext_noop("%(who)s changed time, rooms or cover"),
    "reconsider": gettext_noop("%(who)s asked for a change"),
    "cancel_approved": gettext_noop("%(who)s cancelled it"),
    "change_cover": gettext_noop("%(who)s chose who covers"),
    "release_cover": gettext_noop("%(who)s removed the cover: it is not needed"),
    "drop_in": gettext_noop("%(who)s goes through an open door"),
    "start": gettext_noop("%(who)s started the walk"),
    "finish": gettext_noop("%(who)s finished the walk"),
    "correct": gettext_noop("%(who)s corrected the times"),
    "correct_complete": gettext_noop("%(who)s corrected the times"),
    "log": gettext_noop("%(who)s logged the walk"),
    "log_unplanned": gettext_noop("%(who)s logged this walk afterwards, without a plan"),
    "complete": gettext_noop("Complete"),
    "cancel": gettext_noop("%(who)s cancelled it"),
}

# What a person reads whose own action came too late.
LAST_ACTION_OF_PERSON = {
    "request": gettext_noop("%(who)s sent this walk at %(when)s."),
    "change": gettext_noop("%(who)s changed this walk at %(when)s."),
    "reply": gettext_noop("%(who)s replied at %(when)s."),
    "accept": gettext_noop("%(who)s accepted the change at %(when)s."),
    "take_back": gettext_noop("%(who)s took this request back at %(when)s."),
    "approve": gettext_noop("%(who)s approved this walk at %(when)s."),
    "adjust": gettext_noop("%(who)s adjusted and approved this walk at %(when)s."),
    "ask_change": gettext_noop("%(who)s asked for a change at %(when)s."),
    "undo_approval": gettext_noop("%(who)s took the approval back at %(when)s."),
    "take_back_question": gettext_noop("%(who)s took back the request for a change at %(when)s."),
    "change_approved": gettext_noop("%(who)s changed this walk at %(when)s."),
    "reconsider": gettext_noop("%(who)s asked for a change at %(when)s."),
    "cancel_approved": gettext_noop("%(who)s cancelled this walk at %(when)s."),
    "change_cover": gettext_noop("%(who)s chose who covers at %(when)s."),
    "release_cover": gettext_noop("%(who)s removed the cover at %(when)s: it is not needed."),
    "drop_in": gettext_noop("%(who)s planned this visit at %(when)s."),
    "start": gettext_noop("%(who)s started this walk at %(when)s."),
    "finish": gettext_noop("%(who)s finished this walk at %(when)s."),
    "correct": gettext_noop("%(who)s corrected the times at %(when)s."),
    "correct_complete": gettext_noop("%(who)s corrected the times at %(when)s."),
    "log": gettext_noop("%(who)s logged this walk at %(when)s."),
    "log_unplanned": gettext_noop("%(who)s logged this walk at %(when)s."),
    "complete": gettext_noop("%(who)s completed this walk at %(when)s."),
    "reopen": gettext_noop("%(who)s opened this walk again at %(when)s."),
    "cancel": gettext_noop("%(who)s cancelled this walk at %(when)s."),
}

# The same, if the person's own earlier action came first.
LAST_ACTION_OF_READER = {
    "request": gettext_noop("You sent this walk at %(when)s."),
    "change": gettext_noop("You changed this walk at %(when)s."),
    "reply": gettext_noop("You replied at %(when)s."),
    "accept": gettext_noop("You accepted the change at %(when)s."),
    "take_back": gettext_noop("You took this request back at %(when)s."),
    "approve": gettext_noop("You approved this walk at %(when)s."),
    "adjust": gettext_noop("You adjusted and approved this walk at %(when)s."),
    "ask_change": gettext_noop("You asked for a change at %(when)s."),
    "undo_approval": gettext_noop("You took your approval back at %(when)s."),
    "take_back_question": gettext_noop("You took back your request for a change at %(when)s."),
    "change_approved": gettext_noop("You changed this walk at %(when)s."),
    "reconsider": gettext_noop("You asked for a change at %(when)s."),
    "cancel_approved": gettext_noop("You cancelled this walk at %(when)s."),
    "change_cover": gettext_noop("You chose who covers at %(when)s."),
    "release_cover": gettext_noop("You removed the cover at %(when)s: it is not needed."),
    "drop_in": gettext_noop("You planned this visit at %(when)s."),
    "start": gettext_noop("You started this walk at %(when)s."),
    "finish": gettext_noop("You finished this walk at %(when)s."),
    "correct": gettext_noop("You corrected the times at %(when)s."),
    "correct_complete": gettext_noop("You corrected the times at %(when)s."),
    "log": gettext_noop("You logged this walk at %(when)s."),
    "log_unplanned": gettext_noop("You logged this walk at %(when)s."),
    "complete": gettext_noop("You completed this walk at %(when)s."),
    "reopen": gettext_noop("You opened this walk again at %(when)s."),
    "cancel": gettext_noop("You cancelled this walk at %(when)s."),
}

DECISIONS = ("approve", "accept", "adjust", "change_approved")
QUESTIONS = ("ask_change", "reconsider")

# Actions of the system have no person.
BY_SYSTEM = {
    "lapse": gettext_noop("The day passed before it was approved, so it became a draft again"),
    "finish_forgotten": gettext_noop("Nobody pressed Finish, so the walk was finished automatically"),
    "not_walked": gettext_noop("No room was visited, so the walk counts as not walked"),
    "walker_left": gettext_noop("The walker has left the school, so the walk is cancelled"),
    "door_closed": gettext_noop("The door was closed"),
    "not_visited": gettext_noop("Nobody pressed Start, so the visit does not count"),
}
LAST_ACTION_OF_SYSTEM = {
    "lapse": gettext_noop("The day of this walk passed before it was approved, so it is a draft again."),
    "finish_forgotten": gettext_noop("This walk was finished automatically."),
    "not_walked": gettext_noop("No room was visited, so this walk counts as not walked."),
    "walker_left": gettext_noop("The walker has left the school, so this walk is cancelled."),
    "door_closed": gettext_noop("This door was closed."),
    "not_visited": gettext_noop("The time of this visit has passed."),
}


def who_was_first(walk: Walk, reader: Person | None) -> str:
    """Return a sentence for the reader that says who did the last action on the walk, and when."""
    last = WalkEvent.objects.filter(walk=walk).select_related("actor").last()
    if last is not None and last.action in LAST_ACTION_OF_SYSTEM:
        return _(LAST_ACTION_OF_SYSTEM[last.action])
    if last is None or last.actor is None:
        return _("This walk has changed in the meantime.")
    when = f"{last.at.astimezone(walk.walker.school.zone):%H:%M}"
    phrases = LAST_ACTION_OF_READER if last.actor == reader else LAST_ACTION_OF_PERSON
    return _(phrases[last.action]) % {"who": last.actor.full_name, "when": when}


def said_or_changed(events: Iterable[WalkEvent]) -> dict[str, Any]:
    """Return the events with typed words or a decider's change of the plan, as walks/_conversation.html shows them."""
    told = [event for event in events if event.words or event.change.get("sentence")]
    return {"conversation": told, "has_words": any(event.words for event in told)}


def latest_change(walk: Walk, events: Iterable[WalkEvent]) -> dict[str, str]:
    """Return what the decider of an approved walk changed in its plan, in words; empty if nothing."""
    decisions = [event for event in events if event.action in DECISIONS]
    if walk.state != State.APPROVED or not decisions:
        return {}
    return plan_changes.to_show(decisions[-1], walk.period, walk.stops.all())


def latest_question(walk: Walk) -> WalkEvent | None:
    """Return the event with which a decider last asked the walker for a change."""
    return walk.events.filter(action__in=QUESTIONS).select_related("actor").last()


@dataclass(frozen=True)
class HistoryLine:
    """One line of a walk's history."""

    words: str
    at: dt.datetime


def events_in_words(walk: Walk, events: Iterable[WalkEvent], reader: Person) -> list[HistoryLine]:
    """Return the events in words for the reader, in the given order. Events without words are left out."""
    lines = []
    for event in events:
        if event.action in BY_SYSTEM:
            lines.append(HistoryLine(_(BY_SYSTEM[event.action]), event.at))
            continue
        phrases = BY_ME if event.actor_id == reader.pk else BY_OTHERS
        phrase = phrases.get(event.action)
        who = event.actor.full_name if event.actor else _("A former colleague")
        if phrase:
            lines.append(HistoryLine(_(phrase) % {"who": who}, event.at))
    return lines


@dataclass(frozen=True)
class PeopleToTell:
    """Who gets a mail if a walk is cancelled: the names of the deciders, and the number of other colleagues."""

    names: list[str]
    colleagues: int


def people_to_tell_of_cancelling(walk: Walk) -> PeopleToTell:
    """Return the deciders of a walk that was sent and, if it is approved, also its cover and announced hosts."""
    if walk.state == State.DRAFT:
        return PeopleToTell([], 0)
    colleagues: set[int] = set()
    if walk.state == State.APPROVED and walk.announced:
        colleagues = {stop.host_id for stop in walk.stops.all() if stop.host.email}
    if walk.state == State.APPROVED and walk.cover and walk.cover.email:
        colleagues.add(walk.cover.pk)
    deciders = who_decides(walk)
    names = [decider.short_name for decider in deciders]
    return PeopleToTell(names, len(colleagues - {decider.pk for decider in deciders}))


def people_to_tell_of_cancelling_approved(walk: Walk, *, by: Person) -> str:
    """Return a sentence about who gets a mail if a decider cancels this approved walk.

    The walker and the other deciders by name, announced hosts and the cover as a number.
    """
    asked_to_approve = emails.people_with_mail(walk, {emails.REQUEST})
    deciders = {decider.pk: decider for decider in [*asked_to_approve, walk.decided_by] if decider is not None}
    others = sorted(decider.short_name for pk, decider in deciders.items() if pk != by.pk)
    people = {stop.host_id for stop in walk.stops.all() if stop.host.email} if walk.announced else set()
    people |= {walk.cover.pk} if walk.cover and walk.cover.email else set()
    colleagues = len(people - {by.pk, walk.walker_id, *deciders})
    return people_to_tell_words(PeopleToTell([walk.walker.short_name, *others], colleagues))


def people_to_tell_words(people: PeopleToTell) -> str:
    """Return for example "An e-mail goes to Lucía and four colleagues."; empty if nobody gets a mail."""
    who = [*people.names]
    if people.colleagues:
        count = number_in_words(people.colleagues).lower()
        who.append(ngettext("%(n)s colleague", "%(n)s colleagues", people.colleagues) % {"n": count})
    return _("An e-mail goes to %(who)s.") % {"who": get_text_list(who, _("and"))} if who else ""
