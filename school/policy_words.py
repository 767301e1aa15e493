"""What the school decided, in plain words, for the norms page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import NoteReaders, School, Visits
from .retention import span_in_words


class Decision(NamedTuple):
    """One decision of the school: what it is about, and the decision in a sentence."""

    topic: str
    words: str


def decisions(school: School) -> list[Decision]:
    """Return the school's policy in the order of a walk."""
    return [Decision(topic, words) for topic, words in _decisions(school)]


def _decisions(school: School) -> Iterator[tuple[str, str]]:
    yield _("Walks"), walks_in_words(school)
    yield _("Minutes"), _minutes(school)
    yield _("Who may be visited"), _who_may_be_visited(school)
    yield _("Visitors in one room"), _visitors(school)
    yield _("Colleagues know beforehand"), _announcement(school)
    yield _("Notes"), _notes(school)
    yield _("Photos"), _photos(school)
    yield _("Students"), _students(school)
    yield _("Open doors"), _open_doors(school)
    yield _("Sharing outside the school"), _sharing(school)
    yield _("Quiet hours"), _quiet_hours(school)
    if school.hashtags and school.sharing_on:
        yield _("Hashtags"), school.hashtags


def walks_in_words(school: School) -> str:
    """Say how many walks a teacher owes each semester."""
    if not school.required_walks:
        return _("Voluntary: as many as you like.")
    words = ngettext(
        "One each semester. More are welcome.", "%(n)s each semester. More are welcome.", school.required_walks
    )
    return words % {"n": school.required_walks}


def _minutes(school: School) -> str:
    room = ngettext("Up to %(n)s minute in a room", "Up to %(n)s minutes in a room", school.room_minutes_max)
    words = _("%(room)s, %(walk)s for the whole walk")
    return words % {"room": room % {"n": school.room_minutes_max}, "walk": school.walk_minutes_max}


def _who_may_be_visited(school: School) -> str:
    if school.who_may_be_visited == Visits.UNLESS_OPTED_OUT:
        words = _("Every teacher, unless they opt out on their account page, which needs no reason")
    else:
        words = _("Every teacher")
    if school.fortnight_visit_limit is None:
        return words
    limit = ngettext(
        "at most %(n)s visit to a teacher in two weeks",
        "at most %(n)s visits to a teacher in two weeks",
        school.fortnight_visit_limit,
    )
    return f"{words}; {limit % {'n': school.fortnight_visit_limit}}"


def _visitors(school: School) -> str:
    words = ngettext("One at a time", "Up to %(n)s at a time", school.visitor_limit)
    return words % {"n": school.visitor_limit}


def _announcement(school: School) -> str:
    if not school.always_announce:
        if school.announce_by_default:
            words = _("Yes, unless the walker chooses otherwise")
        else:
            words = _("No, unless the walker chooses to")
    elif school.announce_days_ahead:
        words = ngettext(
            "Always, at least %(n)s school day before",
            "Always, at least %(n)s school days before",
            school.announce_days_ahead,
        ) % {"n": school.announce_days_ahead}
    else:
        words = _("Always")
    if school.focus_in_heads_up:
        return _("%(when)s; they also read what the walk looks for") % {"when": words}
    return words


def _notes(school: School) -> str:
    deleted = _("Deleted %(time)s after the walk") % {"time": span_in_words(school.note_days)}
    if school.notes_about_a_room == NoteReaders.HOST:
        return _("The teacher of the room can read them after the walk. %(deleted)s") % {"deleted": deleted}
    if school.notes_about_a_room == NoteReaders.VANISH:
        return _("Private. They vanish when the teacher of the room is thanked")
    return _("Private. %(deleted)s") % {"deleted": deleted}


def _photos(school: School) -> str:
    if not school.photos_on:
        return _("None: we walk without photos")
    return _("Welcome; deleted %(time)s after the walk") % {"time": span_in_words(school.photo_days)}


def _students(school: School) -> str:
    if school.student_prompts:
        return _("You may ask one quietly, if it doesn’t disturb")
    return _("We ask them nothing")


def _open_doors(school: School) -> str:
    number = school.drop_ins_for_a_walk
    if not number or not school.required_walks:
        return _("Visits through open doors are extra")
    words = ngettext(
        "%(n)s visit through an open door, with a takeaway, counts as a walk",
        "%(n)s visits through open doors, with one takeaway, count as a walk",
        number,
    )
    return words % {"n": number}


def _sharing(school: School) -> str:
    if school.sharing_on:
        return _("Welcome, by the rules of these norms")
    return _("No: what we learn stays at school")


def _quiet_hours(school: School) -> str:
    if school.quiet_from == school.quiet_until:
        return _("No reminders on days without school")
    hours = {"from": f"{school.quiet_from:%H:%M}", "until": f"{school.quiet_until:%H:%M}"}
    return _("No reminders from %(from)s to %(until)s, or on days without school") % hours
