"""Every form that is sent twice takes effect once. CREATES and CHANGES list every URL that accepts a POST."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from learningwalks.tests.security.matrix import ADDRESSES, SIGNED_IN, TABLE, URLS_BY_ROW, address, form_data, series_of
from learningwalks.tests.security.world import NOW, a_world, fast_requests, rolled_back
from observations.models import Praise
from observations.tests.photos.photo_files import encoded, quarters
from operations.tests.faults.sizes import FULL
from school.calendar import Calendar
from school.models import Building, Hallway, Lesson, Room, Semester
from school.timetable import lessons
from walks.doors.lessons import lessons_to_open
from walks.models import Practice

pytestmark = pytest.mark.django_db if FULL else [pytest.mark.django_db, pytest.mark.not_on_postgresql]
LATER = NOW + dt.timedelta(seconds=5)
OURS = ("school", "walks", "observations", "notifications")
NOT_OURS = ("admin:", "/admin/", "/account/", "account_", "mfa_", "usersessions_", "sign-", "demo-sign-in")
NOT_TESTED = {"setup"}  # the page exists only until there is a school
CHANGES = {  # URLs that move, change or remove something: the second time they change nothing
    "notifications:preferences",
    "notifications:unsubscribe",
    "walks:door_sign",
    "walks:door_sign_new_code",  # the second time makes another code
    "walks:door",
    "walks:door_close",
    "walks:door_leave",
    "walks:edit",
    "walks:cancel",
    "walks:take_back",
    "walks:reply",
    "walks:accept",
    "walks:unexcuse",
    "walks:approve_all",
    "walks:approve_suggested",
    "walks:undo_approvals",
    "walks:take_back_question",
    "walks:cancel_approved",
    "walks:adjust",
    "walks:approve",
    "walks:ask_change",
    "walks:change_cover",
    "observations:times",
    "observations:delete_draft",
    "observations:finish",
    "observations:arrive",
    "observations:leave",
    "observations:skip",
    "observations:unskip",
    "observations:log",
    "observations:delete_note",
    "observations:restore_note",
    "observations:describe_photo",
    "observations:delete_photo",
    "observations:restore_photo",
    "observations:outcome",
    "observations:praise_hint",
    "observations:unsend",
    "observations:undo_thanks_in_person",
    "observations:settle_delivery",
    "observations:tell",
    "observations:untell",
    "observations:settle_tell",
    "praise:thank",
    "praise:remove_photo",
    "praise:delete",
    "me",
    "accounts:person",
    "school:move_row",
    "accounts:invite_rest",
    "accounts:invite_again",
    "accounts:mark_as_left",
    "accounts:come_back",
    "accounts:erase",
    "accounts:opening",
    "accounts:undo_opening",
    "school:settings",
    "school:edit_row",
    "school:remove_row",
    "school:change_lesson",
    "walks:catalogue_edit",
    "walks:catalogue_hide",
}


def plan(world, op):
    """Return what the planner posts."""
    rooms = list(Room.objects.filter(school=world.school, code__in=["204", "206"]).values_list("pk", flat=True))
    return {
        "op": op,
        "token": uuid.uuid4(),
        "date": "2026-11-13",
        "period": world.walks["draft"].period_id,
        "stop": rooms,
        "order": rooms,
        "own_focus": "Wait time",
        "announced": "yes",
        "shown_clashes": "",
    }


def person_form(given):
    return {"given_name": given, "family_name": "Abbas", "email": f"{given.lower()}@new.example", "is_teacher": "on"}


def timetable_form(world):
    """Return one line of a timetable, as the page with its preview posts it."""
    semester = Semester.objects.get(school=world.school)
    line = "Samuel Brandt\tMonday\tPeriod 1\t208\t7A Art"
    seen = lessons.make_preview(
        lessons.TimetablePaste(line, semester, False, None, False), by=world.people["administrator"]
    )
    return {"semester": semester.pk, "text": line, "how": "add", "seen_counts": seen.counts}


def door_form(world):
    """Return the host's next class that is not open yet."""
    calendar = Calendar(world.school)
    own = lessons_to_open(world.people["host"], calendar=calendar, now=NOW)
    free = next(lesson for lesson in own if not lesson.why_not and lesson.starts_at > NOW)
    return {"lesson": free.key, "title": "Maths journals", "places": "1"}


def lesson_form(world):
    """Return one more lesson, from the next day on."""
    lesson = Lesson.objects.filter(semester__school=world.school).latest("pk")
    place = {"day_type": lesson.day_type_id, "period": lesson.period_id}
    return place | {"kind": "duty", "name": "Yard", "room": "", "from_date": "2026-11-13"}


def successor(world):
    return {"to": world.people["head"].pk, "from_date": "2026-11-13"}


def unplanned(world):
    """Return the form of an unplanned walk to two rooms, in period 2 of the Monday before."""
    classes = Lesson.objects.filter(room__school=world.school, period__position=2, day_type__weekday=0)
    chosen = list(classes.filter(room__code__in=["204", "206"]).values_list("pk", flat=True))
    when = {"date": "2026-11-09", "time": "09:10", "minutes": 12}
    return {**when, "lesson": chosen, "own_focus": "Wait time", "token": uuid.uuid4()}


def unthanked(world, **typed_words):
    """Remove the thanks, so that the host of this room still waits for praise. Return the form's words."""
    Praise.objects.filter(stop=world.stops["walked"][0]).delete()
    world.walks["walked"].stops.update(thanked_at=None)
    return typed_words


def next_semester(world):
    """Create an empty semester. Return the form that copies the timetable into it."""
    times = {"starts_on": dt.date(2027, 1, 4), "ends_on": dt.date(2027, 6, 18)}
    target = Semester.objects.create(school=world.school, name="Spring 2027", **times)
    return {"source": Semester.objects.get(school=world.school, name="Autumn 2026").pk, "target": target.pk}


def photo_form(world):
    return {"page": uuid.uuid4(), "photos": SimpleUploadedFile("b.jpg", encoded(quarters()), "image/jpeg")}


def new_row_data(world, kind):
    """Return the data of a new row of this list of the school."""
    room, hallway = Room.objects.filter(school=world.school)[0], Hallway.objects.get(building__school=world.school)
    return {
        "semesters": {"name": "Spring 2027", "starts_on": "2027-01-04", "ends_on": "2027-06-18"},
        "periods": {"name": "Period 9", "position": 9, "starts_at": "15:00", "ends_at": "15:45"},
        "bells": {"name": "Short Friday", "weekdays": [4]},
        "special-dates": {"date": "2026-12-01", "day_type": world.school.day_types.first().pk},
        "days-off": {"date": "2026-12-01", "label": "Training"},
        "rooms": {"hallway": hallway.pk, "code": "310"},
        "hallways": {"building": Building.objects.get(school=world.school).pk, "name": "Third floor"},
        "buildings": {"name": "Gym"},
        "campuses": {"name": "Hill campus"},
        "closures": {"room": room.pk, "date": "2026-12-02", "period": "", "reason": "Test"},
        "grades": {"name": "Grade 9", "position": 9},
        "teams": {"name": "Art"},
    }[kind]


def days_form(world):
    """Return the form that changes the days of the week to two weeks."""
    names = {f"name_{day.pk}": day.name for day in world.school.day_types.all()}
    return names | {"kind": "two_weeks", "weekdays": [0, 1, 2, 3, 4], "days": 6}


class Form(NamedTuple):
    """A form: the name of its URL, who sends it, about which object of the world, and a function that fills it in."""

    url_name: str
    persona: str
    which: str
    fill_in: Callable[[Any], dict[str, Any]]


def new_row(kind):
    """Return the form that adds a row to this list of the school."""
    return Form(f"school:new_row/{kind}", "admin_walker", "", lambda world: new_row_data(world, kind))


def nudge_for_everybody(world):
    return {"op": "send", "person": [person.pk for person in world.people.values()]}


def pasted_person(world):
    return {"lines": "Nour Abbas <nour@new.example>", "write": "1"}


def first_group():
    return Practice.objects.all()[0].group


DAYS = ("semesters", "periods", "bells", "special-dates", "days-off")
KINDS = (*DAYS, "rooms", "hallways", "buildings", "campuses", "closures", "grades", "teams")
CREATES = [  # forms that create something: sent twice, they create it once
    Form("walks:new", "walker", "", lambda world: plan(world, "draft")),
    Form("walks:new", "walker", "", lambda world: plan(world, "send")),
    Form("walks:door_come", "walker", "", lambda world: {}),
    Form("walks:door_new", "host", "", door_form),
    Form("walks:excuse", "administrator", "", lambda world: {"reason": "on leave"}),
    Form("walks:report_nudge", "administrator", "", nudge_for_everybody),
    Form("walks:catalogue_new", "administrator", "", lambda world: {"name": "Exit tickets", "group": first_group()}),
    Form("observations:add_room", "walker", "live", lambda world: form_data(world, "observations:add_room", "live")),
    Form("observations:save_note", "walker", "live", lambda world: {"note_id": uuid.uuid4(), "text": "New"}),
    Form("observations:add_photo", "walker", "live", photo_form),
    Form("observations:log_unplanned", "walker", "", unplanned),
    Form("observations:takeaway", "walker", "walked", lambda world: {"text": "Boards"}),
    Form("observations:praise", "walker", "walked", lambda world: unthanked(world, text="Thank you!", action="send")),
    Form("observations:autosave_praise", "walker", "walked", lambda world: unthanked(world, text="Thank")),
    Form("observations:thank_in_person", "walker", "walked", lambda world: unthanked(world, text="")),
    Form("accounts:new_person", "administrator", "", lambda world: person_form("Nour")),
    Form("accounts:many_people", "administrator", "", pasted_person),
    Form("school:days", "administrator", "", days_form),
    Form("school:timetable", "administrator", "", timetable_form),
    Form("school:add_lesson", "administrator", "", lesson_form),
    Form("school:hand_over", "administrator", "", successor),
    Form("school:copy_timetable", "administrator", "", next_semester),
    *map(new_row, KINDS),
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The world, once for this module."""
    with django_db_blocker.unblock(), rolled_back(), fast_requests():
        yield a_world()


def urls_that_accept_a_post():
    """Return every URL of ours that takes a POST."""
    return {row.name for row in TABLE if row.method == "POST" and not row.name.startswith(NOT_OURS)}


def row_counts():
    """Count the rows of every table."""
    models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return {model.__name__: model._base_manager.count() for model in models if model.__name__ != "Heartbeat"}


def sent_twice(world, persona, url, fill_in):
    """Send the same form twice, five seconds apart. Return the counts before, after the first and after the second."""
    with rolled_back():
        filled = fill_in(world)
        found = [row_counts()]
        for moment in (NOW, LATER):
            with time_machine.travel(moment, tick=False):
                for value in filled.values():
                    if hasattr(value, "seek"):
                        value.seek(0)
                status = world.clients[persona].post(url, filled).status_code
            assert status < 500
            found.append(row_counts())
    return found


def test_every_url_that_takes_a_post_is_listed_here():
    assert urls_that_accept_a_post() == {form.url_name.partition("/")[0] for form in CREATES} | CHANGES | NOT_TESTED


@pytest.mark.parametrize("form", CREATES, ids=[f"{form.url_name}-{n}" for n, form in enumerate(CREATES)])
def test_a_form_sent_twice_has_the_effect_of_one(world, settings, tmp_path, form):
    name, _slash, kind = form.url_name.partition("/")
    url = address(world, name, ADDRESSES[name], form.which)
    url = url.replace("/rooms/", f"/{kind}/") if kind else url
    before, once, twice = sent_twice(world, form.persona, url, form.fill_in)
    assert once != before
    assert twice == once


def allowed_requests(row):
    """Yield the personas who may do this according to the table, each with an object."""
    for persona in SIGNED_IN:
        numbers = row.answers[persona] or []
        series = series_of(ADDRESSES[URLS_BY_ROW[row.name][0]])
        for which, number in zip(series, list(numbers) * (len(series) if len(numbers) == 1 else 1), strict=False):
            if number[0] == "2" or number == "302":
                yield persona, which


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_button_pressed_twice_takes_effect_once(world, name):
    row = next(row for row in TABLE if row.name == name and row.method == "POST")
    for persona, which in allowed_requests(row):
        url = address(world, name, ADDRESSES[name], which)
        _before, once, twice = sent_twice(world, persona, url, lambda world, which=which: form_data(world, name, which))
        assert twice == once, (persona, which)
