"""The settings pages: one form for the policy, one small view for all lists."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from school.models import Building, DayOff, Grade, Hallway, Period, Room, RoomClosure, School, Semester
from school.tests.factories import NOW, a_hallway
from school.tests.pages import text_of
from school.views.list_kinds import KINDS

SLUGS = [kind.slug for kind in KINDS]
POLICY_FIELDS = {
    "name": "Maple Hill",
    "time_zone": "Europe/Paris",
    "required_walks": 2,
    "walk_minutes_max": 60,
    "room_minutes_max": 10,
    "who_may_be_visited": "anybody",
    "drop_ins_for_a_walk": 2,
    "fortnight_visit_limit": "",
    "announce_days_ahead": 2,
    "notes_about_a_room": "host",
    "visitor_limit": 3,
    "minutes_between_buildings": 7,
    "photos_on": "on",
    "photo_days": 14,
    "note_days": 100,
    "draft_days": 20,
    "plan_days": 200,
    "report_days": 700,
    "quiet_from": "19:00",
    "quiet_until": "06:30",
    "hashtags": "LearningWalks, #MapleHill",
    "norms": "Be kind.\n\n  Be brief. ",
}


@pytest.mark.parametrize("persona", ["walker", "head"])
def test_only_administrators_can_open_the_settings(persona, request, sign_in):
    client = sign_in(request.getfixturevalue(persona))
    pages = ["/settings/", *(f"/settings/{slug}/{more}" for slug in SLUGS for more in ("", "new/"))]
    assert {client.get(page).status_code for page in pages} == {404}


def test_the_policy_is_saved(administrator, sign_in):
    sign_in(administrator).post("/settings/", POLICY_FIELDS)
    school = School.objects.get()
    assert school.time_zone == "Europe/Paris"
    assert (school.required_walks, school.minutes_between_buildings) == (2, 7)
    assert not school.announce_by_default
    assert (school.hashtags, school.norms) == ("#LearningWalks #MapleHill", "Be kind.\nBe brief.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("visitor_limit", 0),
        ("required_walks", 7),
        ("walk_minutes_max", 19),
        ("room_minutes_max", 21),
        ("who_may_be_visited", "open_doors"),
        ("fortnight_visit_limit", 0),
        ("announce_days_ahead", 11),
        ("photo_days", 0),
        ("photo_days", 31),
        ("note_days", 99999),
        ("report_days", 1096),
        ("quiet_from", "x"),
    ],
)
def test_an_invalid_policy_is_not_saved(field, value, administrator, sign_in):
    response = sign_in(administrator).post("/settings/", POLICY_FIELDS | {field: value})
    assert (response.status_code, School.objects.get().name) == (422, "Test School")


def test_administrators_read_who_changed_which_setting(administrator, sign_in):
    client = sign_in(administrator)
    assert "Who changed what" not in client.get("/settings/").text
    shown = text_of(client.post("/settings/", POLICY_FIELDS, follow=True))
    changes = [
        "Visitors in one room at a time: 2 → 3",
        "Who may be visited: Everyone’s, unless they opt out → Everyone’s lessons",
        "No reminders from: 18:00 → 19:00",
        "Questions to ask students: Yes → No",
        "Daniel Whitfield",
    ]
    assert [words for words in changes if words not in shown] == []
    assert "Photos allowed" not in shown.partition("Who changed what")[2]  # it stayed as it was
    count = administrator.policy_changes.count()
    client.post("/settings/", POLICY_FIELDS)
    assert administrator.policy_changes.count() == count


def test_an_error_says_which_number_of_days_is_meant(administrator, sign_in):
    response = sign_in(administrator).post("/settings/", POLICY_FIELDS | {"photo_days": 31})
    assert "Photos: choose a number of days from 1 to 30" in text_of(response)


def test_the_settings_link_every_list(administrator, school, sign_in):
    school.campuses.create(name="Hill campus")
    page = sign_in(administrator).get("/settings/")
    links = [link.url for _title, links in page.context["list_groups"] for link in links]
    more = ["/settings/days/", "/settings/timetable/", "/settings/focus/", "/people/"]
    assert sorted(links) == sorted([*(f"/settings/{slug}/" for slug in SLUGS), *more])
    assert [link for link in links if f'href="{link}"' not in page.text] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_list_opens(slug, administrator, sign_in):
    client = sign_in(administrator)
    assert [client.get(f"/settings/{slug}/{more}").status_code for more in ("", "new/")] == [200, 200]


def test_an_unknown_list_returns_404(administrator, sign_in):
    assert sign_in(administrator).get("/settings/dragons/").status_code == 404


@pytest.mark.parametrize("rooms", [1, 3])
def test_a_list_takes_the_same_number_of_queries_for_one_and_for_three_rows(
    rooms, administrator, school, sign_in, django_assert_num_queries
):
    for room in Room.objects.filter(school=school)[rooms:]:
        room.delete()
    client = sign_in(administrator)
    with django_assert_num_queries(5):
        client.get("/settings/rooms/")


def test_a_semester_is_added(administrator, sign_in):
    spring = {"name": "Spring 2027", "starts_on": "2027-01-11", "ends_on": "2027-06-18"}
    sign_in(administrator).post("/settings/semesters/new/", spring)
    assert Semester.objects.get(name="Spring 2027").school == administrator.school


@pytest.mark.parametrize(
    ("name", "typed", "word"),
    [
        ("Spring 2027", "", "spring"),
        ("1. Halbjahr", "", "semester"),
        ("1. Halbjahr", "first", "first"),
        ("Spring 2027", "autumn", "spring"),  # it was guessed from the old name
        ("Autumn 2026", "first", "first"),
    ],
)
def test_the_word_for_sentences_is_typed_or_follows_the_name(name, typed, word, school, administrator, sign_in):
    semester = Semester.objects.get(school=school)
    dates = {"starts_on": semester.starts_on, "ends_on": semester.ends_on}
    page = f"/settings/semesters/{semester.pk}/"
    client = sign_in(administrator)
    client.post(page, {"name": name, "word": typed, **dates})
    semester.refresh_from_db()
    assert semester.word == word
    assert f'value="{word}"' in client.get(page).text


@pytest.mark.parametrize("ends_on", ["2027-01-11", "2026-12-01", "2029-01-01", ""])
def test_a_semester_ends_after_it_starts_and_within_a_year(ends_on, administrator, sign_in):
    spring = {"name": "Spring 2027", "starts_on": "2027-01-11", "ends_on": ends_on}
    assert sign_in(administrator).post("/settings/semesters/new/", spring).status_code == 422


def test_overlapping_semesters_are_refused_with_a_reason(administrator, sign_in):
    twice = {"name": "Twice", "starts_on": "2026-10-01", "ends_on": "2027-01-18"}
    response = sign_in(administrator).post("/settings/semesters/new/", twice)
    assert response.status_code == 422
    assert "Autumn 2026 has some of these days" in response.text


@pytest.mark.parametrize(
    ("slug", "values"),
    [
        ("grades", {"name": "Grade 7", "position": 3}),
        ("rooms", {"code": "204"}),
        ("periods", {"position": 1, "name": "Early", "starts_at": "06:00", "ends_at": "06:30"}),
        ("periods", {"position": 9, "name": "Early", "starts_at": "06:00", "ends_at": "05:30"}),
        ("buildings", {"name": "Main building"}),
    ],
)
def test_rows_that_exist_already_or_end_too_early_are_refused(slug, values, administrator, school, sign_in):
    if slug == "rooms":
        values = values | {"hallway": Hallway.objects.get(building__school=school).pk}
    assert sign_in(administrator).post(f"/settings/{slug}/new/", values).status_code == 422


def test_a_hallway_of_another_school_is_refused(administrator, stranger, sign_in):
    elsewhere = Hallway.objects.get(building__school=stranger.school)
    response = sign_in(administrator).post("/settings/rooms/new/", {"code": "999", "hallway": elsewhere.pk})
    assert response.status_code == 422


@pytest.fixture
def wednesday(time_machine):
    """It is a Wednesday morning in autumn, before the days on which rooms are closed here."""
    time_machine.move_to(NOW, tick=False)


@pytest.mark.parametrize(("days", "status"), [(-1, 422), (0, 302)])
def test_no_room_is_closed_on_a_day_that_has_passed(days, status, administrator, school, sign_in, wednesday):
    closed = {"room": Room.objects.get(school=school, code="204").pk, "date": NOW.date() + dt.timedelta(days=days)}
    answer = sign_in(administrator).post("/settings/closures/new/", closed | {"reason": "Test"})
    assert (answer.status_code, RoomClosure.objects.count()) == (status, int(status == 302))
    assert status == 302 or "This day has passed. Choose today or a later one" in answer.text


def test_a_past_closure_can_still_be_corrected(administrator, school, sign_in, wednesday):
    room = Room.objects.get(school=school, code="204")
    row = RoomClosure.objects.create(room=room, date=dt.date(2026, 11, 2), reason="Tst")
    same = {"room": room.pk, "date": "2026-11-02", "period": "", "reason": "Test"}
    sign_in(administrator).post(f"/settings/closures/{row.pk}/", same)
    assert RoomClosure.objects.get().reason == "Test"


def test_a_room_is_closed_for_a_test(administrator, school, sign_in, wednesday):
    room = Room.objects.get(school=school, code="204")
    closed = {"room": room.pk, "date": "2026-11-19", "until": "2026-11-20", "period": "", "reason": "Test today"}
    client = sign_in(administrator)
    client.post("/settings/closures/new/", closed)
    assert [row.date.day for row in RoomClosure.objects.filter(room=room)] == [19, 20]
    assert "Thu 19 Nov 2026 to Fri 20 Nov 2026" in client.get("/settings/closures/").text
    assert "---------" not in client.get("/settings/closures/new/").text


@pytest.mark.parametrize("position", [None, 2])
def test_the_first_day_of_a_closure_moves_to_another_day_of_the_closure(
    position, administrator, school, sign_in, wednesday
):
    room = Room.objects.get(school=school, code="204")
    period = Period.objects.filter(school=school, position=position).first()
    closed = {"room": room.pk, "period": period.pk if period else "", "reason": "Test"}
    client = sign_in(administrator)
    client.post("/settings/closures/new/", closed | {"date": "2026-11-19", "until": "2026-11-20"})
    edit = f"/settings/closures/{RoomClosure.objects.first().pk}/"
    assert client.post(edit, closed | {"date": "2026-11-20", "until": "2026-11-21"}).status_code == 302
    assert [row.date.day for row in RoomClosure.objects.filter(period=period)] == [20, 21]


def test_a_room_gets_a_new_code(administrator, school, sign_in):
    room = Room.objects.get(school=school, code="204")
    sign_in(administrator).post(f"/settings/rooms/{room.pk}/", {"code": "204A", "hallway": room.hallway_id})
    assert Room.objects.get(pk=room.pk).code == "204A"


def test_the_page_of_a_row_in_use_says_so_and_has_no_remove_button(administrator, host, sign_in):
    room = Room.objects.get(school=host.school, code="204")
    page = sign_in(administrator).get(f"/settings/rooms/{room.pk}/")
    assert "It can’t be removed: it is needed by lessons." in page.text
    assert f"/settings/rooms/{room.pk}/remove/" not in page.text


def test_removing_a_row_in_use_anyway_shows_the_reason(administrator, host, sign_in):
    room = Room.objects.get(school=host.school, code="204")
    response = sign_in(administrator).post(f"/settings/rooms/{room.pk}/remove/", follow=True)
    assert "204 can’t be removed: it is needed by lessons." in response.text
    assert Room.objects.filter(pk=room.pk).exists()


def days_off():
    return [f"{day:%m-%d} {why}" for day, why in DayOff.objects.values_list("date", "label")]


def test_a_holiday_is_one_form_and_one_line(administrator, school, sign_in):
    client = sign_in(administrator)
    form = {"date": "2026-11-19", "until": "2026-11-23", "label": "Break"}
    client.post("/settings/days-off/new/", form)
    assert days_off() == [f"11-{day} Break" for day in range(19, 24)]
    page = client.get("/settings/days-off/").text
    assert "Thu 19 Nov 2026 to Mon 23 Nov 2026" in page
    assert page.count("<tr") == 2
    edit = re.search(r"/settings/days-off/\d+/", page)[0]
    assert 'value="2026-11-23"' in client.get(edit).text
    client.post(edit, form | {"date": "2026-11-20", "until": "", "label": "Fair"})
    assert days_off() == ["11-20 Fair"]
    client.post(edit, form)
    answer = client.post(f"{edit}remove/", follow=True)
    assert days_off() == []
    assert "Thu 19 Nov 2026 to Mon 23 Nov 2026, Break is removed." in answer.text


def test_a_holiday_keeps_the_days_that_are_off_already_and_names_them(administrator, school, sign_in):
    for day, why in ((19, "Break"), (20, "Christmas")):
        DayOff.objects.create(school=school, date=dt.date(2026, 11, day), label=why)
    form = {"date": "2026-11-19", "until": "2026-11-23", "label": "Break"}
    answer = sign_in(administrator).post("/settings/days-off/new/", form, follow=True)
    assert days_off() == ["11-19 Break", "11-20 Christmas", "11-21 Break", "11-22 Break", "11-23 Break"]
    assert "Already in the list, and unchanged: Fri 20 Nov 2026 (Christmas)." in text_of(answer)


def test_the_page_of_days_off_says_what_removing_them_does(administrator, school, sign_in):
    day = DayOff.objects.create(school=school, date=dt.date(2026, 11, 20), label="Fair")
    page = text_of(sign_in(administrator).get(f"/settings/days-off/{day.pk}/"))
    assert "If you remove this, there is school on these days again" in page
    assert "Nothing else uses it." not in page


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-11-18", "Choose a last day after the first"),
        ("2027-11-19", "That’s more than three months"),
        ("2026-11-20", "These are already days off"),
    ],
)
def test_invalid_days_off_are_refused(until, words, administrator, school, sign_in):
    for day in (19, 20):
        DayOff.objects.create(school=school, date=dt.date(2026, 11, day), label="Fair")
    form = {"date": "2026-11-19", "until": until, "label": "Break"}
    answer = sign_in(administrator).post("/settings/days-off/new/", form)
    assert answer.status_code == 422
    assert words in answer.text
    assert len(days_off()) == 2


@pytest.mark.parametrize(("until", "status"), [("2027-03-31", 302), ("2027-04-01", 422)])
def test_a_line_of_more_than_three_months_can_be_changed(until, status, administrator, school, sign_in):
    """Two ranges with the same reason became one line."""
    first = dt.date(2026, 12, 1)
    DayOff.objects.bulk_create(
        DayOff(school=school, date=first + dt.timedelta(days=n), label="Bild") for n in range(121)
    )
    form = {"date": "2026-12-01", "until": until, "label": "Building"}
    answer = sign_in(administrator).post(f"/settings/days-off/{DayOff.objects.first().pk}/", form)
    assert (answer.status_code, DayOff.objects.filter(label="Building").count()) == (
        status,
        121 if status == 302 else 0,
    )


def test_neighbouring_days_off_with_the_same_reason_are_one_line(administrator, school, sign_in):
    """A weekend between two days does not separate them; a school day or another reason does."""
    for day, why in ((19, "Break"), (20, "Break"), (23, "Break"), (24, "Fair"), (25, "Break"), (27, "Break")):
        DayOff.objects.create(school=school, date=dt.date(2026, 11, day), label=why)
    page = sign_in(administrator).get("/settings/days-off/").text
    lines = re.findall(r'<th scope="row"[^>]*>\s*(.+?)\s*</th>', page)
    assert lines == ["Thu 19 Nov 2026 to Mon 23 Nov 2026", "Tue 24 Nov 2026", "Wed 25 Nov 2026", "Fri 27 Nov 2026"]


def test_rows_of_another_school_return_404(administrator, stranger, sign_in):
    grade = Grade.objects.filter(school=stranger.school).first()
    client = sign_in(administrator)
    answers = [client.get(f"/settings/grades/{grade.pk}/"), client.post(f"/settings/grades/{grade.pk}/remove/")]
    assert [response.status_code for response in answers] == [404, 404]


def test_a_room_is_closed_once_for_the_whole_day(administrator, school, sign_in, wednesday):
    room = Room.objects.get(school=school, code="204")
    closed = {"room": room.pk, "date": "2026-11-20", "period": "", "reason": "Test today"}
    client = sign_in(administrator)
    answers = [client.post("/settings/closures/new/", closed) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert "This room is already closed at that time" in answers[1].text
    period = {"period": Period.objects.get(school=school, position=2).pk}
    assert client.post("/settings/closures/new/", closed | period).status_code == 302


@pytest.mark.parametrize("words", ["Te\x01st", "Te\u202est", "Te\0st"])
def test_hidden_characters_are_refused(words, administrator, school, sign_in, wednesday):
    room = Room.objects.get(school=school, code="204")
    closed = {"room": room.pk, "date": "2026-11-20", "period": "", "reason": words}
    new = {"given_name": words, "family_name": "Osei", "email": "new@school.example"}
    client = sign_in(administrator)
    answers = [client.post("/settings/closures/new/", closed), client.post("/people/new/", new)]
    answers.append(client.post("/people/many/", {"lines": f"{words} Osei <new@school.example>", "write": ""}))
    assert [answer.status_code for answer in answers] == [422, 422, 422]


def test_a_name_keeps_the_joiners_its_language_needs(administrator, sign_in):
    new = {"given_name": "\u0645\u06cc\u200c\u0646\u0627", "family_name": "Osei", "email": "mina@school.example"}
    assert sign_in(administrator).post("/people/new/", new).status_code == 302


def test_places_are_moved_up_and_down(administrator, school, sign_in):
    client = sign_in(administrator)
    room = Room.objects.get(school=school, code="208")
    for _again in range(2):  # the second press of a double press changes nothing
        answer = client.post(f"/settings/rooms/{room.pk}/move/", {"to": 2})
    assert answer.url == f"/settings/rooms/?page=1#row-{room.pk}"
    assert [line.cells[0] for line in client.get("/settings/rooms/").context["table"]] == ["204", "208", "206", "210"]
    assert client.post(f"/settings/grades/{school.grades.first().pk}/move/", {"to": 1}).status_code == 404


def test_a_room_in_another_hallway_comes_last(administrator, school, sign_in):
    client = sign_in(administrator)
    hallway = a_hallway(school)
    for code in ("300", "301"):
        hallway.rooms.create(school=school, code=code, position=2)
    room = Room.objects.get(school=school, code="204")
    Room.objects.filter(pk=room.pk).update(position=1)
    client.post(f"/settings/rooms/{room.pk}/", {"code": "204", "plate": "204", "hallway": hallway.pk})
    listed = [line.cells[0] for line in client.get("/settings/rooms/").context["table"]]
    assert listed == ["300", "301", "204", "206", "208", "210"]


def test_a_school_with_one_campus_does_not_see_the_word(administrator, school, sign_in):
    client = sign_in(administrator)
    pages = ["/settings/", "/settings/rooms/", "/settings/buildings/new/", "/settings/hallways/new/"]
    assert [page for page in pages if "ampus" in text_of(client.get(page))] == []
    assert "Add a campus" in text_of(client.get("/settings/buildings/"))
    main = school.campuses.get()
    assert "it is the school’s only campus" in text_of(client.get(f"/settings/campuses/{main.pk}/"))
    client.post("/settings/campuses/new/", {"name": "Hill campus"})
    hill = school.campuses.get(name="Hill campus")
    client.post("/settings/buildings/new/", {"name": "Main building", "campus": hill.pk})
    assert "Main building (Hill campus)" in text_of(client.get("/settings/hallways/new/"))
    assert "it is needed by buildings" in text_of(client.get(f"/settings/campuses/{hill.pk}/"))
    assert "Second floor (Main building), Main campus" in text_of(client.get("/settings/rooms/"))
    assert "Campuses" in text_of(client.get("/settings/"))


def test_a_room_gets_a_plate_that_can_be_changed(administrator, school, sign_in):
    client = sign_in(administrator)
    hallway = Hallway.objects.get(building__school=school).pk
    client.post("/settings/rooms/new/", {"code": "Gym East", "plate": "", "hallway": hallway})
    gym = Room.objects.get(code="Gym East")
    plates = [gym.plate]
    for code, plate in [("Gym West", "GymE"), ("Gym West", "Gym 2"), ("Sports hall", "Gym 2")]:
        client.post(f"/settings/rooms/{gym.pk}/", {"code": code, "plate": plate, "hallway": hallway})
        gym.refresh_from_db()
        plates.append(gym.plate)
    assert plates == ["GymE", "GymW", "Gym 2", "Gym 2"]
    page = client.post(f"/settings/rooms/{gym.pk}/", {"code": "Sports hall", "plate": "204", "hallway": hallway})
    assert "Room 204 has this plate already. Type another one" in text_of(page)


def test_a_room_is_added_to_the_hallway_of_the_right_building(administrator, school, sign_in):
    for building in ("Neubau", "Altbau"):
        for name in ("EG", "1. OG"):
            a_hallway(school, name, building=building)
    page = sign_in(administrator).get("/settings/rooms/new/").content.decode()
    listed = re.findall(r"<option[^>]*>([^<]+)</option>", page)
    assert listed == [
        "Choose a hallway",
        "1. OG (Altbau)",
        "EG (Altbau)",
        "Altbau, no hallway",
        "Second floor (Main building)",
        "Main building, no hallway",
        "1. OG (Neubau)",
        "EG (Neubau)",
        "Neubau, no hallway",
    ]


def test_rooms_without_a_hallway_are_in_the_own_hallway_of_their_building(administrator, school, sign_in):
    gym = Building.objects.create(school=school, campus=school.campuses.get(), name="Gym")
    client = sign_in(administrator)
    for code in ("G1", "G2"):  # the second page was opened before the first room was saved
        answer = client.post("/settings/rooms/new/", {"code": code, "hallway": f"building-{gym.pk}"})
        assert answer.status_code == 302
    hallway = gym.hallways.get()
    assert [room.hallway for room in Room.objects.filter(code__in=["G1", "G2"])] == [hallway, hallway]
    page = client.get(f"/settings/rooms/{hallway.rooms.first().pk}/").text
    assert f'<option value="{hallway.pk}" selected>Gym</option>' in page


def test_after_adding_a_semester_the_timetable_page_opens(sign_in, administrator, host):
    form = {"name": "Spring 2027", "starts_on": "2027-01-11", "ends_on": "2027-06-18"}
    client = sign_in(administrator)
    page = client.post(reverse("school:new_row", args=["semesters"]), form, follow=True)
    assert "Saved. Next: copy the timetable." in page.content.decode()
    semester = Semester.objects.get(name="Spring 2027")
    assert page.redirect_chain == [(f"{reverse('school:timetable')}?semester={semester.pk}", 302)]
