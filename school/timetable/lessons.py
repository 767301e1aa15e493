"""The timetable of a semester: read a paste, preview its changes, write it, copy it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .. import places
from ..errors import RuleError
from ..locks import lock_school
from ..models import Hallway, Lesson, Person, Room, Semester
from ..permissions import require_administrator
from ..text.plates import plates_of
from ..text.typed import comparable
from . import lesson_lines
from .lesson_lines import LessonEntry, LineError, SchoolNames, TeacherTime

MAX_LINES = 6000  # of one paste


class LinesDoNotFitError(RuleError):
    """Some lines have problems and the person did not choose to leave them out, or all lines have problems."""


class ChangedMeanwhileError(RuleError):
    """The paste would now change other lessons than the preview showed."""


class CannotCopyError(RuleError):
    """The timetable cannot be copied: the target has lessons already, or the source has none."""


@dataclass(frozen=True)
class TimetablePaste:
    """What the administrator pasted and chose. With a `hallway`, missing rooms are created in it."""

    text: str
    semester: Semester
    replace: bool = False
    hallway: Hallway | None = None
    skip_problem_lines: bool = False


@dataclass(frozen=True)
class LineProblem:
    """Why a line cannot be used. `room_missing`: only because its room does not exist."""

    number: int
    words: str
    room_missing: bool = False


@dataclass
class TimetablePreview:
    """What a paste would do to the semester's timetable."""

    added: list[LessonEntry] = field(default_factory=list)
    changed: list[tuple[Lesson, LessonEntry]] = field(default_factory=list)
    unchanged: int = 0
    removed: list[Lesson] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)

    @property
    def without_room(self) -> int:
        """Return how many new or changed lessons have no room, so that nobody can visit them."""
        entries = [*self.added, *(entry for _lesson, entry in self.changed)]
        return sum(not entry.code for entry in entries)

    @property
    def kept_first_days(self) -> int:
        """Return how many changed lessons still begin during the semester. Earlier days stay as they are."""
        return sum(lesson.valid_from is not None for lesson, _entry in self.changed)

    @property
    def shared_rooms(self) -> list[str]:
        """Return the codes of rooms in which several teachers of the paste have a lesson at the same time."""
        entries = [*self.added, *(entry for _lesson, entry in self.changed)]
        counts = Counter((entry.day_type, entry.period, entry.code) for entry in entries if entry.code)
        return sorted({code for (_day, _period, code), count in counts.items() if count > 1})

    @property
    def valid_count(self) -> int:
        """Return how many lessons of the paste have no problem."""
        return len(self.added) + len(self.changed) + self.unchanged

    @property
    def nothing_to_do(self) -> bool:
        return not (self.added or self.changed or self.removed)

    @property
    def counts(self) -> str:
        """Return the counts of the preview as text. apply() refuses a paste if they have changed."""
        return f"{len(self.added)}-{len(self.changed)}-{len(self.removed)}-{len(self.problems)}"


def make_preview(paste: TimetablePaste, *, by: Person) -> TimetablePreview:
    """Return what the paste would add, change and remove, and which lines have problems (five queries).

    For each teacher and time that it names, the paste has all that the teacher does then.
    """
    _require_administrator(by, paste.semester)
    directory = SchoolNames(by.school_id)
    preview = TimetablePreview()
    entries = _without_clashes(_read_lines(paste, directory, preview), preview)
    present: dict[TeacherTime, list[Lesson]] = defaultdict(list)
    for lesson in Lesson.objects.filter(semester=paste.semester).select_related("teacher", "room").order_by("pk"):
        present[lesson.day_type_id, lesson.period_id, lesson.teacher_id].append(lesson)
    for time, wanted in entries.items():
        _compare(list(wanted.values()), present[time], preview)
    if paste.replace:
        preview.removed += [lesson for time, lessons in present.items() if time not in entries for lesson in lessons]
    preview.problems.sort(key=lambda problem: (problem.room_missing, problem.number))
    return preview


@transaction.atomic
def apply(paste: TimetablePaste, *, by: Person, seen_counts: str | None = None) -> TimetablePreview:
    """Write the whole paste or nothing of it. A second call changes nothing more.

    `seen_counts` holds the counts that the confirmed preview showed. Raise ChangedMeanwhileError if they differ now.
    """
    lock_school(by.school_id)  # one change of the timetable at a time
    preview = make_preview(paste, by=by)
    if not preview.valid_count or (preview.problems and not paste.skip_problem_lines):
        raise LinesDoNotFitError(_("Nothing is saved yet: some lines have problems."))
    if seen_counts is not None and seen_counts != preview.counts and not preview.nothing_to_do:
        raise ChangedMeanwhileError(_("Something changed in the meantime. Check the preview again, then save it."))
    _write(paste, preview)
    return preview


@transaction.atomic
def copy(source: Semester, target: Semester, *, by: Person) -> int:
    """Copy the timetable to a semester that has none, and return the number of lessons.

    Lessons of people who left, and lessons with a last day, are not copied.
    """
    _require_administrator(by, source)
    _require_administrator(by, target)
    lock_school(by.school_id)
    if Lesson.objects.filter(semester=target).exists():
        raise CannotCopyError(_("%(semester)s has a timetable already.") % {"semester": target})
    of_teachers = Lesson.objects.filter(semester=source, teacher__is_active=True, teacher__is_teacher=True)
    lessons = list(of_teachers.filter(valid_until=None))
    if not lessons:
        raise CannotCopyError(_("%(semester)s has no timetable to copy.") % {"semester": source})
    for lesson in lessons:
        lesson.pk = None
        lesson.semester = target
        lesson.valid_from = None
    Lesson.objects.bulk_create(lessons)
    return len(lessons)


def _require_administrator(by: Person, semester: Semester) -> None:
    require_administrator(by, school_id=semester.school_id, words=_("Only administrators can change the timetable."))


def _read_lines(paste: TimetablePaste, directory: SchoolNames, preview: TimetablePreview) -> list[LessonEntry]:
    entries: list[LessonEntry] = []
    unknown: dict[str, str] = {}
    for number, cells in lesson_lines.rows(paste.text):
        try:
            line_entries = directory.entries(number, cells)
        except LineError as error:
            preview.problems.append(LineProblem(number, str(error)))
            continue
        code = line_entries[0].code
        if code and line_entries[0].room is None:
            unknown.setdefault(comparable(code), code)
            if paste.hallway is None:
                words = _("there is no room %(code)s yet") % {"code": code}
                preview.problems.append(LineProblem(number, words, room_missing=True))
                continue
        entries += line_entries
    preview.rooms = sorted(unknown.values())
    return entries


def _without_clashes(
    entries: list[LessonEntry], preview: TimetablePreview
) -> dict[TeacherTime, dict[str, LessonEntry]]:
    """Return the entries by teacher and time, then by room. A line that says something else about them is a problem."""
    valid_entries: dict[TeacherTime, dict[str, LessonEntry]] = defaultdict(dict)
    for entry in entries:
        other = valid_entries[entry.teacher_time].setdefault(comparable(entry.code), entry)
        if (other.title, other.kind) != (entry.title, entry.kind):
            words = _("line %(n)s already has %(name)s in the same place at that time (%(when)s)")
            names = {"name": entry.teacher.full_name, "n": other.number, "when": entry.when}
            preview.problems.append(LineProblem(entry.number, words % names))
    return valid_entries


def _compare(entries: list[LessonEntry], present: list[Lesson], preview: TimetablePreview) -> None:
    """Compare what a teacher does at one time with the lessons that they have then.

    A lesson in the same room stays; other lessons move. Lessons with a last day stay as they are, unless they are in
    the room of an entry: then the entry continues them.
    """
    left = sorted(present, key=lambda lesson: lesson.valid_until is not None)
    moved = []
    for entry in entries:
        lesson = next((lesson for lesson in left if lesson.room_id == (entry.room.pk if entry.room else None)), None)
        if lesson is None or (entry.code and entry.room is None):
            moved.append(entry)
            continue
        left.remove(lesson)
        if (lesson.title, lesson.kind, lesson.valid_until) == (entry.title, entry.kind, None):
            preview.unchanged += 1
        else:
            preview.changed.append((lesson, entry))
    without_end = [lesson for lesson in left if lesson.valid_until is None]
    preview.changed += zip(without_end, moved, strict=False)
    preview.added += moved[len(without_end) :]
    preview.removed += without_end[len(moved) :]


def _write(paste: TimetablePaste, preview: TimetablePreview) -> None:
    rooms = _create_rooms(paste, preview)
    remove(Lesson.objects.filter(pk__in=[lesson.pk for lesson in preview.removed]))
    for lesson, entry in preview.changed:
        _fill(lesson, entry, rooms)
    columns = ["room", "title", "kind", "valid_until"]
    Lesson.objects.bulk_update([lesson for lesson, _entry in preview.changed], columns, batch_size=500)
    added = [
        Lesson(semester=paste.semester, day_type=entry.day_type, period=entry.period, teacher=entry.teacher)
        for entry in preview.added
    ]
    for lesson, entry in zip(added, preview.added, strict=True):
        _fill(lesson, entry, rooms)
    Lesson.objects.bulk_create(added)


def _fill(lesson: Lesson, entry: LessonEntry, rooms: dict[str, Room]) -> None:
    lesson.room = entry.room or rooms.get(comparable(entry.code))
    lesson.title = entry.title
    lesson.kind = entry.kind
    lesson.valid_until = None


def remove(lessons: QuerySet[Lesson]) -> None:
    """Delete lessons. The lock waits for transactions that are storing a reference to one; delete() then clears it."""
    list(lessons.select_for_update().order_by("pk").values_list("pk"))
    lessons.delete()


def _create_rooms(paste: TimetablePaste, preview: TimetablePreview) -> dict[str, Room]:
    """Create the rooms that the usable lines need."""
    entries = [*preview.added, *(entry for _lesson, entry in preview.changed)]
    needed = {comparable(entry.code): entry.code for entry in reversed(entries) if entry.code and entry.room is None}
    if not needed or paste.hallway is None:
        return {}
    school_id = paste.semester.school_id
    taken = Room.objects.filter(school=school_id).values_list("plate", flat=True)
    plates = plates_of(sorted(needed.values()), taken=taken)
    hallway = places.stored(paste.hallway)
    new = [Room(school_id=school_id, hallway=hallway, code=code, plate=plates[code]) for code in plates]
    return {comparable(room.code): room for room in Room.objects.bulk_create(new)}
