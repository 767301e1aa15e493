"""Who sees what of a walk: the rows of the privacy page. observations has its own; learningwalks/privacy/ joins them.

Every cell says in which situations a reader finds the row, and a test proves each one. `finds` asks the same querysets
as the pages; the page prints yes, no or the condition in `PrivacyCell.words`. So it promises only what is enforced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from school.models import Person

from .models import Excusal, Stop, Walk
from .permissions import may_read_report
from .semester import report

WALKER = "walker"
HOST = "host"
HEAD = "head"
ADMINISTRATOR = "administrator"
OTHERS = "others"
READERS = {
    WALKER: _("The walker"),
    HOST: _("The colleague visited"),
    HEAD: _("Head of the walker’s grade"),
    ADMINISTRATOR: _("Administrators"),
    OTHERS: _("Everybody else"),
}
# The situations of the proof: each walk has a note, a photo, a praise and a takeaway.
SITUATIONS = {
    "draft": _("a walk that only its walker planned"),
    "asked_head": _("a request that waits for the Head of Grade"),
    "asked_administrator": _("a request of a grade without a Head, which waits for an administrator"),
    "announced": _("an agreed walk, announced to the colleagues"),
    "unannounced": _("an agreed walk, not announced"),
    "walked": _("after the walk, before the praise is sent"),
    "just_sent": _("within half a minute of sending the praise, when it can still be taken back"),
    "praised": _("after praise was sent, without the photo"),
    "praised_with_photo": _("after praise was sent, with the photo"),
}
EVERY = frozenset(SITUATIONS)
WITH_PHOTO = frozenset({"praised_with_photo"})
SENT = WITH_PHOTO | {"praised"}
HAPPENED = SENT | {"walked", "just_sent"}
COUNTED = EVERY - {"draft"}
Finds = Callable[[Person, Walk, dt.datetime], bool]


@dataclass(frozen=True)
class PrivacyCell:
    """One answer: in which situations the reader finds the row, and the condition in words."""

    when: frozenset[str] = frozenset()
    words: str | Promise = ""

    @property
    def mark(self) -> str:
        """Yes in every situation, no in none, else only under the condition."""
        return {EVERY: "yes", frozenset(): "no"}.get(self.when, "some")


@dataclass(frozen=True)
class PrivacyRow:
    """One kind of information, how it is found, and who finds it."""

    key: str
    icon: str
    topic: str | Promise
    finds: Finds
    cells: dict[str, PrivacyCell]

    @property
    def answers(self) -> list[tuple[str | Promise, PrivacyCell]]:
        """The cells in the order of the readers, each with the reader's words."""
        return [(words, self.cells.get(reader, NEVER)) for reader, words in READERS.items()]


NEVER = PrivacyCell()
ALWAYS = PrivacyCell(EVERY)


def finds_time_and_rooms(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """The page of the walk, or a line about the visit to one's own room."""
    visits = Stop.objects.hosted_by(reader, now).filter(walk=walk)
    return Walk.objects.visible_to(reader).filter(pk=walk.pk).exists() or visits.exists()


def finds_completion(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """The walker's own list, or the line about the walker in the semester report (status and date, nothing else)."""
    if walk.walker_id == reader.pk:
        return Walk.objects.visible_to(reader).filter(pk=walk.pk).exists()
    if not (reader.is_active and may_read_report(reader)):  # people who have left cannot sign in (accounts.backends)
        return False
    lines = report.build(reader, walk.semester, today=now.date()).everybody
    return any(line.person_id == walk.walker_id and line.date == walk.date for line in lines)


def finds_reason(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """Why the walker is excused from some semester: in "my data", or in the line of that semester's report."""
    if walk.walker_id == reader.pk:
        return Excusal.objects.filter(person=reader).exists()
    if not (reader.is_active and may_read_report(reader)):
        return False
    semesters = [excusal.semester for excusal in Excusal.objects.filter(person=walk.walker).select_related("semester")]
    lines = [line for s in semesters for line in report.build(reader, s, today=now.date()).everybody]
    return any(line.person_id == walk.walker_id and line.reason for line in lines)


ROWS_OF_A_WALK = [
    PrivacyRow(
        "rooms",
        "geo-alt",
        _("When and where: day, time, rooms"),
        finds_time_and_rooms,
        {
            WALKER: ALWAYS,
            HOST: PrivacyCell(
                HAPPENED | {"announced"}, _("Their own room: beforehand if announced, else after it happened")
            ),
            HEAD: PrivacyCell(COUNTED - {"asked_administrator"}, _("Once the walker has sent it")),
            ADMINISTRATOR: PrivacyCell(frozenset({"asked_administrator"}), _("Only while a request waits for them")),
        },
    ),
]
ROWS_OF_THE_REPORT = [
    PrivacyRow(
        "completion",
        "check2-circle",
        _("The semester’s walk: status and date"),
        finds_completion,
        {
            WALKER: ALWAYS,
            HEAD: PrivacyCell(COUNTED - {"asked_administrator"}, _("Teachers of their grades")),
            ADMINISTRATOR: PrivacyCell(COUNTED, _("All teachers, once a walk is planned")),
        },
    ),
    PrivacyRow(
        "excused",
        "dash-circle",
        _("Why a teacher is excused from the semester’s walk"),
        finds_reason,
        {
            WALKER: PrivacyCell(EVERY, _("Their own, in “my data”")),
            HEAD: PrivacyCell(words=_("They see that somebody is excused, not why")),
            ADMINISTRATOR: ALWAYS,
        },
    ),
]
