"""Who sees what of a walk: rows of the table on the privacy page. learningwalks/privacy/ joins them with those of
observations.

Each cell says in which situations a reader finds the information. A test compares every cell with `finds`, which uses
the same querysets as the pages, so the table promises only what is enforced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from school.models import Person, School
from school.permissions import may_run_school_of

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
    OTHERS: _("Everyone else"),
}
READERS_IN_SHORT = {
    WALKER: _("Walker"),
    HOST: _("Colleague visited"),
    HEAD: _("Head of Grade"),
    ADMINISTRATOR: _("Administrators"),
}
WAITS_FOR_ADMINISTRATOR = "asked_administrator"
# The situations in which the test looks. Each walk has a note, a photo, a praise and a takeaway.
SITUATIONS = {
    "draft": _("a walk that only its walker planned"),
    "asked_head": _("a request that waits for the Head of Grade"),
    WAITS_FOR_ADMINISTRATOR: _("a request of a grade without a Head, which waits for an administrator"),
    "announced": _("an approved walk, announced to the colleagues"),
    "unannounced": _("an approved walk, not announced"),
    "walked": _("after the walk, before the praise is sent"),
    "just_sent": _("within 30 seconds of sending the praise, when it can still be undone"),
    "praised": _("after praise was sent, without the photo"),
    "praised_with_photo": _("after praise was sent, with the photo"),
}
EVERY = frozenset(SITUATIONS)
WITH_PHOTO = frozenset({"praised_with_photo"})
SENT = WITH_PHOTO | {"praised"}
HAPPENED = SENT | {"walked", "just_sent"}
EXCEPT_DRAFT = EVERY - {"draft"}
SENT_TO_HEAD = EXCEPT_DRAFT - {WAITS_FOR_ADMINISTRATOR}
Finds = Callable[[Person, Walk, dt.datetime], bool]


@dataclass(frozen=True)
class PrivacyCell:
    """One cell of the table: the situations in which the reader finds the information, and the condition in words."""

    when: frozenset[str] = frozenset()
    words: str | Promise = ""

    @property
    def mark(self) -> str:
        """Return "yes" for every situation, "no" for none, otherwise "some": then the page shows the condition."""
        return {EVERY: "yes", frozenset(): "no"}.get(self.when, "some")


@dataclass(frozen=True)
class PrivacyRow:
    """One kind of information: how a reader finds it, and the cell of each reader."""

    key: str
    icon: str
    topic: str | Promise
    finds: Finds
    cells: dict[str, PrivacyCell]
    by_policy: Callable[[School], dict[str, PrivacyCell]] = field(default=lambda school: {}, compare=False)

    def for_school(self, school: School | None) -> PrivacyRow:
        """Return the row with the cells that the policy of this school changes."""
        changed = self.by_policy(school) if school else {}
        return replace(self, cells=self.cells | changed) if changed else self

    @property
    def answers(self) -> list[tuple[str | Promise, PrivacyCell]]:
        """The name of each reader, with the reader's cell."""
        return [(words, self.cells.get(reader, NEVER)) for reader, words in READERS.items()]

    @property
    def seen_by(self) -> str:
        """Name those who find the information. Lines break only after a "·"."""
        names = [str(name) for reader, name in READERS_IN_SHORT.items() if self.cells.get(reader, NEVER).when]
        unbroken = [name.replace(" ", NO_BREAK_SPACE) for name in names]
        return f"{NO_BREAK_SPACE}· ".join(unbroken) if len(names) > 1 else str(_("Only the walker"))


NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NEVER = PrivacyCell()
ALWAYS = PrivacyCell(EVERY)


def finds_time_and_rooms(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """Whether the reader can open the page of the walk, or finds a visit to their own room."""
    visits = Stop.objects.hosted_by(reader, now).filter(walk=walk)
    return Walk.objects.visible_to(reader).filter(pk=walk.pk).exists() or visits.exists()


def finds_hours(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """Whether the reader finds when the walker is at school: in "my data", on their page, or beside their plan."""
    if reader.pk == walk.walker_id or may_run_school_of(reader, walk.walker):
        return reader.is_active
    return Walk.objects.visible_to(reader).not_begun().filter(pk=walk.pk).exists()


def finds_completion(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """Whether the reader finds the walk in their own list, or the walker with its date in the semester report."""
    if walk.walker_id == reader.pk:
        return Walk.objects.visible_to(reader).filter(pk=walk.pk).exists()
    if not (reader.is_active and may_read_report(reader)):  # people who have left cannot sign in (accounts.backends)
        return False
    rows = report.build(reader, walk.semester, today=now.date()).everybody
    return any(row.person_id == walk.walker_id and row.date == walk.date for row in rows)


def finds_reason(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """Whether the reader finds why the walker is excused: in "my data", or in the report of that semester."""
    if walk.walker_id == reader.pk:
        return Excusal.objects.filter(person=reader).exists()
    if not (reader.is_active and may_read_report(reader)):
        return False
    for excusal in Excusal.objects.filter(person=walk.walker).select_related("semester"):
        rows = report.build(reader, excusal.semester, today=now.date()).everybody
        if any(row.person_id == walk.walker_id and row.reason for row in rows):
            return True
    return False


ROWS_OF_A_WALK = [
    PrivacyRow(
        "rooms",
        "geo-alt",
        _("When and where: day, time, rooms"),
        finds_time_and_rooms,
        {
            WALKER: ALWAYS,
            HOST: PrivacyCell(
                HAPPENED | {"announced"},
                _("Their own room: before the walk if the walker announces it, otherwise after the walk"),
            ),
            HEAD: PrivacyCell(SENT_TO_HEAD, _("Once the walker has sent the plan")),
            ADMINISTRATOR: PrivacyCell(frozenset({WAITS_FOR_ADMINISTRATOR}), _("Only while a request waits for them")),
        },
    ),
]
ROW_OF_THE_TIMETABLE = PrivacyRow(
    "hours",
    "clock",
    _("When a teacher is at school"),
    finds_hours,
    {
        WALKER: PrivacyCell(EVERY, _("Their own, in “my data”")),
        HEAD: PrivacyCell(
            SENT_TO_HEAD - HAPPENED,
            _("Until the walk: whether the walker, and colleagues who could cover, are at school then"),
        ),
        ADMINISTRATOR: ALWAYS,
    },
)
ROWS_OF_THE_REPORT = [
    PrivacyRow(
        "completion",
        "check2-circle",
        _("The semester’s walk: status and date"),
        finds_completion,
        {
            WALKER: ALWAYS,
            HEAD: PrivacyCell(SENT_TO_HEAD, _("For teachers of their grades, once the plan is sent")),
            ADMINISTRATOR: PrivacyCell(EXCEPT_DRAFT, _("For all teachers, once the plan is sent")),
        },
    ),
    PrivacyRow(
        "excused",
        "dash-circle",
        _("Why a teacher is excused from the semester’s walk"),
        finds_reason,
        {
            WALKER: PrivacyCell(EVERY, _("Their own, in “my data”")),
            HEAD: PrivacyCell(words=_("They see that a teacher is excused, not why")),
            ADMINISTRATOR: ALWAYS,
        },
    ),
]
