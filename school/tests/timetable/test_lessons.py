"""A pasted timetable: how lines are read, which problems they have, and what is saved."""

import datetime as dt
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from school.errors import NotAllowedError
from school.models import Hallway, Lesson, Period, Person, Room, Semester
from school.tests.factories import a_lesson, a_person
from school.timetable import lessons
from school.timetable.lessons import TimetablePaste


@pytest.fixture
def autumn(school):
    return Semester.objects.get(school=school)


@pytest.fixture
def spring(school):
    return Semester.objects.create(
        school=school, name="Spring 2027", starts_on=dt.date(2027, 1, 4), ends_on=dt.date(2027, 6, 18)
    )


@pytest.fixture
def jonas(school):
    return a_person(school, "Jonas", "Lindqvist")


@pytest.fixture
def leila(school):
    return a_person(school, "Leila", "Haddad")


def timetable_lines(semester):
    """Return the lessons of a semester, one line each."""
    rows = Lesson.objects.filter(semester=semester).order_by("day_type", "period", "room__code", "teacher__given_name")
    return [
        f"{row.teacher.given_name} {row.day_type.name[:3]} {row.period.position} {row.room.code} {row.title}"
        for row in rows
    ]


def problem_lines(preview):
    return [f"{problem.number}: {problem.words}" for problem in preview.problems]


@pytest.mark.parametrize(
    "line",
    [
        "Jonas Lindqvist; Monday; Period 3; 204; 7A Maths",
        "JONAS.LINDQVIST@{school}.example\tmon\t3\t204\t7A Maths",
        '"Lindqvist, Jonas", Mo, P3, Room 204, 7A Maths,,',
        "Lindqvist Jonas;1;10:10;204;  7A   Maths ",
        "Teacher;Day;Period;Room;Class\n\nJonas Lindqvist;Monday;3.;204;7A Maths",
        "Class;Room;Day;Period;Teacher\n7A Maths;204;Monday;3;Jonas Lindqvist",
        "Nr.\tKlasse\tLehrkraft\tRaum\tTag\tStunde\n1\t7A Maths\tJonas Lindqvist\t204\tMo\t3",
        "Classe,Salle,Jour,Heure,Professeur\n7A Maths,204,Mon,3,Jonas Lindqvist",
    ],
)
def test_a_line_may_be_written_in_several_ways(line, administrator, autumn, jonas):
    lessons.apply(TimetablePaste(line.format(school=jonas.school_id), autumn), by=administrator)
    assert timetable_lines(autumn) == ["Jonas Mon 3 204 7A Maths"]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("Mon", ["Mo.", "Montag", "lu", "lun.", "Lunes", "Lundi"]),
        ("Tue", ["Di", "Dienstag", "ma", "Martes", "mardi"]),
        ("Wed", ["Mi", "Mittwoch", "Miércoles", "me", "mercredi"]),
    ],
)
def test_days_are_read_in_the_languages_of_the_headings(day, words, administrator, autumn, jonas):
    for number, word in enumerate(words):
        lessons.apply(TimetablePaste(f"Jonas Lindqvist;{word};3;204;7A {number}", autumn), by=administrator)
        assert timetable_lines(autumn) == [f"Jonas {day} 3 204 7A {number}"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Nobody; Mon; 3; 204; 7A", "nobody here has the name, e-mail or code “Nobody”"),
        ("Jonas Lindqvist; Sun; 3; 204; 7A", "there is no school day “Sun”"),
        ("Jonas Lindqvist; Mon; 9; 204; 7A", "there is no period “9”"),
        ("Jonas Lindqvist; Mon; 3; 301; 7A", "there is no room 301 yet"),
        ("Jonas Lindqvist; Mon; 3; 204", "write teacher; day; period; room; class"),
        ("Jonas Lindqvist; Mon; 3; 204; ", "missing: the class"),
        ("Jonas Lindqvist\tMon\t\t\t7A", "missing: the period"),
        (
            "Jonas Lindqvist; Mon; 3; 204; 7A; party",
            "“party” is no kind of lesson; write class, duty or meeting",
        ),
        ("Class;Room;Day;Period;Teacher\n;204;Mon;3;Jonas Lindqvist", "missing: the class"),
        ("Jonas Lindqvist; Mon; 3-4; 204; 7A", "there is no period “4”"),
        ("Jonas Lindqvist; Mon; 1-9; 204; 7A", "there is no period “1-9”"),
        ("Daniel Whitfield; Mon; 3; 204; 7A", "Daniel Whitfield has left, or does not teach; see People"),
        (
            "Jonas Lindqvist; Mon; 3; 204; " + "x" * 61,
            f"the class name “{'x' * 61}” is 61 characters long; it can have at most 60",
        ),
        (
            f"Jonas Lindqvist; Mon; 3; {'G' * 41}; 7A",
            f"Room {'G' * 41} is 41 characters long; a room’s code has at most 40",
        ),
    ],
)
def test_the_problem_of_a_line_is_explained(line, problem, administrator, autumn, jonas):
    number = len(line.splitlines())
    assert problem_lines(lessons.make_preview(TimetablePaste(line, autumn), by=administrator)) == [
        f"{number}: {problem}"
    ]


def test_a_room_with_the_name_of_a_heading_is_not_a_heading(administrator, autumn, jonas):
    preview = lessons.make_preview(TimetablePaste("Jonas Lindqvist; Mon; 3; Aula; Kurs", autumn), by=administrator)
    assert problem_lines(preview) == ["1: there is no room Aula yet"]


@pytest.mark.parametrize("periods", ["2-3", "2 – 3", "2/3", "2+3", "P2-P3", "2.-3.", "Period 2 - 3"])
def test_a_double_period_is_two_lessons(periods, administrator, autumn, jonas):
    lessons.apply(TimetablePaste(f"Jonas Lindqvist; Mon; {periods}; 204; 7A", autumn), by=administrator)
    assert timetable_lines(autumn) == ["Jonas Mon 2 204 7A", "Jonas Mon 3 204 7A"]


def test_a_name_that_two_teachers_share_needs_the_address(administrator, autumn, jonas, school):
    a_person(school, "Jonas", "Lindqvist", email="other@maplehill.example")
    preview = lessons.make_preview(TimetablePaste("Jonas Lindqvist; Mon; 3; 204; 7A", autumn), by=administrator)
    assert problem_lines(preview) == [
        "1: several teachers are called “Jonas Lindqvist”; write the e-mail address or the code"
    ]


def test_a_code_names_one_of_two_teachers_of_the_same_name(administrator, autumn, jonas, school):
    a_person(school, "Jonas", "Lindqvist", email="other@maplehill.example", code="Mü")
    a_person(school, "Mu", "Lin", code="MU")
    lessons.apply(TimetablePaste("mü; Mon; 3; 204; 7A", autumn), by=administrator)
    assert Lesson.objects.get(semester=autumn).teacher.email == "other@maplehill.example"


def test_accents_may_be_left_out(administrator, autumn, head):
    assert (
        lessons.make_preview(TimetablePaste("lucia reyes; Mon; 3; 204; 7A", autumn), by=administrator).valid_count == 1
    )


def test_teachers_may_share_a_room_and_a_teacher_may_have_two(administrator, autumn, jonas, leila):
    text = "Jonas Lindqvist + Leila Haddad;Mon;3;204;7A\nJonas Lindqvist;Mon;3;206;7B"
    for added in (3, 0):
        done = lessons.apply(TimetablePaste(text, autumn), by=administrator)
        assert (len(done.added), done.changed, done.removed) == (added, [], [])
    assert timetable_lines(autumn) == ["Jonas Mon 3 204 7A", "Leila Mon 3 204 7A", "Jonas Mon 3 206 7B"]


def test_two_lines_about_one_teacher_and_room_must_agree(administrator, autumn, jonas):
    text = "Jonas Lindqvist;Mon;3;204;7A\nJonas Lindqvist;Mon;3;204;7B"
    assert problem_lines(lessons.make_preview(TimetablePaste(text, autumn), by=administrator)) == [
        "2: line 1 already has Jonas Lindqvist in the same place at that time (Monday, Period 3)"
    ]


@pytest.mark.parametrize(
    ("line", "kind", "title"),
    [
        ("Jonas Lindqvist;Mon;3;;Duty", "duty", "Duty"),
        ("Jonas Lindqvist;Mon;3;;Yard;duty", "duty", "Yard"),
        ("Jonas Lindqvist;Mon;3;;;meeting", "meeting", "Meeting"),
        ("Jonas Lindqvist;Mon;3;;7A Maths", "class", "7A Maths"),
        ("Teacher;Kind;Day;Period;Room;Class\nJonas Lindqvist;Duty;Mon;3;;Yard", "duty", "Yard"),
    ],
)
def test_a_lesson_without_a_room_may_be_a_duty_or_a_meeting(line, kind, title, administrator, autumn, jonas):
    done = lessons.apply(TimetablePaste(line, autumn), by=administrator)
    lesson = Lesson.objects.get()
    assert (lesson.kind, lesson.title, lesson.room, done.without_room) == (kind, title, None, 1)


def test_a_paste_leaves_lessons_that_ended_and_continues_one_that_it_names(administrator, autumn, jonas, school):
    a_lesson(jonas, "204", days=[0], title="7A", valid_until=dt.date(2026, 10, 1))
    a_lesson(jonas, "206", days=[0], title="7A", valid_from=dt.date(2026, 10, 2))
    done = lessons.apply(TimetablePaste("Jonas Lindqvist;Mon;3;206;7A", autumn), by=administrator)
    assert (done.unchanged, done.removed) == (1, [])
    lessons.apply(TimetablePaste("Jonas Lindqvist;Mon;3;204;7A", autumn), by=administrator)
    assert list(Lesson.objects.values_list("room__code", "valid_until")) == [("204", None)]


def test_a_repeated_line_is_one_lesson(administrator, autumn, jonas):
    preview = lessons.make_preview(TimetablePaste("Jonas Lindqvist;Mon;3;204;7A\n" * 2, autumn), by=administrator)
    assert (preview.valid_count, preview.problems) == (1, [])


def test_the_preview_saves_nothing(administrator, autumn, jonas):
    lessons.make_preview(TimetablePaste("Jonas Lindqvist;Mon;3;204;7A", autumn), by=administrator)
    assert timetable_lines(autumn) == []


def test_adding_keeps_other_lessons_and_corrects_changed_ones(administrator, autumn, jonas, leila):
    a_lesson(jonas, "204", days=[0], title="7A")
    a_lesson(leila, "206", days=[0], title="7B")
    done = lessons.apply(
        TimetablePaste("Jonas Lindqvist;Mon;3;208;7C\nJonas Lindqvist;Tue;1;204;7A", autumn), by=administrator
    )
    assert (len(done.added), len(done.changed), len(done.removed)) == (1, 1, 0)
    assert timetable_lines(autumn) == ["Leila Mon 3 206 7B", "Jonas Mon 3 208 7C", "Jonas Tue 1 204 7A"]


def test_replacing_removes_all_other_lessons(administrator, autumn, host, leila):
    lessons.apply(TimetablePaste("Leila Haddad;Mon;3;204;7B", autumn, replace=True), by=administrator)
    assert timetable_lines(autumn) == ["Leila Mon 3 204 7B"]


def test_two_teachers_who_swap_rooms_keep_their_lessons(administrator, autumn, jonas, leila):
    before = [a_lesson(jonas, "204", days=[0]).pk, a_lesson(leila, "206", days=[0]).pk]
    lessons.apply(TimetablePaste("Jonas Lindqvist;Mon;3;206;7A\nLeila Haddad;Mon;3;204;7B", autumn), by=administrator)
    rooms = dict(Lesson.objects.values_list("pk", "room__code"))
    assert [rooms[pk] for pk in before] == ["206", "204"]


@pytest.mark.parametrize("replace", [True, False])
def test_pasting_the_same_lessons_again_changes_nothing(replace, administrator, autumn, jonas):
    paste = TimetablePaste("Jonas Lindqvist;Mon;3;204;7A", autumn, replace=replace)
    counts = lessons.apply(paste, by=administrator).counts
    again = lessons.apply(paste, by=administrator, seen_counts=counts)
    assert again.nothing_to_do
    assert again.unchanged == 1
    assert timetable_lines(autumn) == ["Jonas Mon 3 204 7A"]


def test_missing_rooms_are_created_in_the_hallway(administrator, autumn, jonas, school):
    hallway = Hallway.objects.get(building__school=school)
    lessons.apply(
        TimetablePaste("Jonas Lindqvist;Mon;3;Gym East;7A\nJonas Lindqvist;Tue;3;GYM EAST;7A", autumn, hallway=hallway),
        by=administrator,
    )
    assert list(Room.objects.filter(code__startswith="G").values_list("code", "plate")) == [("Gym East", "GymE")]
    assert timetable_lines(autumn) == ["Jonas Mon 3 Gym East 7A", "Jonas Tue 3 Gym East 7A"]


def test_one_line_with_a_problem_stops_the_whole_paste(administrator, autumn, jonas):
    with pytest.raises(lessons.LinesDoNotFitError):
        lessons.apply(TimetablePaste("Jonas Lindqvist;Mon;3;204;7A\nNobody;Mon;3;206;7A", autumn), by=administrator)
    assert timetable_lines(autumn) == []


def test_lines_with_a_problem_may_be_left_out(administrator, autumn, jonas):
    text = "Jonas Lindqvist;Mon;3;204;7A\nNobody;Mon;3;206;7A"
    lessons.apply(TimetablePaste(text, autumn, skip_problem_lines=True), by=administrator)
    assert timetable_lines(autumn) == ["Jonas Mon 3 204 7A"]


def test_a_text_without_a_valid_line_never_empties_a_timetable(administrator, autumn, host):
    with pytest.raises(lessons.LinesDoNotFitError):
        lessons.apply(
            TimetablePaste("Nobody;Mon;3;206;7A", autumn, replace=True, skip_problem_lines=True), by=administrator
        )
    assert len(timetable_lines(autumn)) == 5


def test_a_timetable_that_changed_after_the_preview_is_not_saved(administrator, autumn, jonas, leila):
    paste = TimetablePaste("Jonas Lindqvist;Mon;3;204;7A", autumn, replace=True)
    counts = lessons.make_preview(paste, by=administrator).counts
    a_lesson(leila, "206")
    with pytest.raises(lessons.ChangedMeanwhileError):
        lessons.apply(paste, by=administrator, seen_counts=counts)


def test_only_administrators_of_the_school_can_paste_lessons(autumn, head, stranger):
    elsewhere = a_person(stranger.school, "Ada", "Wolf", is_administrator=True)
    for person in (head, elsewhere):
        with pytest.raises(NotAllowedError):
            lessons.apply(TimetablePaste("Jonas Lindqvist;Mon;3;204;7A", autumn), by=person)


def test_people_of_another_school_are_unknown(administrator, autumn, stranger):
    preview = lessons.make_preview(TimetablePaste(f"{stranger.email};Mon;3;204;7A", autumn), by=administrator)
    assert problem_lines(preview) == [f"1: nobody here has the name, e-mail or code “{stranger.email}”"]


def test_a_timetable_is_copied_without_people_who_left(administrator, autumn, host, second_host, spring):
    Person.objects.filter(pk=second_host.pk).update(is_active=False)
    assert lessons.copy(autumn, spring, by=administrator) == 5
    assert timetable_lines(spring) == [line for line in timetable_lines(autumn) if line.startswith("Jonas")]


def test_a_timetable_is_copied_once(administrator, autumn, host, spring):
    lessons.copy(autumn, spring, by=administrator)
    with pytest.raises(lessons.CannotCopyError, match="Spring 2027 has a timetable already"):
        lessons.copy(autumn, spring, by=administrator)


def queries_of(lines, semester, by):
    with CaptureQueriesContext(connection) as queries:
        lessons.make_preview(TimetablePaste("\n".join(lines), semester), by=by)
    return len(queries)


def test_two_thousand_lines_take_as_many_queries_as_one_and_less_than_five_seconds(administrator, autumn, school):
    for number in range(4, 11):
        Period.objects.create(
            school=school,
            name=f"Period {number}",
            position=number,
            starts_at=dt.time(number + 8),
            ends_at=dt.time(number + 8, 45),
        )
    people = [Person(school=school, email=f"t{n}@x.example", given_name="T", family_name=str(n)) for n in range(40)]
    Person.objects.bulk_create(people)
    hallway = Hallway.objects.get(building__school=school)
    lines = [
        f"t{n}@x.example;{day};{period};R{n};7A" for n in range(40) for day in range(1, 6) for period in range(1, 11)
    ]
    assert queries_of(lines[:1], autumn, administrator) == queries_of(lines, autumn, administrator) == 5
    started = time.process_time()
    lessons.apply(TimetablePaste("\n".join(lines), autumn, hallway=hallway), by=administrator)
    assert Lesson.objects.count() == 2000
    assert time.process_time() - started < 5
