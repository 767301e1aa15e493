"""The timetable of a semester: read a paste, preview its changes, write it, copy it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ..errors import RuleError
from ..models import Hallway, Lesson, Person, Room, School, Semester
from ..permissions import require_administrator
from ..text.typed import plain
from . import lesson_lines
from .lesson_lines import LessonEntry, LineError, SchoolNames, Who

MOST = 6000  # lines in one go


class LinesDoNotFitError(RuleError):
    """Some lines do not fit and were not to be left out, or no line fits."""


class ChangedMeanwhileError(RuleError):
    """The paste would change something else than the preview showed."""


class TimetableThereError(RuleError):
    """The semester has lessons of its own already, or there is nothing to copy."""


@dataclass(frozen=True)
class TimetablePaste:
    """What was pasted and chosen. New rooms are made in `hallway`, if one was chosen."""

    text: str
    semester: Semester
    replace: bool = False
    hallway: Hallway | None = None
    leave_out: bool = False


@dataclass(frozen=True)
class LineProblem:
    """Why a line does not fit. `room`: only its room is missing."""

    number: int
    words: str
    room: bool = False


@dataclass
class TimetablePreview:
    """What a paste would do to the semester's timetable."""

    added: list[LessonEntry] = field(default_factory=list)
    changed: list[tuple[Lesson, LessonEntry]] = field(default_factory=list)
    same: int = 0
    removed: list[Lesson] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)

    @property
    def fitting(self) -> int:
        return len(self.added) + len(self.changed) + self.same

    @property
    def nothing_to_do(self) -> bool:
        return not (self.added or self.changed or self.removed)

    @property
    def stamp(self) -> str:
        """The numbers of the preview. `apply` refuses if they have changed."""
        return f"{len(self.added)}-{len(self.changed)}-{len(self.removed)}-{len(self.problems)}"


def read(paste: TimetablePaste, *, by: Person) -> TimetablePreview:
    """Preview what the paste would add, change and remove, and which lines do not fit (five queries)."""
    _require_administrator(by, paste.semester)
    directory = SchoolNames(by.school_id)
    preview = TimetablePreview()
    entries = _understood(paste, directory, preview)
    fitting = _each_once(entries, preview)
    there = {(row.day_type_id, row.period_id, row.teacher_id): row for row in _lessons_of(paste.semester)}
    if paste.replace:
        preview.removed = [lesson for who, lesson in there.items() if who not in fitting]
    else:
        _refuse_taken_rooms(fitting, there, preview)
    _compare(fitting, there, preview)
    preview.problems.sort(key=lambda problem: (problem.room, problem.number))
    return preview


@transaction.atomic
def apply(paste: TimetablePaste, *, by: Person, seen: str | None = None) -> TimetablePreview:
    """Write the paste: all of it or nothing. Applying it twice changes nothing more.

    `seen` is the stamp of the preview that the person confirmed. Raises ChangedMeanwhileError if it differs now.
    """
    School.objects.select_for_update(no_key=True).get(pk=by.school_id)  # one change of the timetable at a time
    preview = read(paste, by=by)
    if not preview.fitting or (preview.problems and not paste.leave_out):
        raise LinesDoNotFitError(_("Nothing is saved yet: some lines have problems."))
    if seen is not None and seen != preview.stamp and not preview.nothing_to_do:
        raise ChangedMeanwhileError(_("Something changed in the meantime. Look once more, then write it."))
    _write(paste, preview)
    return preview


@transaction.atomic
def copy(source: Semester, target: Semester, *, by: Person) -> int:
    """Copy the timetable to a semester without lessons, leaving out people who left; return the number of lessons."""
    _require_administrator(by, source)
    _require_administrator(by, target)
    School.objects.select_for_update(no_key=True).get(pk=by.school_id)
    if Lesson.objects.filter(semester=target).exists():
        raise TimetableThereError(_("%(semester)s has a timetable already.") % {"semester": target})
    lessons = list(Lesson.objects.filter(semester=source, teacher__is_active=True, teacher__is_teacher=True))
    if not lessons:
        raise TimetableThereError(_("%(semester)s has no timetable to copy.") % {"semester": source})
    for lesson in lessons:
        lesson.pk = None
        lesson.semester = target
    Lesson.objects.bulk_create(lessons)
    return len(lessons)


def _require_administrator(by: Person, semester: Semester) -> None:
    require_administrator(by, school_id=semester.school_id, words=_("Only administrators change the timetable."))


def _lessons_of(semester: Semester) -> list[Lesson]:
    return list(Lesson.objects.filter(semester=semester).select_related("teacher", "room"))


def _understood(paste: TimetablePaste, directory: SchoolNames, preview: TimetablePreview) -> list[LessonEntry]:
    entries: list[LessonEntry] = []
    unknown: dict[str, str] = {}
    for number, cells in lesson_lines.rows(paste.text):
        try:
            of_line = directory.entries(number, cells)
        except LineError as error:
            preview.problems.append(LineProblem(number, str(error)))
            continue
        code = of_line[0].code
        if of_line[0].room is None:
            unknown.setdefault(plain(code), code)
            if paste.hallway is None:
                words = _("there is no room %(code)s yet") % {"code": code}
                preview.problems.append(LineProblem(number, words, room=True))
                continue
        entries += of_line
    preview.rooms = sorted(unknown.values())
    return entries


def _each_once(entries: list[LessonEntry], preview: TimetablePreview) -> dict[Who, LessonEntry]:
    """Keep the first of two lines with the same teacher or room at the same time. Identical lines count once."""
    fitting: dict[Who, LessonEntry] = {}
    rooms: dict[lesson_lines.Where, LessonEntry] = {}
    for entry in entries:
        same_teacher = fitting.get(entry.who)
        same_room = rooms.get(entry.where)
        if same_teacher and (same_teacher.where, same_teacher.title) == (entry.where, entry.title):
            continue
        other = same_teacher or same_room
        if other is None:
            fitting[entry.who] = rooms[entry.where] = entry
            continue
        words = _("%(name)s is already in line %(n)s then (%(when)s)")
        name = entry.teacher.full_name if same_teacher else _("Room %(code)s") % {"code": entry.code}
        preview.problems.append(
            LineProblem(entry.number, words % {"name": name, "n": other.number, "when": entry.when})
        )
    return fitting


def _refuse_taken_rooms(fitting: dict[Who, LessonEntry], there: dict[Who, Lesson], preview: TimetablePreview) -> None:
    """Refuse rooms that somebody else keeps at that time. Refusing one line can take the room of another, so repeat."""
    while True:
        kept = {(*who[:2], plain(row.room.code)): row for who, row in there.items() if who not in fitting}
        taken = [entry for entry in fitting.values() if entry.where in kept]
        if not taken:
            return
        for entry in taken:
            names = {"code": entry.code, "name": kept[entry.where].teacher.full_name, "when": entry.when}
            words = _("%(name)s has room %(code)s then (%(when)s)") % names
            preview.problems.append(LineProblem(entry.number, words))
            del fitting[entry.who]


def _compare(fitting: dict[Who, LessonEntry], there: dict[Who, Lesson], preview: TimetablePreview) -> None:
    for who, entry in fitting.items():
        lesson = there.get(who)
        if lesson is None:
            preview.added.append(entry)
        elif entry.room and (lesson.room_id, lesson.title) == (entry.room.pk, entry.title):
            preview.same += 1
        else:
            preview.changed.append((lesson, entry))


def _write(paste: TimetablePaste, preview: TimetablePreview) -> None:
    rooms = _made_rooms(paste, preview)
    remove(Lesson.objects.filter(pk__in=[lesson.pk for lesson in preview.removed]))
    # Two teachers may swap rooms, so changed rows are deleted and inserted with the same ids: references stay valid.
    changed = Lesson.objects.filter(pk__in=[lesson.pk for lesson, _entry in preview.changed])
    changed._raw_delete(changed.db)
    pairs = [(lesson.pk, entry) for lesson, entry in preview.changed] + [(None, entry) for entry in preview.added]
    Lesson.objects.bulk_create([_lesson(paste.semester, entry, rooms, pk) for pk, entry in pairs])


def remove(lessons: QuerySet[Lesson]) -> None:
    """Delete lessons. The lock waits for transactions that are about to refer to one, so that these are cleared too."""
    list(lessons.select_for_update().order_by("pk").values_list("pk"))
    lessons.delete()


def _lesson(semester: Semester, entry: LessonEntry, rooms: dict[str, Room], pk: int | None) -> Lesson:
    room = entry.room or rooms[plain(entry.code)]
    return Lesson(
        pk=pk,
        semester=semester,
        day_type=entry.day_type,
        period=entry.period,
        teacher=entry.teacher,
        room=room,
        title=entry.title,
    )


def _made_rooms(paste: TimetablePaste, preview: TimetablePreview) -> dict[str, Room]:
    """Make the rooms that fitting lines need."""
    fitting = [*preview.added, *(entry for _lesson, entry in preview.changed)]
    needed = {plain(entry.code): entry.code for entry in reversed(fitting) if entry.room is None}
    if not needed or paste.hallway is None:
        return {}
    school_id = paste.semester.school_id
    made = [Room(school_id=school_id, hallway=paste.hallway, code=code) for code in sorted(needed.values())]
    return {plain(room.code): room for room in Room.objects.bulk_create(made)}
