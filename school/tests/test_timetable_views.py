"""The timetable page: paste, preview, save; and the checklist of a school that cannot plan walks yet."""

import datetime as dt

import pytest
import time_machine

from school.models import Lesson, Semester
from school.tests.factories import a_lesson, a_person
from school.tests.pages import text_of

PAGE = "/settings/timetable/"


@pytest.fixture
def autumn(school):
    return Semester.objects.get(school=school)


@pytest.fixture
def jonas(school):
    return a_person(school, "Jonas", "Lindqvist")


@pytest.fixture
def client(administrator, sign_in):
    return sign_in(administrator)


def pasted(semester, text="Jonas Lindqvist; Mon; 3; 204; 7A Maths", **more):
    return {"semester": semester.pk, "text": text, "how": "add", "hallway": ""} | more


def test_only_administrators_can_open_the_timetable(client, walker, autumn):
    client.force_login(walker)
    answers = [client.get(PAGE), client.post(PAGE, pasted(autumn)), client.post(f"{PAGE}copy/")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize("count", [1, 3])
def test_the_timetable_takes_the_same_number_of_queries_for_one_and_for_three_teachers(
    client, school, count, django_assert_num_queries
):
    for given, room in [("Ada", "204"), ("Bo", "206"), ("Cy", "208")][:count]:
        a_lesson(a_person(school, given), room)
    with django_assert_num_queries(9):
        client.get(PAGE)


def test_lessons_are_listed_by_teacher(client, host):
    page = client.get(PAGE).text
    assert "Lindqvist, Jonas" in page
    assert page.count("7A Maths</span>") == 5
    assert "Autumn 2026: 5 lessons." in page


def test_pasted_lessons_are_shown_before_anything_is_saved(client, autumn, jonas):
    page = client.post(PAGE, pasted(autumn))
    assert page.status_code == 200
    assert "1 lesson is added" in page.text
    assert Lesson.objects.count() == 0


def test_the_second_button_saves_the_pasted_lessons(client, autumn, jonas):
    counts = client.post(PAGE, pasted(autumn)).context["preview"].counts
    response = client.post(PAGE, pasted(autumn, seen_counts=counts), follow=True)
    assert "Lessons: 1 added, 0 changed, 0 removed." in response.text
    assert Lesson.objects.get().title == "7A Maths"


def test_saving_the_same_lessons_twice_changes_nothing(client, autumn, jonas):
    for _time in range(2):
        response = client.post(PAGE, pasted(autumn, seen_counts="1-0-0-0"), follow=True)
    assert "The timetable is the same as before." in response.text
    assert Lesson.objects.count() == 1


def test_the_problem_of_a_line_is_shown_and_the_text_is_kept(client, autumn, jonas):
    page = client.post(PAGE, pasted(autumn, "Jonas Lindqvist; Mon; 3; 999; 7A <Maths>"))
    assert page.status_code == 422
    assert "Line 1: there is no room 999 yet" in page.text
    assert "Jonas Lindqvist; Mon; 3; 999; 7A &lt;Maths&gt;</textarea>" in page.text


def test_left_out_lines_are_counted_before_saving(client, autumn, jonas):
    text = "Jonas Lindqvist; Mon; 3; 204; 7A\nNobody; Mon; 3; 206; 7B"
    page = client.post(PAGE, pasted(autumn, text, skip_problem_lines="on"))
    assert page.status_code == 200
    assert "1 line has a problem" in page.text


def test_lessons_that_exist_already_need_no_button(client, autumn, jonas):
    client.post(PAGE, pasted(autumn, seen_counts="1-0-0-0"))
    page = client.post(PAGE, pasted(autumn)).text
    assert "Everything is there already." in page
    assert 'name="seen_counts"' not in page


def test_missing_rooms_are_named_once_and_listed_last(client, autumn, jonas):
    page = client.post(PAGE, pasted(autumn, "Jonas Lindqvist; Mon; 3; 999; 7A\nNobody; Mon; 3; 204; 7A"))
    assert [problem.number for problem in page.context["preview"].problems] == [2, 1]
    assert "These rooms don’t exist yet: 999." in page.text


def test_a_changed_lesson_keeps_its_first_day_and_the_preview_says_so(client, autumn, jonas):
    a_lesson(jonas, "206", days=[0], valid_from=dt.date(2026, 10, 5))
    preview = client.post(PAGE, pasted(autumn, how="replace"))
    assert "1 of these lessons begins during the semester and keeps its first day" in text_of(preview)
    client.post(PAGE, pasted(autumn, how="replace", seen_counts=preview.context["preview"].counts))
    assert list(Lesson.objects.values_list("room__code", "valid_from")) == [("204", dt.date(2026, 10, 5))]


def test_a_preview_that_is_out_of_date_is_shown_again(client, autumn, jonas):
    page = client.post(PAGE, pasted(autumn, seen_counts="9-9-9-0"))
    assert (page.status_code, Lesson.objects.count()) == (422, 0)


@pytest.mark.parametrize("change", [{"text": " \n "}, {"how": "burn"}, {"hallway": "99999"}, {"text": "x\n" * 6001}])
def test_an_invalid_form_keeps_the_text(client, autumn, change):
    page = client.post(PAGE, pasted(autumn) | change)
    assert (page.status_code, page.context["form"]["text"].value()) == (422, (pasted(autumn) | change)["text"])


def test_a_semester_of_another_school_is_refused(client, stranger, autumn, jonas):
    elsewhere = Semester.objects.get(school=stranger.school)
    assert client.post(PAGE, pasted(elsewhere, seen_counts="1-0-0-0")).status_code == 422


def test_a_new_semester_offers_the_timetable_of_another(client, autumn, host):
    spring = Semester.objects.create(
        school=host.school, name="Spring 2027", starts_on=dt.date(2027, 1, 4), ends_on=dt.date(2027, 6, 18)
    )
    assert "Copy to Spring 2027" in client.get(f"{PAGE}?semester={spring.pk}").text
    response = client.post(f"{PAGE}copy/", {"source": autumn.pk, "target": spring.pk}, follow=True)
    assert "5 lessons are copied." in response.text
    assert spring.lessons.count() == 5


@pytest.mark.parametrize(
    ("first", "shown"), [("2026-09-20", "Autumn 2026"), ("2026-12-25", "Spring 2027"), ("2028-01-01", "Spring 2027")]
)
def test_the_semester_that_runs_or_comes_next_is_shown(first, shown, client, administrator, school, autumn):
    Semester.objects.create(
        school=school, name="Spring 2027", starts_on=dt.date(2027, 1, 4), ends_on=dt.date(2027, 6, 18)
    )
    with time_machine.travel(f"{first}T10:00:00Z", tick=False):
        client.force_login(administrator)
        assert client.get(PAGE).context["shown"].name == shown


def test_copying_into_a_semester_with_a_timetable_shows_an_error(client, autumn, host):
    response = client.post(f"{PAGE}copy/", {"source": autumn.pk, "target": autumn.pk}, follow=True)
    assert "Autumn 2026 has a timetable already." in response.text


def test_without_a_semester_the_page_links_to_a_new_one(client, autumn):
    autumn.delete()
    assert 'href="/settings/semesters/new/"' in client.get(PAGE).text


def test_a_school_without_lessons_sees_the_setup_checklist(client, jonas):
    page = " ".join(client.get("/settings/").text.split())
    assert "Before walks can be planned" in page
    assert (page.count("Done </span>"), page.count(">Missing<")) == (4, 1)


def test_the_setup_checklist_disappears_once_it_is_complete(client, host):
    assert "Before walks can be planned" not in client.get("/settings/").text
