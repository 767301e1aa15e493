"""The timetable of a semester: read a paste, preview its changes, write it, copy it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .. import places
from ..errors import RuleError
from ..models import Hallway, Lesson, Person, Room, School, Semester
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
    """Return what the paste would add, change and remove, and which lines have problems (five queries)."""
    _require_administrator(by, paste.semester)
    directory = SchoolNames(by.school_id)
    preview = TimetablePreview()
    entries = _read_lines(paste, directory, preview)
    valid_entries = _without_clashes(entries, preview)
    present = {(row.day_type_id, row.period_id, row.teacher_id): row for row in _lessons_of(paste.semester)}
    if paste.replace:
        preview.removed = [lesson for key, lesson in present.items() if key not in valid_entries]
    else:
        _refuse_taken_rooms(valid_entries, present, preview)
    _compare(valid_entries, present, preview)
    preview.problems.sort(key=lambda problem: (problem.room_missing, problem.number))
    return preview


@transaction.atomic
def apply(paste: TimetablePaste, *, by: Person, seen_counts: str | None = None) -> TimetablePreview:
    """Write the whole paste or nothing of it. A second call changes nothing more.

    `seen_counts` holds the counts that the confirmed preview showed. Raise ChangedMeanwhileError if they differ now.
    """
    School.objects.select_for_update(no_key=True).get(pk=by.school_id)  # one change of the timetable at a time
    preview = make_preview(paste, by=by)
    if not preview.valid_count or (preview.problems and not paste.skip_problem_lines):
        raise LinesDoNotFitError(_("Nothing is saved yet: some lines have problems."))
    if seen_counts is not None and seen_counts != preview.counts and not preview.nothing_to_do:
        raise ChangedMeanwhileError(_("Something changed in the meantime. Check the preview again, then save it."))
    _write(paste, preview)
    return preview


@transaction.atomic
def copy(source: Semester, target: Semester, *, by: Person) -> int:
    """Copy the timetable to a semester that has none. Skip lessons of people who left. Return the number of lessons."""
    _require_administrator(by, source)
    _require_administrator(by, target)
    School.objects.select_for_update(no_key=True).get(pk=by.school_id)
    if Lesson.objects.filter(semester=target).exists():
        raise CannotCopyError(_("%(semester)s has a timetable already.") % {"semester": target})
    lessons = list(Lesson.objects.filter(semester=source, teacher__is_active=True, teacher__is_teacher=True))
    if not lessons:
        raise CannotCopyError(_("%(semester)s has no timetable to copy.") % {"semester": source})
    for lesson in lessons:
        lesson.pk = None
        lesson.semester = target
    Lesson.objects.bulk_create(lessons)
    return len(lessons)


def _require_administrator(by: Person, semester: Semester) -> None:
    require_administrator(by, school_id=semester.school_id, words=_("Only administrators can change the timetable."))


def _lessons_of(semester: Semester) -> list[Lesson]:
    return list(Lesson.objects.filter(semester=semester).select_related("teacher", "room"))


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
        if line_entries[0].room is None:
            unknown.setdefault(comparable(code), code)
            if paste.hallway is None:
                words = _("there is no room %(code)s yet") % {"code": code}
                preview.problems.append(LineProblem(number, words, room_missing=True))
                continue
        entries += line_entries
    preview.rooms = sorted(unknown.values())
    return entries


def _without_clashes(entries: list[LessonEntry], preview: TimetablePreview) -> dict[TeacherTime, LessonEntry]:
    """Return the entries by teacher and time, without those that clash with an earlier line.

    Two lines clash if they need the same teacher or room at the same time. The second one becomes a problem, unless it
    only repeats the first.
    """
    valid_entries: dict[TeacherTime, LessonEntry] = {}
    rooms: dict[lesson_lines.RoomTime, LessonEntry] = {}
    for entry in entries:
        same_teacher = valid_entries.get(entry.teacher_time)
        same_room = rooms.get(entry.room_time)
        if same_teacher and (same_teacher.room_time, same_teacher.title) == (entry.room_time, entry.title):
            continue
        other = same_teacher or same_room
        if other is None:
            valid_entries[entry.teacher_time] = entry
            rooms[entry.room_time] = entry
            continue
        words = _("line %(n)s already has %(name)s at that time (%(when)s)")
        name = entry.teacher.full_name if same_teacher else _("Room %(code)s") % {"code": entry.code}
        preview.problems.append(
            LineProblem(entry.number, words % {"name": name, "n": other.number, "when": entry.when})
        )
    return valid_entries


def _refuse_taken_rooms(
    valid_entries: dict[TeacherTime, LessonEntry], present: dict[TeacherTime, Lesson], preview: TimetablePreview
) -> None:
    """Refuse lines whose room is taken at that time by a teacher whom the paste does not move.

    The teacher of a refused line stays in their room, which another line may want. So repeat until all lines fit.
    """
    while True:
        staying = [lesson for key, lesson in present.items() if key not in valid_entries]
        kept = {
            (lesson.day_type_id, lesson.period_id, comparable(lesson.room.code if lesson.room else "")): lesson
            for lesson in staying
        }
        taken = [entry for entry in valid_entries.values() if entry.room_time in kept]
        if not taken:
            return
        for entry in taken:
            names = {"code": entry.code, "name": kept[entry.room_time].teacher.full_name, "when": entry.when}
            words = _("%(name)s already has Room %(code)s at that time (%(when)s)") % names
            preview.problems.append(LineProblem(entry.number, words))
            del valid_entries[entry.teacher_time]


def _compare(
    valid_entries: dict[TeacherTime, LessonEntry], present: dict[TeacherTime, Lesson], preview: TimetablePreview
) -> None:
    for key, entry in valid_entries.items():
        lesson = present.get(key)
        if lesson is None:
            preview.added.append(entry)
        elif entry.room and (lesson.room_id, lesson.title) == (entry.room.pk, entry.title):
            preview.unchanged += 1
        else:
            preview.changed.append((lesson, entry))


def _write(paste: TimetablePaste, preview: TimetablePreview) -> None:
    rooms = _create_rooms(paste, preview)
    remove(Lesson.objects.filter(pk__in=[lesson.pk for lesson in preview.removed]))
    # Two teachers may swap rooms, so changed rows are deleted and inserted again with their ids. The raw delete does
    # not touch the rows that refer to them.
    changed = Lesson.objects.filter(pk__in=[lesson.pk for lesson, _entry in preview.changed])
    changed._raw_delete(changed.db)
    changed_rows = [_lesson(paste.semester, entry, rooms, lesson.pk) for lesson, entry in preview.changed]
    added_rows = [_lesson(paste.semester, entry, rooms, None) for entry in preview.added]
    Lesson.objects.bulk_create(changed_rows + added_rows)


def remove(lessons: QuerySet[Lesson]) -> None:
    """Delete lessons. The lock waits for transactions that are storing a reference to one; delete() then clears it."""
    list(lessons.select_for_update().order_by("pk").values_list("pk"))
    lessons.delete()


def _lesson(semester: Semester, entry: LessonEntry, rooms: dict[str, Room], pk: int | None) -> Lesson:
    room = entry.room or rooms[comparable(entry.code)]
    return Lesson(
        pk=pk,
        semester=semester,
        day_type=entry.day_type,
        period=entry.period,
        teacher=entry.teacher,
        room=room,
        title=entry.title,
    )


def _create_rooms(paste: TimetablePaste, preview: TimetablePreview) -> dict[str, Room]:
    """Create the rooms that the usable lines need."""
    entries = [*preview.added, *(entry for _lesson, entry in preview.changed)]
    needed = {comparable(entry.code): entry.code for entry in reversed(entries) if entry.room is None}
    if not needed or paste.hallway is None:
        return {}
    school_id = paste.semester.school_id
    taken = Room.objects.filter(school=school_id).values_list("plate", flat=True)
    plates = plates_of(sorted(needed.values()), taken=taken)
    hallway = places.stored(paste.hallway)
    new = [Room(school_id=school_id, hallway=hallway, code=code, plate=plates[code]) for code in plates]
    return {comparable(room.code): room for room in Room.objects.bulk_create(new)}
