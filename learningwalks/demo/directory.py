"""Build the demo's directory: people, rooms, bell schedule, timetable and semesters."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from math import ceil

from django.contrib.auth.hashers import make_password

from school.calendar import at_local
from school.demo import DOMAIN, PASSWORD
from school.models import (
    BellSchedule,
    BellTime,
    Building,
    Campus,
    DayOff,
    DayType,
    Grade,
    Hallway,
    HoursAtSchool,
    Lesson,
    Period,
    Person,
    Room,
    School,
    Semester,
    Team,
)
from school.text.semester_words import guess_word
from walks.availability.taught_lessons import teacher_order
from walks.planning import catalogue

from . import people, timetable
from .timetable import (
    BELLS,
    BELLS_ON_FRIDAY,
    DAYS_OF_THE_CYCLE,
    HOST_INDEX,
    MAIN_CAMPUS,
    WALKER_INDEX,
    is_on_main_campus,
)

FRIDAY = 4
HALLWAYS = [
    ("Main building", "First-floor hallway", "1"),
    ("Main building", "Second-floor hallway", "2"),
    ("Main building", "Third-floor hallway", "3"),
    ("Garden building", "Garden hallway", "G"),
]
# Campus, building, hallway (or none) and rooms. Teachers without a room of their own do not go to the other campus.
MORE_ROOMS = [
    (MAIN_CAMPUS, "Main building", "Science hallway", ["SCI-101", "SCI-102", "SCI-104"]),
    (MAIN_CAMPUS, "Sports hall", "", ["Gym East", "Gym West"]),
    ("Hill campus", "Hill House", "Studio hallway", ["Studio 1", "Studio 2", "Kiln room", "Drama studio"]),
]
HOLIDAYS = [(1, 1, "New Year’s Day"), (12, 25, "Christmas Day"), (12, 26, "Boxing Day")]
ROOMS_PER_HALLWAY = 15
TEACHERS_OF_A_WING = 84  # the demo school has one wing; for benchmarks, more
WITHOUT_ADDRESS_INDEX = 24
NAMESAKES = (30, 55)  # of different grades
ALL_DAY = (dt.time(8), dt.time(16))


@dataclass
class Directory:
    """The demo school's directory, from which its walks are made."""

    school: School
    semesters: list[Semester] = field(default_factory=list)  # oldest first; the last one runs
    periods: list[Period] = field(default_factory=list)
    day_types: list[DayType] = field(default_factory=list)
    teachers: list[Person] = field(default_factory=list)
    heads: dict[int, Person] = field(default_factory=dict)  # by grade id
    # One lesson of each room by semester, day type and period; and by room, too, those of all who teach there.
    lessons: dict[tuple[int, int, int], list[Lesson]] = field(default_factory=dict)
    in_rooms: dict[tuple[int, int, int, int], list[Lesson]] = field(default_factory=dict)
    taught: dict[tuple[int, int, int, int], Lesson] = field(default_factory=dict)  # and by teacher
    here_all_day: set[int] = field(default_factory=set)  # ids of teachers who stay before and after their lessons

    @property
    def walkers(self) -> list[Person]:
        """The teachers who can sign in."""
        return [teacher for teacher in self.teachers if teacher.email]

    def add_lessons(self, semester: Semester, day: DayType, period: Period, lessons: list[Lesson]) -> None:
        """Store the lessons of one period. Walks visit those on the main campus, in the order of their rooms."""
        key = (semester.pk, day.pk, period.pk)
        classes = [lesson for lesson in lessons if lesson.can_be_visited and is_on_main_campus(lesson.visited_room)]
        by_room: dict[int, list[Lesson]] = {}
        for lesson in sorted(classes, key=_by_hallway_room_and_name):
            by_room.setdefault(lesson.visited_room.pk, []).append(lesson)
        self.lessons[key] = [together[0] for together in by_room.values()]
        self.in_rooms |= {(*key, room): together for room, together in by_room.items()}
        self.taught |= {(*key, lesson.teacher_id): lesson for lesson in lessons}


def _by_hallway_room_and_name(lesson: Lesson) -> tuple[object, ...]:
    return lesson.visited_room.hallway_id, lesson.visited_room.code, teacher_order(lesson)


def build(name: str, today: dt.date, teacher_count: int) -> Directory:
    """Create the school with its whole directory. Semesters are placed around `today`."""
    directory = Directory(School.objects.create(name=name, hashtags="#LearningWalks #MapleHill"))
    _add_bells(directory)
    _add_semesters(directory, today)
    rooms = _create_rooms(directory, teacher_count)
    _add_people(directory, teacher_count, today)
    catalogue.load(directory.school)
    for semester in directory.semesters:
        _add_timetable(directory, semester, rooms)
    directory.school.refresh_from_db(fields=["directory_version"])  # so that a calendar reads what was added
    return directory


def _add_bells(directory: Directory) -> None:
    """Create a bell schedule with a short Friday, and a cycle of six days."""
    school = directory.school
    for number, (start, end) in enumerate(map(_times, BELLS), start=1):
        bell = Period(school=school, name=f"Period {number}", position=number, starts_at=start, ends_at=end)
        bell.save()
        directory.periods.append(bell)
    short_friday = BellSchedule.objects.create(school=school, name="Short Friday", weekdays=[FRIDAY])
    for bell, (start, end) in zip(directory.periods, map(_times, BELLS_ON_FRIDAY), strict=False):
        BellTime.objects.create(schedule=short_friday, period=bell, starts_at=start, ends_at=end)
    for number in range(1, DAYS_OF_THE_CYCLE + 1):
        directory.day_types.append(DayType.objects.create(school=school, name=f"Day {number}", number=number))


def _times(words: str) -> tuple[dt.time, dt.time]:
    start, _dash, end = words.partition("-")
    return dt.time.fromisoformat(start), dt.time.fromisoformat(end)


def semester_name(today: dt.date, begins: dt.date, ends: dt.date) -> str:
    """Return the name of a semester that runs today, such as "Autumn 2026"."""
    return f"Spring {ends.year}" if _is_spring(today) else f"Autumn {begins.year}"


def _is_spring(today: dt.date) -> bool:
    return 2 <= today.month <= 7


def _add_semesters(directory: Directory, today: dt.date) -> None:
    """Create three semesters of 18 weeks, half a year apart. The last one began ten weeks ago."""
    monday = today - dt.timedelta(days=today.weekday(), weeks=10)
    is_autumn = not _is_spring(today)
    days_off: dict[dt.date, str] = {}
    made = []
    for index in range(3):
        start = monday - dt.timedelta(weeks=26 * index)
        end = start + dt.timedelta(weeks=18, days=-3)
        name = f"Autumn {start.year}" if is_autumn else f"Spring {end.year}"
        is_autumn = not is_autumn
        dates = {"starts_on": start, "ends_on": end}
        made.append(Semester.objects.create(school=directory.school, name=name, word=guess_word(name), **dates))
        days_off[start + dt.timedelta(weeks=6, days=4)] = "Staff day"
        days_off |= _holidays(start, end)
    DayOff.objects.bulk_create(DayOff(school=directory.school, date=day, label=days_off[day]) for day in days_off)
    directory.semesters = made[::-1]


def _holidays(first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """Return the public holidays between two dates, both included."""
    found = {}
    for year in (first.year, last.year):
        for month, day, label in HOLIDAYS:
            date = dt.date(year, month, day)
            if first <= date <= last:
                found[date] = label
    return found


def _create_rooms(directory: Directory, teacher_count: int) -> list[Room]:
    rooms: list[Room] = []
    campus = Campus.objects.create(school=directory.school, name=MAIN_CAMPUS, position=1)
    wings = ceil(teacher_count / TEACHERS_OF_A_WING)  # a large school repeats the buildings
    for wing in range(wings):
        suffix = "" if wing == 0 else f" {wing + 1}"
        for building_name, hallway_name, digit in HALLWAYS:
            building, _new = Building.objects.get_or_create(
                school=directory.school, campus=campus, name=building_name + suffix
            )
            hallway = Hallway.objects.create(building=building, name=hallway_name)
            for number in range(1, ROOMS_PER_HALLWAY + 1):
                code = f"{digit}{number:02d}" if wing == 0 else f"{digit}{number:02d}{wing:02d}"
                rooms.append(Room(school=directory.school, hallway=hallway, code=code))
    for campus_name, building_name, hallway_name, codes in MORE_ROOMS:
        campus, _new = Campus.objects.get_or_create(school=directory.school, name=campus_name)
        building, _new = Building.objects.get_or_create(school=directory.school, campus=campus, name=building_name)
        hallway = Hallway.objects.create(building=building, name=hallway_name)
        rooms += [Room(school=directory.school, hallway=hallway, code=code) for code in codes]
    return Room.objects.bulk_create(rooms, batch_size=2000)


def _add_people(directory: Directory, count: int, today: dt.date) -> None:
    """Create the administrator and `count` teachers: first those with a part in the demo, then the others."""
    school = directory.school
    password = make_password(PASSWORD)
    wings = ceil(count / TEACHERS_OF_A_WING)
    grades = _create_grades(school, wings)
    made = [
        _new_person(school, password, *people.WALKER, grades),
        _new_person(school, password, *people.HOST, grades),
        _new_person(school, password, *people.HEAD, grades),
    ]
    made += [
        _new_person(school, password, f"{given}.{family}".lower(), given, family, grade, "English", grades)
        for given, family, grade in people.OTHER_HEADS
    ]
    names = people.more_names()
    for grade in _grades_to_fill(grades, made, wings)[: count - len(made)]:
        given, family = next(names)
        number = len(made)
        subjects = people.ARTS if grade.name.startswith("Arts") else people.SUBJECTS
        mailbox = f"{given}.{family}".lower().replace(" ", ".") + ("" if wings == 1 else f".{number}")
        subject = subjects[number % len(subjects)]
        made.append(_new_person(school, password, mailbox, given, family, grade.name, subject, grades))
    if len(made) > WALKER_INDEX:
        made[1], made[HOST_INDEX] = made[HOST_INDEX], made[1]
        made[0], made[WALKER_INDEX] = made[WALKER_INDEX], made[0]
    _make_unusual(made)
    _add_sign_ins(school, made, today)
    directory.teachers = Person.objects.bulk_create(made, batch_size=1000)
    _add_hours(directory)
    _create_administrator(school, password)
    joined_at = at_local(school, directory.semesters[0].starts_on, dt.time())
    Person.objects.filter(school=school).update(joined_at=joined_at)
    school.opened_at = joined_at
    school.save(update_fields=["opened_at"])
    _add_roles(directory, grades)


def _make_unusual(teachers: list[Person]) -> None:
    """Give all teachers a code, two of them the same name, and one no e-mail address."""
    first, second = NAMESAKES
    if second < len(teachers):
        teachers[second].given_name = teachers[first].given_name
        teachers[second].family_name = teachers[first].family_name
    taken: dict[str, int] = {}
    for teacher in teachers:
        letters = teacher.family_name[:3].upper()
        taken[letters] = taken.get(letters, 0) + 1
        teacher.code = letters if taken[letters] == 1 else f"{letters}{taken[letters]}"
    teachers[WITHOUT_ADDRESS_INDEX].email = None


def _add_hours(directory: Directory) -> None:
    """Let Amara's grade be at school all day, and set the hours of a part-time teacher on one day."""
    walker = directory.teachers[min(timetable.WALKER_INDEX, len(directory.teachers) - 1)]
    of_grade = [teacher for teacher in directory.teachers if teacher.grade_id == walker.grade_id]
    directory.here_all_day = {teacher.pk for teacher in of_grade}
    who = [(teacher, day) for teacher in of_grade for day in directory.day_types]
    index, days = list(timetable.PART_TIME.items())[-1]
    if index < len(directory.teachers):
        who.append((directory.teachers[index], directory.day_types[days[-1]]))
    starts_at, ends_at = ALL_DAY
    HoursAtSchool.objects.bulk_create(
        HoursAtSchool(person=teacher, day_type=day, starts_at=starts_at, ends_at=ends_at) for teacher, day in who
    )


def _add_sign_ins(school: School, teachers: list[Person], today: dt.date) -> None:
    """Let most teachers have signed in lately, a few long ago, and a few not since they were invited."""
    for number, teacher in enumerate(teachers):
        days_ago = 100 if number % 15 == 4 else 1 + number % 6
        moment = at_local(school, today - dt.timedelta(days=days_ago), dt.time(8))
        if teacher.email is None:
            continue
        if number % 12 == 11:
            teacher.invited_at = moment
        else:
            teacher.last_login = moment


def _create_grades(school: School, wings: int) -> list[Grade]:
    return [
        Grade.objects.create(school=school, name=name + (f" {wing + 1}" if wing else ""), position=position)
        for wing in range(wings)
        for position, (name, _size) in enumerate(people.GRADES)
    ]


def _grades_to_fill(grades: list[Grade], made: list[Person], wings: int) -> list[Grade]:
    """Return the grades that need more teachers, each as often as it needs one."""
    sizes = [size for _name, size in people.GRADES] * wings
    missing = {grade.pk: size for grade, size in zip(grades, sizes, strict=True)}
    for person in made:
        missing[person.grade_id or 0] -= 1
    return [grade for grade in grades for _ in range(missing[grade.pk])]


def _create_administrator(school: School, password: str) -> None:
    administrator = _new_person(school, password, *people.ADMINISTRATOR, [])
    administrator.is_teacher = False
    administrator.is_administrator = True
    administrator.is_staff = True
    administrator.is_superuser = True
    administrator.save()


def _new_person(
    school: School, password: str, mailbox: str, given: str, family: str, grade: str, subject: str, grades: list[Grade]
) -> Person:
    own_grade = next((known for known in grades if known.name == grade), None)
    ascii_name = unicodedata.normalize("NFKD", mailbox).encode("ascii", "ignore").decode()
    return Person(
        school=school,
        email=f"{ascii_name}@{DOMAIN}",
        given_name=given,
        family_name=family,
        grade=own_grade,
        subject=subject,
        password=password,
    )


def _add_roles(directory: Directory, grades: list[Grade]) -> None:
    for grade in grades:
        members = [teacher for teacher in directory.teachers if teacher.grade_id == grade.pk]
        named = {("Lucía", "Reyes"), *((given, family) for given, family, _grade in people.OTHER_HEADS)}
        heads = [member for member in members if (member.given_name, member.family_name) in named] or members[:1]
        if heads:
            grade.heads.add(heads[0])
            directory.heads[grade.pk] = heads[0]
    subjects = [["Maths"], ["English", "Spanish"], ["Science", "Geography", "History"], people.ARTS]
    for name, taught in zip(people.TEAMS, subjects, strict=True):
        team = Team.objects.create(school=directory.school, name=name)
        team.members.set([one for one in directory.teachers[:TEACHERS_OF_A_WING] if one.subject in taught])


def _add_timetable(directory: Directory, semester: Semester, rooms: list[Room]) -> None:
    lessons = []
    for number_of_day, day in enumerate(directory.day_types):
        for index, period in enumerate(directory.periods):
            made = timetable.lessons_at(
                number_of_day,
                index,
                teachers=directory.teachers,
                rooms=rooms,
                semester=semester,
                day_type=day,
                period=period,
            )
            directory.add_lessons(semester, day, period, made)
            lessons += made
    Lesson.objects.bulk_create(lessons, batch_size=2000)
