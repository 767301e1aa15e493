"""The timetable of the demo school: who teaches where, and when they are free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

from school.models import DayType, Lesson, Period, Person, Room, Semester

BELLS = ["08:15-09:00", "09:05-09:50", "10:10-10:55", "11:00-11:45", "13:10-13:55", "14:00-14:45"]
BELLS_ON_FRIDAY = ["08:15-08:55", "09:00-09:40", "09:55-10:35", "10:40-11:20", "11:25-12:05"]
DAYS_OF_THE_CYCLE = 6
MAIN_CAMPUS = "Main campus"
# What the teachers with these numbers (modulo 9) do on one day of the cycle instead of a class in a room.
WITHOUT_ROOM = {
    5: (Lesson.Kind.DUTY, "Yard duty"),
    6: (Lesson.Kind.MEETING, "Team meeting"),
    7: (Lesson.Kind.CLASS, "School garden"),
}
# Every teacher is free in two of the six periods of a day.
FREE_PAIRS = list(combinations(range(6), 2))
# Indexes of Jonas and Amara in the list of teachers. They also decide their rooms: 206 and 208.
HOST_INDEX = 20
WALKER_INDEX = 22
# Whenever both have a class, the first of these two teaches together with the second, in Room G06.
CO_TEACHER_INDEX = 82
LEAD_TEACHER_INDEX = 50
# Part-time teachers, with the days of the cycle on which they teach.
PART_TIME = {60: (0, 1, 2), 75: (1, 3, 5)}


def is_on_main_campus(room: Room) -> bool:
    return room.hallway.building.campus.name == MAIN_CAMPUS


def lessons_at(
    number_of_day: int,
    index: int,
    *,
    teachers: Sequence[Person],
    rooms: Sequence[Room],
    semester: Semester,
    day_type: DayType,
    period: Period,
) -> list[Lesson]:
    """Return the lessons of one period of a day.

    Each of the first teachers has their own room. The others teach in rooms of colleagues who are free then.
    """
    teaching = [number for number in range(len(teachers)) if index not in _free_periods(number, number_of_day)]
    # Jonas teaches and Amara is free in the last period, also of a Friday, so she can visit him even late.
    if index in (len(BELLS_ON_FRIDAY) - 1, len(BELLS) - 1):
        teaching = sorted({*teaching, HOST_INDEX} - {WALKER_INDEX})
    own_rooms = {number: rooms[number] for number in teaching if number < len(rooms)}
    free_rooms = [room for room in rooms if is_on_main_campus(room) and room not in own_rooms.values()]
    without_room = [number for number in teaching if number >= len(rooms)]
    all_rooms = own_rooms | dict(zip(without_room, free_rooms, strict=False))
    leads = {number: number for number in all_rooms}
    if {CO_TEACHER_INDEX, LEAD_TEACHER_INDEX} <= all_rooms.keys():
        leads[CO_TEACHER_INDEX] = LEAD_TEACHER_INDEX
    lessons = []
    for number, lead in leads.items():
        title = _title(teachers[lead], lead, period)
        lesson = Lesson(semester=semester, day_type=day_type, period=period, teacher=teachers[number], title=title)
        lesson.room = all_rooms[lead]
        if number_of_day == number % DAYS_OF_THE_CYCLE and index == _first_period(number, number_of_day):
            _move_out_of_room(lesson, number)
        lessons.append(lesson)
    return lessons


def _free_periods(number: int, number_of_day: int) -> Collection[int]:
    """Return the indexes of the two periods in which the teacher with this number is free, or all if they are away."""
    if number_of_day not in PART_TIME.get(number, range(DAYS_OF_THE_CYCLE)):
        return range(len(BELLS))
    return FREE_PAIRS[(number * 7 + number_of_day) % len(FREE_PAIRS)]


def _first_period(number: int, number_of_day: int) -> int:
    """Return the index of the first period in which the teacher with this number is not free."""
    free = _free_periods(number, number_of_day)
    return next(index for index in range(len(BELLS)) if index not in free)


def _move_out_of_room(lesson: Lesson, number: int) -> None:
    """Turn a class of some teachers into a duty, a meeting or a class without a room."""
    if number % 9 in WITHOUT_ROOM:
        lesson.room = None
        lesson.kind, lesson.title = WITHOUT_ROOM[number % 9]


def _title(lead_teacher: Person, lead: int, period: Period) -> str:
    """Return the title of a class of this teacher, whose number is `lead`."""
    grade = lead_teacher.grade.name if lead_teacher.grade else ""
    level = next((character for character in grade if character.isdigit()), "5678"[lead % 4])
    letter = "ABC"[(lead + period.position) % 3]
    return f"{level}{letter} {lead_teacher.subject}"
