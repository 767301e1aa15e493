"""The pages for the cycle of days, bell schedules and special dates."""

import datetime as dt

import pytest

from school.calendar import Calendar
from school.models import BellSchedule, Campus, DayOff, DayType, HoursAtSchool, Lesson, SpecialDate
from school.tests.factories import NOW, THURSDAY, WEDNESDAY, a_lesson, a_person, row_of
from school.tests.pages import text_of
from school.timetable.lesson_lines import SchoolNames

FRIDAY = THURSDAY + dt.timedelta(days=1)


@pytest.fixture
def client(administrator, sign_in, time_machine):
    time_machine.move_to(NOW, tick=False)
    return sign_in(administrator)


@pytest.fixture
def leila(school):
    return a_person(school, "Leila", "Haddad")


def choose(client, school, kind, *, weekdays=range(5), days=6, names=None, **more):
    """Send the form of the page about school days, and return the response."""
    rows = DayType.objects.filter(school=school)
    named = {f"name_{row.pk}": (names or {}).get(row.name, row.name) for row in rows}
    return client.post("/settings/days/", {"kind": kind, "weekdays": list(weekdays), "days": days, **named, **more})


def names_of(school):
    school.refresh_from_db()
    return [day.name for day in Calendar(school).day_types]


def days_with_art():
    return sorted(Lesson.objects.filter(title="Art").values_list("day_type__name", flat=True))


def test_days_of_the_week_become_numbered_days_and_keep_their_lessons(client, school, leila):
    a_lesson(leila, "210", days=[0, 2], title="Art")
    choose(client, school, "numbered")
    assert names_of(school) == ["Day 1", "Day 2", "Day 3", "Day 4", "Day 5", "Day 6"]
    assert days_with_art() == ["Day 1", "Day 3"]
    choose(client, school, "two_weeks")
    assert days_with_art() == ["Monday A", "Wednesday A", "Wednesday B"]  # Day 6 became Monday B
    choose(client, school, "week", delete_lessons="on")
    assert names_of(school) == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert days_with_art() == ["Monday", "Wednesday"]


def test_two_weeks_begin_with_the_same_lessons_hours_and_bells(client, school, leila):
    a_lesson(leila, "210", days=[2], title="Art")
    bells = BellSchedule.objects.create(school=school, name="Short Friday")
    DayType.objects.filter(school=school, weekday=4).update(bells=bells)
    HoursAtSchool.objects.create(person=leila, day_type=row_of(school, DayType, weekday=4))
    choose(client, school, "two_weeks")
    assert sorted(map(str, leila.hours_at_school.all())) == ["Friday A: –", "Friday B: –"]
    assert [day.name for day in bells.day_types.all()] == ["Friday A", "Friday B"]
    assert names_of(school)[3:6] == ["Thursday A", "Friday A", "Monday B"]
    assert days_with_art() == ["Wednesday A", "Wednesday B"]
    days = SchoolNames(school.pk).days
    assert [days.called(word)[0].name for word in ("Wed B", "mia", "Wednesday A")] == [
        "Wednesday B",
        "Wednesday A",
        "Wednesday A",
    ]


def test_lessons_are_deleted_only_after_a_question(client, school, leila):
    a_lesson(leila, "210", days=[0, 4], title="Art")
    page = choose(client, school, "week", weekdays=range(4))
    assert page.status_code == 422
    assert "1 lesson is on days that would be removed: Friday." in text_of(page)
    assert "Delete these lessons" in text_of(page)
    assert days_with_art() == ["Friday", "Monday"]
    choose(client, school, "week", weekdays=range(4), delete_lessons="on")
    assert names_of(school) == ["Monday", "Tuesday", "Wednesday", "Thursday"]
    assert days_with_art() == ["Monday"]


def test_a_week_with_other_days(client, school):
    choose(client, school, "week", weekdays=[6, 0, 1, 2, 3], names={"Monday": "Yom Sheni"})
    assert names_of(school) == ["Sunday", "Yom Sheni", "Tuesday", "Wednesday", "Thursday"]
    sunday = school.day_types.get(weekday=6)
    choose(client, school, "numbered", weekdays=[6, 0, 1, 2, 3])
    sunday.refresh_from_db()
    assert sunday.name == "Day 1"
    choose(client, school, "week", weekdays=[6, 0, 1, 2, 3])
    sunday.refresh_from_db()
    assert sunday.name == "Sunday"


def test_the_page_says_that_another_kind_of_cycle_names_the_days_anew(client):
    assert "week B starts with the lessons of week A, and all days get new names." in text_of(
        client.get("/settings/days/")
    )


def test_two_days_cannot_have_the_same_name(client, school):
    page = choose(client, school, "week", names={"Monday": "friday"})
    assert "Another day has this name already" in text_of(page)


def test_special_dates_lose_their_day_with_the_old_cycle_and_keep_their_bells(client, school):
    monday = row_of(school, DayType, weekday=0)
    assembly = BellSchedule.objects.create(school=school, name="Assembly")
    SpecialDate.objects.create(school=school, date=THURSDAY, day_type=monday)
    SpecialDate.objects.create(school=school, date=FRIDAY, day_type=monday, bells=assembly)
    choose(client, school, "numbered")
    assert [(row.date, row.day_type, row.bells) for row in SpecialDate.objects.all()] == [(FRIDAY, None, assembly)]


def test_a_special_date_keeps_its_bells_when_its_day_is_removed(client, school):
    friday = row_of(school, DayType, weekday=4)
    assembly = BellSchedule.objects.create(school=school, name="Assembly")
    SpecialDate.objects.create(school=school, date=WEDNESDAY, day_type=friday)
    SpecialDate.objects.create(school=school, date=THURSDAY, day_type=friday, bells=assembly, starts_cycle=True)
    choose(client, school, "week", weekdays=range(4))
    assert [(row.date, row.day_type, row.bells) for row in SpecialDate.objects.all()] == [(THURSDAY, None, assembly)]


def test_the_page_shows_the_next_three_weeks(client, school, django_assert_num_queries):
    choose(client, school, "numbered")
    DayOff.objects.create(school=school, date=THURSDAY, label="Fair")
    bells = BellSchedule.objects.create(school=school, name="Short Friday", weekdays=[4])
    SpecialDate.objects.create(school=school, date=THURSDAY + dt.timedelta(days=9), bells=bells)
    client.get("/settings/days/")
    with django_assert_num_queries(4):
        page = client.get("/settings/days/")
    shown = text_of(page)
    assert "Wed 11 Nov Day 4 Thu 12 Nov – Fair Fri 13 Nov Day 5 Short Friday" in shown
    assert "Sat 14 Nov" not in shown
    assert 'class="special"' not in page.text  # the special date is a Saturday without school


def test_a_special_date_starts_the_cycle_anew(client, school):
    assert "starts_cycle" not in client.get("/settings/special-dates/new/").text
    choose(client, school, "numbered")
    day_one = school.day_types.get(number=1)
    page = client.post("/settings/special-dates/new/", {"date": THURSDAY, "starts_cycle": "on"})
    assert "Choose the day with which the cycle goes on" in text_of(page)
    typed = {"date": THURSDAY, "day_type": day_one.pk, "starts_cycle": "on"}
    client.post("/settings/special-dates/new/", typed)
    assert "Day 1, and on from there" in text_of(client.get("/settings/special-dates/"))
    assert "Thu 12 Nov Day 1 Fri 13 Nov Day 2" in text_of(client.get("/settings/days/"))


def test_a_special_date_needs_a_day_or_bells_and_is_no_day_off(client, school):
    page = client.post("/settings/special-dates/new/", {"date": WEDNESDAY})
    assert "Choose a day of the timetable, or bells" in text_of(page)
    DayOff.objects.create(school=school, date=WEDNESDAY)
    page = client.post("/settings/special-dates/new/", {"date": WEDNESDAY})
    assert "This is a day off. Remove it from the days off first" in text_of(page)


def times(school, *clocks, **more):
    """Return the form of a bell schedule with these times of the first periods: "08:00-08:30"."""
    typed = dict(zip(school.periods.all(), clocks, strict=False))
    fields = {"name": "Short Friday", "weekdays": [4]} | more
    for period, clock in typed.items():
        fields[f"from_{period.pk}"], _dash, fields[f"to_{period.pk}"] = clock.partition("-")
    return fields


def test_a_bell_schedule_has_times_for_some_periods(client, school):
    client.post("/settings/bells/new/", times(school, "08:00-08:30", "", "08:35-09:05"))
    school.refresh_from_db()
    calendar = Calendar(school)
    starts = [calendar.times(FRIDAY, period)[0].strftime("%H:%M") for period in calendar.periods_on(FRIDAY)]
    assert starts == ["08:00", "08:35"]
    assert "Short Friday Friday" in text_of(client.get("/settings/bells/"))
    page = f"/settings/bells/{BellSchedule.objects.get().pk}/"
    assert 'value="08:35"' in client.get(page).text
    client.post(page, times(school, "07:00-07:30", weekdays=[]))
    school.refresh_from_db()
    assert len(Calendar(school).periods_on(FRIDAY)) == 3
    client.post(f"{page}remove/")
    assert not BellSchedule.objects.exists()


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("08:00-", "Period 1: fill in both times, or neither"),
        ("09:00-08:00", "Period 1: choose an end after the start"),
    ],
)
def test_a_wrong_time_is_explained(clock, words, client, school):
    page = client.post("/settings/bells/new/", times(school, clock))
    assert (page.status_code, words in text_of(page)) == (422, True)


def test_two_schedules_cannot_be_on_the_same_weekday(client, school):
    BellSchedule.objects.create(school=school, name="Chapel", weekdays=[4])
    page = client.post("/settings/bells/new/", times(school, "08:00-08:30"))
    assert "Friday already has the bells of “Chapel”" in text_of(page)


def test_a_numbered_day_has_its_own_bells(client, school):
    choose(client, school, "numbered")
    day = school.day_types.get(number=2)
    client.post("/settings/bells/new/", times(school, "08:00-08:30", weekdays=[], day_types=[day.pk]))
    day.refresh_from_db()
    assert day.bells.name == "Short Friday"


def test_a_period_may_be_on_one_campus_only(client, school):
    form = {"name": "Early", "position": 9, "starts_at": "08:20", "ends_at": "09:00"}
    assert "campus" not in client.get("/settings/periods/new/").text
    hill = Campus.objects.create(school=school, name="Hill")
    client.post("/settings/periods/new/", form | {"campus": hill.pk})
    assert "Early, Hill" in text_of(client.get("/settings/periods/"))
    assert client.post("/settings/periods/new/", form | {"position": 25}).status_code == 422
