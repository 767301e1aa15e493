"""Sentences about a walk's past and about who will be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from school.models import Person

from ..models import State, Walk, WalkEvent
from ..permissions import decider_names, who_decides

BY_ME = {
    "request": gettext_noop("You sent it"),
    "change": gettext_noop("You changed time or rooms"),
    "reply": gettext_noop("You replied"),
    "accept": gettext_noop("You accepted the change"),
    "take_back": gettext_noop("You took it back"),
    "approve": gettext_noop("You approved it"),
    "adjust": gettext_noop("You adjusted and approved it"),
    "ask_change": gettext_noop("You asked for a change"),
    "change_cover": gettext_noop("You chose who covers"),
    "release_cover": gettext_noop("You said that cover is not needed"),
    "start": gettext_noop("You opened the first door"),
    "finish": gettext_noop("You finished the walk"),
    "correct": gettext_noop("You corrected the times"),
    "log": gettext_noop("You logged the walk"),
    "complete": gettext_noop("Complete"),
    "cancel": gettext_noop("You cancelled it"),
}
BY_OTHERS = {
    "request": gettext_noop("%(who)s sent it"),
    "change": gettext_noop("%(who)s changed time or rooms"),
    "reply": gettext_noop("%(who)s replied"),
    "accept": gettext_noop("%(who)s accepted the change"),
    "take_back": gettext_noop("%(who)s took it back"),
    "approve": gettext_noop("%(who)s approved it"),
    "adjust": gettext_noop("%(who)s adjusted and approved it"),
    "ask_change": gettext_noop("%(who)s asked for a change"),
    "change_cover": gettext_noop("%(who)s chose who covers"),
    "release_cover": gettext_noop("%(who)s said that cover is not needed"),
    "start": gettext_noop("%(who)s opened the first door"),
    "finish": gettext_noop("%(who)s finished the walk"),
    "correct": gettext_noop("%(who)s corrected the times"),
    "log": gettext_noop("%(who)s logged the walk"),
    "complete": gettext_noop("Complete"),
    "cancel": gettext_noop("%(who)s cancelled it"),
}


PAST_WORDS = {
    "request": gettext_noop("%(who)s sent this walk at %(when)s."),
    "change": gettext_noop("%(who)s changed this walk at %(when)s."),
    "reply": gettext_noop("%(who)s replied at %(when)s."),
    "accept": gettext_noop("%(who)s accepted the change at %(when)s."),
    "take_back": gettext_noop("%(who)s took this walk back at %(when)s."),
    "approve": gettext_noop("%(who)s approved this walk at %(when)s."),
    "adjust": gettext_noop("%(who)s adjusted and approved this walk at %(when)s."),
    "ask_change": gettext_noop("%(who)s asked for a change at %(when)s."),
    "change_cover": gettext_noop("%(who)s chose who covers at %(when)s."),
    "release_cover": gettext_noop("%(who)s said at %(when)s that cover is not needed."),
    "start": gettext_noop("%(who)s started this walk at %(when)s."),
    "finish": gettext_noop("%(who)s finished this walk at %(when)s."),
    "correct": gettext_noop("%(who)s corrected the times at %(when)s."),
    "log": gettext_noop("%(who)s logged this walk at %(when)s."),
    "complete": gettext_noop("%(who)s completed this walk at %(when)s."),
    "reopen": gettext_noop("%(who)s opened this walk again at %(when)s."),
    "cancel": gettext_noop("%(who)s cancelled this walk at %(when)s."),
}


# What the system does by itself, without a person.
BY_ITSELF = {
    "lapse": gettext_noop("The day passed before it was agreed, so it became a draft again"),
    "finish_forgotten": gettext_noop("Nobody pressed Finish, so the walk was finished automatically"),
    "not_walked": gettext_noop("No room was visited, so the walk counts as not walked"),
    "walker_left": gettext_noop("The walker has left the school, so the walk is off"),
}
PAST_WORDS_BY_ITSELF = {
    "lapse": gettext_noop("The day of this walk passed before it was agreed, so it is a draft again."),
    "finish_forgotten": gettext_noop("This walk was finished automatically."),
    "not_walked": gettext_noop("No room was visited, so this walk counts as not walked."),
    "walker_left": gettext_noop("The walker has left the school, so this walk is off."),
}


def who_was_first(walk: Walk) -> str:
    """Say who did the last thing to the walk, and when."""
    last = WalkEvent.objects.filter(walk=walk).select_related("actor").last()
    if last is not None and last.action in PAST_WORDS_BY_ITSELF:
        return _(PAST_WORDS_BY_ITSELF[last.action])
    if last is None or last.actor is None:
        return _("This walk has changed in the meantime.")
    when = f"{last.at.astimezone(walk.walker.school.zone):%H:%M}"
    return _(PAST_WORDS[last.action]) % {"who": last.actor.full_name, "when": when}


@dataclass(frozen=True)
class HistoryLine:
    """One line of a walk's history."""

    words: str
    at: dt.datetime


def events_in_words(walk: Walk, events: Iterable[WalkEvent], reader: Person) -> list[HistoryLine]:
    """What happened, oldest first, as the reader would say it."""
    lines = []
    for event in events:
        if event.action in BY_ITSELF:
            lines.append(HistoryLine(_(BY_ITSELF[event.action]), event.at))
            continue
        mine = event.actor_id == reader.pk
        phrase = (BY_ME if mine else BY_OTHERS).get(event.action)
        who = event.actor.full_name if event.actor else _("Somebody who has left")
        if phrase:
            lines.append(HistoryLine(_(phrase) % {"who": who}, event.at))
    return lines


@dataclass(frozen=True)
class PeopleToTell:
    """Who will be told that a walk is cancelled: deciders by name, and the number of colleagues."""

    names: str
    colleagues: int


def people_to_tell_of_cancelling(walk: Walk) -> PeopleToTell:
    """The deciders once it was sent; once it was approved, also announced hosts and the cover."""
    if walk.state == State.DRAFT:
        return PeopleToTell("", 0)
    people: set[int] = set()
    if walk.state == State.APPROVED:
        people = {stop.host_id for stop in walk.stops.all()} if walk.announced else set()
        people |= {walk.cover_id} if walk.cover_id else set()
    heads = who_decides(walk)
    return PeopleToTell(decider_names(heads), len(people - {head.pk for head in heads}))


def words_for(told: PeopleToTell) -> str:
    """In a sentence: "This tells Lucía and 4 colleagues." Empty when nobody hears of it."""
    colleagues = ngettext("%(n)s colleague", "%(n)s colleagues", told.colleagues) % {"n": told.colleagues}
    if told.names and told.colleagues:
        both = {"names": told.names, "colleagues": colleagues}
        return _("This tells %(names)s and %(colleagues)s.") % both
    who = told.names or (colleagues if told.colleagues else "")
    return _("This tells %(who)s.") % {"who": who} if who else ""
