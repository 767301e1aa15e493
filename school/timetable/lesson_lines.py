"""Read a pasted timetable: each line becomes a teacher, a day, a period, a room and a class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from ..errors import RuleError
from ..models import DayType, Lesson, Period, Person, Room
from ..text.headings import LESSON, cells_of, columns_of, separator_of
from ..text.typed import comparable

T = TypeVar("T")
TeacherTime = tuple[int, int, int]  # ids of day, period and teacher
MAX_CODE = Room._meta.get_field("code").max_length or 40
MAX_TITLE = 60
COLUMNS: dict[str, str | Promise] = {
    "teacher": gettext_lazy("the teacher"),
    "day": gettext_lazy("the day"),
    "period": gettext_lazy("the period"),
    "room": gettext_lazy("the room"),
    "title": gettext_lazy("the class"),
}
KIND = "kind"  # a sixth column, which may be missing
KIND_WORDS = {
    Lesson.Kind.CLASS: ("class", "lesson"),
    Lesson.Kind.DUTY: ("duty", "supervision"),
    Lesson.Kind.MEETING: ("meeting", "conference"),
}
# "1-2", "P1/P2", "3. + 4."
PERIOD_RANGE = re.compile(r"[^\W\d]*\.?\s*(?P<first>\d{1,2})\.?\s*[-–/+]\s*[^\W\d]*\.?\s*(?P<last>\d{1,2})\.?")
LANGUAGES = ("en", "de", "es", "fr")  # in which days may be written
MAX_PERIODS = 6  # of one lesson


class LineError(RuleError):
    """A line that cannot be read. The text says why."""


@dataclass(frozen=True)
class LessonEntry:
    """One lesson of a line. It has no room if `code` is empty; otherwise `room` is None until the room exists."""

    number: int
    teacher: Person
    day_type: DayType
    period: Period
    code: str
    room: Room | None
    title: str
    kind: str

    @property
    def teacher_time(self) -> TeacherTime:
        """Return day, period and teacher. A paste replaces what a teacher does at a time that it names."""
        return self.day_type.pk, self.period.pk, self.teacher.pk

    @property
    def when(self) -> str:
        """Return day and period in words."""
        return f"{self.day_type.name}, {self.period.name}"


class Names(Generic[T]):
    """Find people, days or periods by name, or else by short form."""

    def __init__(self) -> None:
        self._by_name: dict[str, dict[int, T]] = {}
        self._by_short_form: dict[str, dict[int, T]] = {}

    def add(self, thing: T, names: Iterable[str], short: Iterable[str] = ()) -> None:
        for index, words in ((self._by_name, names), (self._by_short_form, short)):
            for word in words:
                index.setdefault(comparable(word), {})[id(thing)] = thing

    def called(self, word: str) -> list[T]:
        """Return the things with this name. If there are none, return those with this short form."""
        return list((self._by_name.get(comparable(word)) or self._by_short_form.get(comparable(word)) or {}).values())


class SchoolNames:
    """The people, days, periods and rooms that a line may name (four queries)."""

    def __init__(self, school_id: int) -> None:
        self.people: Names[Person] = Names()
        self.people_by_code: dict[str, list[Person]] = {}  # not in `people`, for which "Mü" and "Mu" are the same
        for person in Person.objects.filter(school=school_id):
            if person.code:
                self.people_by_code[person.code.casefold()] = [person]
            given = person.given_name
            family = person.family_name
            names = [person.email or "", person.full_name, person.sort_name, f"{family} {given}"]
            self.people.add(person, filter(None, names))
        self.days: Names[DayType] = Names()
        days = list(DayType.objects.filter(school=school_id))
        two_weeks = any(day.week > 1 for day in days)
        for day in days:
            self.days.add(day, [day.name], _short_days(day, two_weeks=two_weeks))
        self.periods: Names[Period] = Names()
        for period in Period.objects.filter(school=school_id):
            self.periods.add(period, [period.name], _short_periods(period))
        self.rooms = {comparable(room.code): room for room in Room.objects.filter(school=school_id)}

    def entries(self, number: int, cells: list[str]) -> list[LessonEntry]:
        """Return the lessons of the line, one for each teacher ("Amara Osei + Jonas Lindqvist") and period ("1-2").

        Raise LineError if it cannot be read.
        """
        if len(cells) not in (len(COLUMNS), len(COLUMNS) + 1) or not any(cells):
            raise LineError(_("write teacher; day; period; room; class"))
        kind, title = _kind_and_title(cells)
        given = dict(zip(COLUMNS, cells, strict=False)) | {"title": title}
        missing = [str(name) for column, name in COLUMNS.items() if not given[column] and column != "room"]
        if missing:
            raise LineError(_("missing: %(columns)s") % {"columns": ", ".join(missing)})
        if len(title) > MAX_TITLE:
            words = _("the class name “%(title)s” is %(length)s characters long; it can have at most %(n)s")
            raise LineError(words % {"title": title, "length": len(title), "n": MAX_TITLE})
        teachers = [self._teacher(word.strip()) for word in given["teacher"].split(" + ")]
        day_type = _only(self.days, given["day"].rstrip("."), _("there is no school day “%(word)s”"))
        unknown = _("there is no period “%(word)s”")
        bells = [_only(self.periods, word, unknown) for word in self._periods_in(given["period"])]
        code, room = self._room(given["room"])
        return [
            LessonEntry(number, teacher, day_type, bell, code, room, title, kind)
            for bell in bells
            for teacher in teachers
        ]

    def _periods_in(self, word: str) -> list[str]:
        """Return the period, or the periods of a range such as "1-2"."""
        found = PERIOD_RANGE.fullmatch(word)
        if found is None or self.periods.called(word):
            return [word]
        first = int(found["first"])
        last = int(found["last"])
        if not first < last < first + MAX_PERIODS:
            return [word]
        return [str(number) for number in range(first, last + 1)]

    def _teacher(self, word: str) -> Person:
        found: set[Person] = {*self.people.called(word), *self.people_by_code.get(word.casefold(), ())}
        teachers = [person for person in found if person.is_active and person.is_teacher]
        if len(teachers) > 1:
            raise LineError(
                _("several teachers are called “%(word)s”; write the e-mail address or the code") % {"word": word}
            )
        if found and not teachers:
            raise LineError(_("%(word)s has left, or does not teach; see People") % {"word": word})
        if not found:
            raise LineError(_("nobody here has the name, e-mail or code “%(word)s”") % {"word": word})
        return teachers[0]

    def _room(self, word: str) -> tuple[str, Room | None]:
        rest = ""
        if comparable(word).startswith(("room ", comparable(_("room")) + " ")):
            rest = word.partition(" ")[2]  # "12" of "Room 12"
        room = self.rooms.get(comparable(word)) or self.rooms.get(comparable(rest))
        code = room.code if room else rest or word
        if len(code) > MAX_CODE:
            words = _("Room %(code)s is %(length)s characters long; a room’s code has at most %(n)s")
            raise LineError(words % {"code": code, "length": len(code), "n": MAX_CODE})
        return code, room


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the five cells, or six with the kind, of each line that is not empty.

    A first line of headings is skipped. If it names all five columns, it sets their order.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip(" \t,;")]
    first = cells_of(lines[0][1], separator_of(lines[0][1])) if lines else []
    heading = columns_of(first, LESSON)
    if len(heading) > 2 or _is_heading(first):
        del lines[0]
    order = [heading[name] for name in (*COLUMNS, KIND) if name in heading] if heading.keys() >= set(COLUMNS) else None
    for number, line in lines:
        cells = cells_of(line, separator_of(line))
        yield number, _in_order(cells, order) if order else _without_empty_end(cells)


def _is_heading(cells: list[str]) -> bool:
    """Whether the line contains two headings in English or in the language of the page.

    Two headings of other languages are not enough, because a room or a class may have such a name ("Aula").
    """
    headings = {"day", "period", "room", "class", _("day"), _("period"), _("room"), _("class")}
    return len({comparable(cell) for cell in cells} & {comparable(word) for word in headings}) > 1


def _in_order(cells: list[str], order: list[int]) -> list[str]:
    return [cells[column] if column < len(cells) else "" for column in order]


def _without_empty_end(cells: list[str]) -> list[str]:
    while len(cells) > len(COLUMNS) and not cells[-1]:
        cells.pop()
    return cells


def _kind_and_title(cells: list[str]) -> tuple[str, str]:
    """Return what kind of lesson a line is and its title. One of the two cells is enough for a duty or a meeting."""
    title = cells[len(COLUMNS) - 1]
    named = cells[len(COLUMNS)] if len(cells) > len(COLUMNS) else ""
    for kind, words in KIND_WORDS.items():
        known = {comparable(word) for word in (*words, str(kind.label))}
        if comparable(named) in known or (not named and kind != Lesson.Kind.CLASS and comparable(title) in known):
            return kind, title or ("" if kind == Lesson.Kind.CLASS else str(kind.label))
    if named:
        raise LineError(_("“%(word)s” is no kind of lesson; write class, duty or meeting") % {"word": named})
    return Lesson.Kind.CLASS, title


def _only(names: Names[T], word: str, unknown: str) -> T:
    found = names.called(word)
    if len(found) != 1:
        raise LineError(unknown % {"word": word})
    return found[0]


def _short_days(day: DayType, *, two_weeks: bool) -> list[str]:
    """Return the words for a day besides its name: the number of a numbered day, such as "4" and "D4".

    A day of the week has its number; and in each language its name, the usual short form, and the first two letters.
    In a cycle of two weeks the letter of the week follows: "Mon A" or "MonA".
    """
    if day.weekday is None:
        return [str(day.number), f"D{day.number}", _("Day %(number)s") % {"number": day.number}]
    names = [str(day.weekday + 1)]
    for language in {*LANGUAGES, get_language() or "en"}:
        with override(language):
            full = str(WEEKDAYS[day.weekday])
            short = str(WEEKDAYS_ABBR[day.weekday]).rstrip(".")
        names += [full, short, full[:2]]
    if two_weeks:
        return [f"{name}{space}{'AB'[day.week - 1]}" for name in names for space in ("", " ")]
    return names


def _short_periods(period: Period) -> list[str]:
    number = period.position
    start = period.starts_at
    return [str(number), period.short, f"period {number}", f"{start:%H:%M}", f"{start.hour}:{start:%M}"]
