"""Texts about planning and approving walks: norms, and a Head of Grade's replies."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from school.models import School

MINUTES_OF_A_WALK = _("One to five minutes a room, twenty to thirty in all.")
MINUTES_IN_A_ROOM = _("One to five minutes a room.")
ASKING_STUDENTS = _("Watch quietly; ask students what they’re learning.")
TAKING_PHOTOS = _("Photograph work and walls, not faces.")
NORMS = (
    _("You’re there to learn, not to judge."),
    _("Plan ahead with your Head of Grade."),
    _("One or two things to look for."),
    _("Visit a hallway, building or team, not one person."),
    MINUTES_OF_A_WALK,
    _("At the door: “I’m on a learning walk – just ignore me.”"),
    _("If you’re visited, just keep teaching."),
    ASKING_STUDENTS,
    TAKING_PHOTOS,
    _("Within a day, tell each colleague what you loved."),
    _("Try one thing you saw."),
)
SHORT_NORMS = (
    NORMS[0],
    NORMS[2],
    MINUTES_IN_A_ROOM,
    NORMS[6],
    NORMS[9],
)


class Reply(NamedTuple):
    """A suggested reply to a request, which the Head of Grade can edit; and what it is about.

    `kind` is a kind of clash, or "one_colleague" or "focus": what is unusual about the plan.
    """

    words: str | Promise
    kind: str = ""
    always: bool = True  # offered even if the walk has nothing of this kind


BLANK = "___"  # marks a blank to fill in, in suggested texts

CHANGE_REPLIES = (
    Reply(_("You’re not at school then, by the timetable. Would ___ suit you?"), "away", always=False),
    Reply(_("Room ___ already has visitors at that time. Could you swap it for ___?"), "full"),
    Reply(_("I can’t find cover for this period. Would ___ work? You’re free at that time."), "teaching", False),
    Reply(_("There’s a test in one of these rooms at that time. Would ___ suit you?"), "closed"),
    Reply(
        _("Could you add a room or two, so that you visit a hallway and not just one person?"), "one_colleague", False
    ),
    Reply(_("Room ___ has many visitors that day. Could you leave it out this time?")),
    Reply(_("Could you choose one or two things to look for? It makes a walk easier."), "focus", False),
    Reply(_("Would another period suit you?")),
    Reply(_("Could we tell these colleagues beforehand this time?")),
)


def norms_of(school: School) -> list[str]:
    """Return the school's own norms, or NORMS if it has none."""
    return _own_norms(school) or [_by_policy(norm, school) for norm in NORMS]


def short_norms_of(school: School) -> list[str]:
    """Return the five norms for a person who has not walked yet."""
    return _own_norms(school)[: len(SHORT_NORMS)] or [_by_policy(norm, school) for norm in SHORT_NORMS]


def _by_policy(norm: str | Promise, school: School) -> str:
    """Return the norm as the school's policy needs it: with its minutes, and without what it does not want."""
    if norm is ASKING_STUDENTS and not school.student_prompts:
        return gettext("Watch quietly.")
    if norm is TAKING_PHOTOS and not school.photos_on:
        return gettext("Take no photos.")
    room, walk = school.room_minutes_max, school.walk_minutes_max
    if norm is MINUTES_OF_A_WALK and (room, walk) != (5, 30):
        return gettext("Up to %(room)s minutes a room, up to %(walk)s in all.") % {"room": room, "walk": walk}
    if norm is MINUTES_IN_A_ROOM and room != 5:
        return gettext("Up to %(room)s minutes a room.") % {"room": room}
    return str(norm)


def _own_norms(school: School) -> list[str]:
    return [line.strip() for line in school.norms.splitlines() if line.strip()]
