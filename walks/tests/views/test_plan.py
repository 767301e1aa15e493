"""The planning page: every button keeps the form's values; only Send and Save store."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from school.models import Campus, DayOff, Hallway, Period, Person, Room, RoomClosure
from school.tests.concurrency import just_before_the_next_transaction
from school.tests.factories import NOW, THURSDAY, a_bell_schedule, a_lesson, a_person
from school.tests.pages import text_of
from walks.models import State, Walk
from walks.tests.factories import a_practice, a_walk, nine_rooms

pytestmark = pytest.mark.usefixtures("frozen_clock")

NEW = reverse("walks:new")
FRIDAY = THURSDAY + dt.timedelta(days=1)


@pytest.fixture
def planner(walker, hosts, head, sign_in):
    """The walker, signed in. Lucía decides the requests."""
    return sign_in(walker)


def room_id(code):
    return Room.objects.filter(code=code).earliest("pk").pk


def plan_form(walker, codes=("204", "206", "208"), *, op="look", date=THURSDAY, period=3, **more):
    """Return what the form posts, by default without pressing a button that stores or changes anything."""
    bell = Period.objects.get(school=walker.school, position=period)
    return {
        "op": op,
        "focus": [a_practice(walker.school).pk],
        "date": str(date),
        "period": bell.pk,
        "stop": [room_id(code) for code in codes],
        "order": [room_id(code) for code in codes],
        "announced": "yes",
    } | more


def route(response):
    """Return the rooms of the route on the page, in order, with their minutes."""
    return [(stop.room.code, stop.minutes) for stop in response.context["plan"].stops]


def an_empty_room(walker, code):
    """Create a room in which nobody teaches."""
    Room.objects.create(school=walker.school, hallway=walker.school.rooms.first().hallway, code=code)


def open_steps(response):
    """Return the steps of the page that are not folded."""
    return re.findall(r'id="step-([^"]+)"[^>]* open', response.text)


def codes(response):
    return [code for code, _minutes in route(response)]


def test_a_new_plan_is_filled_in_for_tomorrow_and_can_be_sent_at_once(planner, walker, hosts):
    a_lesson(a_person(walker.school, "Tom", "Becker"), "210")
    last = a_walk(walker, hosts, date=THURSDAY - dt.timedelta(days=7))
    last.focus.update(look_fors="Pairs talk\nEverybody speaks")
    response = planner.get(NEW)
    plan = response.context["plan"]
    assert (plan.date, plan.period.position, [p.name for p in plan.practices]) == (THURSDAY, 3, ["Student talk"])
    assert sorted(codes(response)) == ["204", "206", "208", "210"]
    why = "You’re free, and all four rooms have a lesson. Nobody else is visiting."
    assert f"{why} Change what you like" in text_of(response)
    assert open_steps(response) == []
    shown = text_of(response)
    for part in ["4 rooms · 23 min · Thu 12 Nov, P3", "Second floor", "Look for: Pairs talk · Everybody speaks"]:
        assert part in shown
    assert "Send to Lucía Reyes" in shown


def test_all_heads_get_the_request_and_one_of_them_approves(planner, walker, hosts):
    walker.grade.heads.add(a_person(walker.school, "Ruth", "Adeyemi"))
    shown = text_of(planner.get(NEW))
    assert "Send to Ruth and Lucía" in shown
    assert "Ruth and Lucía see when, where and your focus, never your notes." in shown
    sent = text_of(planner.post(NEW, plan_form(walker, op="send"), follow=True))
    assert "Sent to Ruth and Lucía." in sent and "Waiting for Ruth or Lucía" in sent


def test_one_step_is_open_at_a_time_except_those_with_errors(planner, walker):
    new = planner.get(NEW)
    assert open_steps(new) == ["focus"]
    assert "Rooms Not chosen yet Choose" in text_of(new)
    bell = Period.objects.get(school=walker.school, position=3)
    buttons = {
        f"at:{FRIDAY}:{bell.pk}": "when",
        "find": "rooms",
        f"route:{new.context['routes'].at_once[0].key}": "rooms",
    }
    for op, step in buttons.items():
        assert open_steps(planner.post(NEW, plan_form(walker, op=op))) == [step]
    assert open_steps(planner.post(NEW, plan_form(walker, op=f"remove:{room_id('204')}"))) == []
    assert open_steps(planner.post(NEW, plan_form(walker, shown_time="2026-11-13:1"))) == ["when"]
    assert open_steps(planner.post(NEW, plan_form(walker, ["204"], op="send", focus=[]))) == ["focus", "rooms"]


def test_the_back_and_reload_buttons_show_the_plan_as_it_was(planner, walker):
    form = plan_form(walker, ["208", "204"], focus=[], announced="no") | {f"minutes_{room_id('208')}": "3"}
    address = planner.post(NEW, form).context["address"]
    response = planner.get(f"{NEW}?{address}")
    assert route(response) == [("208", 3), ("204", 5)]
    plan = response.context["plan"]
    assert plan.date == THURSDAY
    assert not plan.announced
    assert plan.practices == ()
    assert (
        planner.get(f"{NEW}?{planner.post(NEW, plan_form(walker, [])).context['address']}").context["plan"].stops == ()
    )


def test_the_address_does_not_contain_the_typed_focus_and_leads_to_the_walk_once_it_is_sent(planner, walker):
    form = plan_form(walker, own_focus="Humour", token=str(uuid.uuid4()))
    address = planner.post(NEW, form).context["address"]
    assert "Humour" not in address
    sent = planner.post(NEW, form | {"op": "send"})
    assert planner.get(f"{NEW}?{address}")["Location"] == sent["Location"]


def test_planner_and_walk_say_whom_no_mail_tells(planner, walker, hosts, head):
    Person.objects.filter(pk=hosts[0].pk).update(email=None)
    words = "Jonas Lindqvist has no e-mail address here. Tell them in person."
    sent = planner.post(NEW, plan_form(walker, op="send"), follow=True)
    assert words in text_of(sent)
    assert words in text_of(planner.get(reverse("walks:edit", args=[Walk.objects.get().pk])))


def test_a_new_plan_is_announced_if_the_last_walk_was(planner, walker, hosts):
    assert planner.get(NEW).context["plan"].announced
    a_walk(walker, hosts, announced=False)
    assert not planner.get(NEW).context["plan"].announced


def test_a_sent_plan_is_a_request_to_the_head(planner, walker, hosts):
    response = planner.post(NEW, plan_form(walker, op="send", announced="no"), follow=True)
    walk = Walk.objects.get()
    assert response.redirect_chain == [(reverse("walks:detail", args=[walk.pk]), 302)]
    assert walk.state == State.REQUESTED
    assert walk.date == THURSDAY
    assert not walk.announced
    assert [stop.host for stop in walk.stops.all()] == hosts
    assert "Sent to Lucía. Most replies come within a day." in text_of(response)


def test_two_quick_presses_make_one_walk(planner, walker):
    form = plan_form(walker, op="send", token=str(uuid.uuid4()))
    assert planner.post(NEW, form)["Location"] == planner.post(NEW, form)["Location"]
    assert Walk.objects.count() == 1


def test_sending_another_plan_from_an_old_page_says_so(planner, walker):
    form = plan_form(walker, op="send", token=str(uuid.uuid4()))
    planner.post(NEW, form)
    response = planner.post(NEW, form | {"stop": form["stop"][:2]}, follow=True)
    assert "This walk has already been sent. You can change it here." in text_of(response)
    assert Walk.objects.get().stops.count() == 3


def test_a_plan_can_be_sent_before_the_grade_has_a_head(walker, hosts, sign_in):
    response = sign_in(walker).post(NEW, plan_form(walker, op="send"), follow=True)
    assert "Sent. " in text_of(response)
    assert Walk.objects.get().state == State.REQUESTED


def test_an_unfinished_plan_can_be_saved_as_a_draft(planner, walker):
    planner.post(NEW, plan_form(walker, ["204"], op="draft", focus=[]))
    walk = Walk.objects.get()
    assert (walk.state, [s.room.code for s in walk.stops.all()]) == (State.DRAFT, ["204"])


def test_a_draft_without_its_empty_room_says_so_and_takes_as_long_on_every_page(planner, walker):
    answer = planner.post(NEW, plan_form(walker, ["204", "206", "208", "210"], op="draft"), follow=True)
    assert "Saved as a draft, without Room 210: nobody teaches there at that time." in text_of(answer)
    assert "Three rooms, 17 minutes" in text_of(answer)
    walk = Walk.objects.get()
    plan = planner.get(reverse("walks:edit", args=[walk.pk])).context["plan"]
    assert (plan.minutes, walk.minutes, sum(stop.minutes for stop in plan.stops)) == (17, 17, 15)


@pytest.mark.parametrize(
    ("date", "period", "message"),
    [
        ("", 3, "Choose a day"),
        ("2026-11-12", "", "Choose a period"),
        ("2026-08-01", 3, "That day is outside the semester. Choose another day"),
    ],
)
def test_a_draft_needs_a_day_and_a_period(date, period, message, planner, walker):
    pk = Period.objects.get(school=walker.school, position=period).pk if period else ""
    response = planner.post(NEW, plan_form(walker, op="draft") | {"date": date, "period": pk})
    assert response.status_code == 422
    assert message in text_of(response)
    assert not Walk.objects.exists()


def test_an_incomplete_plan_is_refused_and_keeps_what_was_typed(planner, walker):
    response = planner.post(NEW, plan_form(walker, ["206"], op="send", focus=[], own_focus=""))
    assert response.status_code == 422
    assert "Two things to fix" in text_of(response)
    assert response.context["form"].errors == {
        "focus": ["Choose one or two things to look for"],
        "stop": ["Choose at least two rooms"],
    }
    assert codes(response) == ["206"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("date", "soon", "Choose a day"),
        ("date", "0001-01-01", "That day is outside the semester. Choose another day"),
        ("date", "9999-12-31", "That day is outside the semester. Choose another day"),
        ("period", "x", "Choose a period"),
        ("own_focus", "x" * 121, "Keep it to 120 characters"),
        ("focus", ["0"], "Choose from the list, or write your own"),
    ],
)
def test_an_invalid_value_gets_an_error_at_its_field(field, value, message, planner, walker):
    response = planner.post(NEW, plan_form(walker, op="send") | {field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field] == [message]


@pytest.mark.parametrize("op", ["look", "find", "route:no-1", "up:x", "swap:1", "at:never:1", "at:2026-11-12:x", ""])
def test_buttons_that_are_unknown_or_only_search_store_nothing_and_keep_the_plan(op, planner, walker):
    response = planner.post(NEW, plan_form(walker, op=op, own_focus=" Hu\u202emour\x0b", announced="no"))
    plan = response.context["plan"]
    assert (response.status_code, Walk.objects.count()) == (200, 0)
    assert codes(response) == ["204", "206", "208"]
    assert (plan.own_focus, plan.announced, plan.date, len(plan.practices)) == ("Hu mour", False, THURSDAY, 1)


def test_pressing_a_route_puts_its_rooms_into_the_plan(planner, walker):
    response = planner.get(NEW)
    hallway = next(r for r in response.context["routes"].at_once if r.name == "Second floor")
    response = planner.post(NEW, plan_form(walker, [], op=f"route:{hallway.key}"))
    assert route(response) == [("204", 5), ("206", 5), ("208", 5)]
    assert [choice.words for choice in response.context["room_choices"]] == ["", "", ""]
    assert "Nothing to visit at that time: 210." in text_of(response)
    page = response.content.decode()
    assert page.index(f'id="{hallway.key}"') < page.index('href="#send"') < page.index('id="send"')


def test_chosen_rooms_come_first_and_no_room_moves_while_the_walker_ticks(planner, walker):
    def listed(chosen, **more):
        page = planner.post(NEW, plan_form(walker, chosen, route=hallway.key) | more)
        return page, re.findall(r'class="pick"[^>]*>\s*<input type="hidden" name="listed" value="(\d+)"', page.text)

    hallway = planner.get(NEW).context["routes"].at_once[0]
    page, before = listed(["208"])
    assert [choice.room.code for choice in page.context["room_choices"]] == ["208", "204", "206"]
    assert listed(["206"], listed=before)[1] == before


def test_a_route_without_chosen_rooms_lists_its_classes_at_another_time_too(planner, walker, hosts):
    for host, code in zip(hosts, ("204", "206", "208"), strict=True):
        a_lesson(host, code, period=2)
    hallway = planner.get(NEW).context["routes"].at_once[0]
    response = planner.post(NEW, plan_form(walker, [], period=2, route=hallway.key))
    assert [r.room.code for r in response.context["room_choices"] if not r.disabled] == ["204", "206", "208"]


@pytest.mark.parametrize("gone", ["date", "period"])
def test_rooms_stay_chosen_while_the_day_or_period_is_empty(gone, planner, walker):
    response = planner.post(NEW, plan_form(walker) | {gone: ""})
    assert [(r.room.code, r.chosen, r.disabled) for r in response.context["room_choices"]] == [
        ("204", True, False),
        ("206", True, False),
        ("208", True, False),
    ]
    assert codes(response) == ["204", "206", "208"]
    assert not re.search("No class at that time|Nobody teaches", text_of(response))  # without a time this is not known


def test_pressing_a_route_without_a_day_shows_the_route_and_chooses_no_rooms(planner, walker):
    hallway = planner.get(NEW).context["routes"].at_once[0]
    response = planner.post(NEW, plan_form(walker, [], op=f"route:{hallway.key}") | {"date": ""})
    assert (response.context["shown_route"], codes(response)) == (hallway.key, [])
    assert "Choose a day and a period, and the rooms appear here." in text_of(response)


@pytest.mark.parametrize(
    ("op", "order"),
    [
        ("up:206", ["206", "204", "208"]),
        ("down:206", ["204", "208", "206"]),
        ("remove:206", ["204", "208"]),
    ],
)
def test_buttons_move_and_remove_rooms(op, order, planner, walker):
    name, code = op.split(":")
    assert codes(planner.post(NEW, plan_form(walker, op=f"{name}:{room_id(code)}"))) == order


def test_a_ticked_room_is_added_in_walking_order_and_an_unticked_room_is_removed(planner, walker):
    form = plan_form(walker, ["204", "208"]) | {
        "stop": [room_id("208"), room_id("206")],
        "order": [room_id("204"), room_id("208")],
    }
    assert codes(planner.post(NEW, form)) == ["206", "208"]


def test_a_room_added_to_rearranged_rooms_comes_last(planner, walker):
    form = plan_form(walker, ["208", "204"]) | {"stop": [room_id("204"), room_id("206"), room_id("208")]}
    assert codes(planner.post(NEW, form)) == ["208", "204", "206"]


def test_rooms_get_equal_minutes_except_where_the_walker_chose_them(planner, walker):
    form = plan_form(walker, ["204", "206"]) | {"stop": [room_id("204"), room_id("206"), room_id("208")]}
    assert route(planner.post(NEW, form)) == [("204", 5), ("206", 5), ("208", 5)]
    form[f"minutes_{room_id('204')}"] = "2"
    assert route(planner.post(NEW, form))[0] == ("204", 2)


@pytest.mark.parametrize(("count", "just_right"), [(8, True), (9, False)])
def test_only_a_walk_of_at_most_eight_rooms_is_called_just_right(count, just_right, planner, walker):
    rooms = nine_rooms(walker.school)[:count]
    two_minutes_each = {f"minutes_{room_id(code)}": "2" for code in rooms}
    shown = text_of(planner.post(NEW, plan_form(walker, rooms) | two_minutes_each))
    assert ("just right" in shown, "A walk has at most eight rooms" in shown) == (just_right, not just_right)
    assert ("Two minutes in each room, one minute to move on." in shown) == just_right


@pytest.mark.parametrize(("sent", "kept"), [("9", 5), ("0", 1), ("x", 5)])
def test_minutes_stay_between_one_and_five(sent, kept, planner, walker):
    form = plan_form(walker) | {f"minutes_{room_id('204')}": sent}
    assert route(planner.post(NEW, form))[0] == ("204", kept)


def test_rooms_of_other_schools_are_ignored(planner, walker, stranger):
    theirs = stranger.school.rooms.first().pk
    form = plan_form(walker)
    form["stop"].append(theirs)
    assert codes(planner.post(NEW, form)) == ["204", "206", "208"]


def test_searching_for_a_name_finds_the_class(planner, walker):
    response = planner.post(NEW, plan_form(walker, [], op="find", q="LÉILA"))
    assert [row.room.code for row in response.context["room_choices"]] == ["206"]
    response = planner.post(NEW, plan_form(walker, ["204"], op="find", q="nobody"))
    assert [row.room.code for row in response.context["room_choices"]] == ["204"]
    assert "Nobody by that name teaches at that time." in text_of(response)


def test_searching_for_spaces_is_no_search(planner, walker):
    response = planner.post(NEW, plan_form(walker, [], op="find", q="   "))
    assert "Nobody by that name" not in text_of(response)
    assert "Press a route and its rooms appear here" in text_of(response)


def test_pressing_another_time_moves_the_walk(planner, walker):
    bell = Period.objects.get(school=walker.school, position=3)
    response = planner.post(NEW, plan_form(walker, op=f"at:2026-11-13:{bell.pk}"))
    assert (response.context["plan"].date, codes(response)) == (FRIDAY, ["204", "206", "208"])


def test_each_period_says_whether_the_walker_is_free(planner, walker, hosts):
    a_walk(walker, hosts)
    said = [
        (choice.period.position, choice.words) for choice in planner.post(NEW, plan_form(walker)).context["periods"]
    ]
    assert said == [(2, "(you’re free)"), (1, "(you teach Osei class)"), (3, "(you have another walk)")]
    today = planner.post(NEW, plan_form(walker, date=NOW.date())).context["periods"]
    assert [(choice.period.position, choice.words) for choice in today] == [
        (2, "(you’re free)"),
        (3, "(you’re free)"),
        (1, "(has passed)"),
    ]


def test_the_periods_are_those_of_the_day_and_of_the_campus_of_the_rooms(planner, walker, hosts):
    school = walker.school
    a_bell_schedule(school, {3: ((8, 0), (8, 40)), 2: ((8, 45), (9, 25))}, weekdays=[THURSDAY.weekday()])
    school.periods.filter(position=2).update(campus=Campus.objects.create(school=school, name="Hill"))
    page = planner.post(NEW, plan_form(walker))
    assert [choice.period.position for choice in page.context["periods"]] == [3]
    assert "Short · 08:00–08:40" in text_of(page)
    assert page.context["day_note"].words == "Short · Free: P3"
    school.periods.update(campus=school.campuses.get(name="Main campus"))
    page = planner.post(NEW, plan_form(walker))
    assert [choice.period.position for choice in page.context["periods"]] == [2, 3]


@pytest.mark.parametrize(
    ("date", "period", "day_says", "period_says"),
    [
        ("2026-11-12", 3, "Free: P2, P3", "Free"),
        ("2026-11-12", 1, "Free: P2, P3", "You teach Osei class"),
        ("2026-11-11", 1, "Free: P2, P3", "Passed"),
        ("2026-11-10", 3, "Passed", "Passed"),
        ("2026-11-13", 3, "No school: Staff day", None),
        ("2026-11-14", 3, "No school", None),
        ("2026-08-01", 3, "Outside the semester", None),
    ],
)
def test_notes_at_day_and_period_say_whether_the_walker_is_free(date, period, day_says, period_says, planner, walker):
    DayOff.objects.create(school=walker.school, date=FRIDAY, label="Staff day")
    context = planner.post(NEW, plan_form(walker, date=date, period=period)).context
    said = [note and note.words for note in (context["day_note"], context["period_note"])]
    assert said == [day_says, period_says]


def test_a_period_in_which_the_walker_teaches_needs_cover(planner, walker, hosts):
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=1)
    response = planner.post(NEW, plan_form(walker, period=1))
    assert "You teach Osei class in Room 210 at that time. Lucía will find cover before approving." in text_of(response)
    assert [(clash.kind, [way.words for way in ways]) for clash, ways in response.context["clashes"]] == [
        ("teaching", ["Move to Period 3"])
    ]
    walker.lessons.update(kind="duty", room=None, title="Yard duty")
    response = planner.post(NEW, plan_form(walker, period=1))
    assert "You have Yard duty at that time. Lucía will find cover before approving." in text_of(response)


def test_a_full_room_has_three_ways_out(planner, walker, hosts):
    for n in range(2):
        a_walk(a_person(walker.school, f"Other{n}", "Walker"), hosts[:1])
    [(clash, ways)] = planner.post(NEW, plan_form(walker, ["204", "206"])).context["clashes"]
    assert clash.kind == "full"
    assert [way.words for way in ways] == [
        "Take Room 208 instead",
        "Remove Room 204",
        "Move to Fri 13 Nov, Period 3",
    ]
    assert codes(planner.post(NEW, plan_form(walker, ["204", "206"], op=ways[0].button_value))) == ["208", "206"]
    assert codes(planner.post(NEW, plan_form(walker, ["204", "206"], op=ways[1].button_value))) == ["206"]
    assert planner.post(NEW, plan_form(walker, ["204", "206"], op=ways[2].button_value)).context["plan"].date == FRIDAY


def test_rooms_without_a_class_are_dropped_together(planner, walker):
    an_empty_room(walker, "207")
    rooms = ["204", "206", "207", "208", "210"]
    response = planner.post(NEW, plan_form(walker, rooms))
    [(clash, ways)] = response.context["clashes"]
    assert clash.words == "Nobody teaches in Rooms 207 and 210 at that time."
    assert ways[0].words == "Remove Rooms 207 and 210"
    dropped = planner.post(NEW, plan_form(walker, rooms, op=ways[0].button_value))
    assert route(dropped) == [("204", 5), ("206", 5), ("208", 5)]


def test_ones_own_time_and_rooms_begin_empty(planner, walker, hosts):
    response = planner.get(NEW, {"own": "1"})
    plan = response.context["plan"]
    assert (plan.date, plan.period, plan.stops) == (None, None, ())
    assert "Planning takes two minutes" in text_of(response)


def test_after_a_change_the_page_no_longer_says_why_its_proposal_was_good(planner, walker, hosts):
    a_lesson(a_person(walker.school, "Tom", "Becker"), "210")
    assert "You’re free, and" in text_of(planner.get(NEW))
    changed = text_of(planner.post(NEW, plan_form(walker, period=1)))
    assert "Change what you like, then send it." in changed and "You’re free, and" not in changed


def test_the_bar_of_a_phone_names_needed_cover_and_empty_rooms(planner, walker, hosts):
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=1)
    assert planner.post(NEW, plan_form(walker)).context["in_the_way"] is None
    cover = planner.post(NEW, plan_form(walker, period=1)).context["in_the_way"]
    assert (cover.words, cover.way_out.words) == (
        "Cover needed for Osei class, Room 210.",
        "Move to Period 3",
    )
    an_empty_room(walker, "207")
    empty = planner.post(NEW, plan_form(walker, ["204", "206", "208", "207"], period=1)).context["in_the_way"]
    words = "Cover needed for Osei class, Room 210. Nobody teaches in Room 207 at that time."
    assert (empty.words, empty.way_out.words) == (words, "Move to Wed 11 Nov, Period 3")
    an_empty = planner.post(NEW, plan_form(walker, ["204", "206", "208", "207"])).context["in_the_way"]
    assert an_empty.words == "Nobody teaches in Room 207 at that time."


def test_order_and_minutes_change_after_one_press_and_are_kept_without_it(planner, walker):
    form = plan_form(walker) | {f"minutes_{room_id('204')}": "3"}
    later = f'id="down-{room_id("204")}"'
    assert later not in planner.post(NEW, form).text
    assert later in planner.post(NEW, form | {"op": "arrange"}).text
    moved = planner.post(NEW, form | {"op": f"down:{room_id('204')}", "arranging": "1"})
    assert later in moved.text
    assert route(moved) == [("206", 5), ("204", 3), ("208", 5)]
    assert later not in planner.post(NEW, form | {"op": "arranged", "arranging": "1"}).text


def test_a_closed_room_can_be_dropped_if_no_other_room_is_open(planner, walker):
    RoomClosure.objects.create(room=Room.objects.get(code="204"), date=THURSDAY)
    [(_clash, ways)] = planner.post(NEW, plan_form(walker)).context["clashes"]
    assert [way.words for way in ways] == ["Remove Room 204", "Move to Fri 13 Nov, Period 3"]
    response = planner.post(NEW, plan_form(walker, op="send", shown_clashes=""))
    words = "Room 204 filled up while you were planning. Remove this room?"
    assert response.context["form"].errors["stop"] == [words]


def test_a_room_on_the_route_is_not_offered_as_a_swap(planner, walker):
    response = planner.post(NEW, plan_form(walker, op=f"swap:{room_id('204')}:{room_id('206')}"))
    assert codes(response) == ["204", "206", "208"]


def test_the_list_of_rooms_shows_other_visitors_tests_and_the_walkers_own_class(planner, walker, hosts):
    a_walk(a_person(walker.school, "Other", "Walker"), hosts[:1])
    RoomClosure.objects.create(room=Room.objects.get(code="206"), date=THURSDAY)
    a_lesson(walker, "210")
    rows = planner.post(NEW, plan_form(walker, ["204", "206", "210"])).context["room_choices"]
    assert [row.words for row in rows] == ["1 other visitor", "Test that day", "Your own class"]


def test_on_a_day_without_school_another_day_is_offered(planner, walker):
    DayOff.objects.create(school=walker.school, date=THURSDAY)
    response = planner.post(NEW, plan_form(walker))
    [(clash, ways)] = response.context["clashes"]
    assert (clash.kind, [way.words for way in ways]) == ("no_school", ["Move to Fri 13 Nov, Period 3"])
    assert "There’s no school on 12 November" in text_of(response)
    [(_clash, ways)] = planner.post(NEW, plan_form(walker, [])).context["clashes"]
    assert [way.words for way in ways] == ["Move to Wed 11 Nov, Period 3"]


def test_a_room_that_filled_up_is_reported_once(planner, walker, hosts):
    for n in range(2):
        a_walk(a_person(walker.school, f"Other{n}", "Walker"), hosts[:1])
    form = plan_form(walker, ["204", "206"], op="send", shown_clashes="")
    response = planner.post(NEW, form)
    assert response.context["form"].errors["stop"] == [
        "Room 204 filled up while you were planning. Take Room 208 instead, or remove this one."
    ]
    assert planner.post(NEW, form | {"shown_clashes": response.context["shown_clashes"]}).status_code == 302


@pytest.mark.parametrize(
    ("op", "words"), [("send", "If they are right, press Send."), ("draft", "If they are right, press Save.")]
)
def test_rooms_that_nobody_saw_at_the_new_time_are_shown_before_the_walk_is_stored(op, words, planner, walker, hosts):
    for host, code in zip(reversed(hosts), ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=2)
    drawn = planner.post(NEW, plan_form(walker)).context["shown_time"]
    form = plan_form(walker, op=op, period=2, shown_time=drawn, own_focus="Humour", announced="no")
    response = planner.post(NEW, form)
    plan = response.context["plan"]
    assert (response.status_code, Walk.objects.count()) == (422, 0)
    assert f"You changed the time. These are your rooms at the new time. {words}" in text_of(response)
    assert [stop.hosts for stop in plan.stops] == [(host,) for host in hosts[::-1]]
    assert (plan.own_focus, plan.announced, len(plan.practices)) == ("Humour", False, 1)
    assert planner.post(NEW, form | {"shown_time": response.context["shown_time"]}).status_code == 302


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        (["204", "206"], "Visit a hallway, building or team, not one or two people."),
        (["204", "206", "208"], "About 17 minutes. 20 to 30 minutes is a good walk"),
    ],
)
def test_a_short_walk_gets_a_friendly_hint(stops, message, planner, walker):
    assert message in text_of(planner.post(NEW, plan_form(walker, stops)))


def test_the_planner_offers_the_minutes_that_the_school_chose(planner, walker):
    type(walker.school).objects.update(room_minutes_max=10, walk_minutes_max=60)
    response = planner.post(NEW, plan_form(walker, ["204", "206"]) | {f"minutes_{room_id('204')}": "8"})
    assert "About 19 minutes. 20 to 60 minutes is a good walk" in text_of(response)
    form = plan_form(walker) | {f"minutes_{room_id(code)}": "10" for code in ("204", "206", "208")}
    assert "About 32 minutes, just right." in text_of(planner.post(NEW, form))


def test_a_link_with_day_period_and_rooms_fills_in_the_plan(planner, walker):
    bell = Period.objects.get(school=walker.school, position=3)
    query = f"?date=2026-11-13&period={bell.pk}&stop={room_id('208')}&stop={room_id('204')}"
    response = planner.get(NEW + query)
    assert (response.context["plan"].date, codes(response)) == (FRIDAY, ["208", "204"])
    assert response.context["form"].errors == {}


def test_a_link_with_a_route_fills_in_its_rooms(planner, walker):
    key = planner.get(NEW).context["routes"].at_once[0].key
    assert codes(planner.get(f"{NEW}?route={key}")) == ["204", "206", "208"]


def test_a_cancelled_walk_can_be_planned_again(planner, walker, hosts, colleague):
    walk = a_walk(walker, hosts, state="cancelled")
    plan = planner.get(f"{NEW}?again={walk.pk}").context["plan"]
    assert (plan.walk, len(plan.stops), plan.practices[0].name) == (None, 3, "Student talk")
    theirs = a_walk(colleague, hosts)
    assert planner.get(f"{NEW}?again={theirs.pk}").context["plan"].stops == ()


def test_a_draft_can_be_finished_and_sent(planner, walker, hosts):
    walk = a_walk(walker, hosts, state="draft")
    url = reverse("walks:edit", args=[walk.pk])
    assert codes(planner.get(url)) == ["204", "206", "208"]
    planner.post(url, plan_form(walker, ["208", "204"], op="send"))
    walk.refresh_from_db()
    assert (walk.state, [s.room.code for s in walk.stops.all()]) == (State.REQUESTED, ["208", "204"])


def test_an_approved_walk_needs_approval_again_for_other_rooms_but_not_for_another_focus(planner, walker, hosts):
    walk = a_walk(walker, hosts)
    walk.stops.update(minutes=5)
    url = reverse("walks:edit", args=[walk.pk])
    response = planner.post(url, plan_form(walker, op="send", own_focus="Humour"), follow=True)
    assert "Saved. Time and rooms stay as approved." in text_of(response)
    planner.post(url, plan_form(walker, ["204", "206"], op="send"))
    assert Walk.objects.get().state == State.REQUESTED


def test_an_approved_walk_keeps_its_own_time_when_the_bells_have_changed(planner, walker, hosts):
    walk = a_walk(walker, hosts)
    walk.stops.update(minutes=5)
    start = walk.starts_at + dt.timedelta(minutes=20)
    Walk.objects.filter(pk=walk.pk).update(starts_at=start, ends_at=start + dt.timedelta(minutes=17))
    url = reverse("walks:edit", args=[walk.pk])
    assert "10:30–10:47" in text_of(planner.get(url))
    planner.post(url, plan_form(walker, op="send", own_focus="Humour"))
    assert Walk.objects.get().starts_at == start
    planner.post(url, plan_form(walker, op="send", date=FRIDAY))
    assert timezone.localtime(Walk.objects.get().starts_at).strftime("%H:%M") == "10:10"


def test_a_walk_that_was_sent_is_not_saved_as_a_draft(planner, walker, hosts):
    walk = a_walk(walker, hosts, state="requested")
    response = planner.post(reverse("walks:edit", args=[walk.pk]), plan_form(walker, ["204"], op="draft"))
    assert (response.status_code, walk.stops.count()) == (200, 3)


@pytest.mark.parametrize("state", ["approved", "draft"])
def test_a_walk_whose_day_has_passed_opens_at_its_next_good_time(state, planner, walker, hosts):
    walk = a_walk(walker, hosts, state=state, date=THURSDAY - dt.timedelta(days=3))
    plan = planner.get(reverse("walks:edit", args=[walk.pk])).context["plan"]
    assert (plan.date, plan.period.position, len(plan.stops)) == (NOW.date(), 3, 3)


def test_a_hidden_practice_stays_with_its_walk(planner, walker, hosts):
    walk = a_walk(walker, hosts, state="draft")
    walk.focus.update(is_hidden=True)
    plan = planner.get(reverse("walks:edit", args=[walk.pk])).context["plan"]
    assert [p.name for p in plan.practices] == ["Student talk"]


@pytest.mark.parametrize("state", ["walked", "complete", "cancelled"])
def test_the_plan_of_a_walk_that_is_over_cannot_be_changed(state, planner, walker, hosts):
    walk = a_walk(walker, hosts, state=state)
    response = planner.get(reverse("walks:edit", args=[walk.pk]), follow=True)
    assert "its plan stays as it is" in text_of(response)


def test_the_head_sees_a_walk_but_does_not_edit_it(walker, hosts, head, other_head, sign_in):
    url = reverse("walks:edit", args=[a_walk(walker, hosts, state="requested").pk])
    assert sign_in(head).get(url).status_code == 403
    assert sign_in(other_head).get(url).status_code == 404


def test_a_walk_that_starts_while_its_plan_is_saved_keeps_its_plan(planner, walker, hosts):
    walk = a_walk(walker, hosts)
    with just_before_the_next_transaction(lambda: Walk.objects.update(started_at=NOW)):
        response = planner.post(reverse("walks:edit", args=[walk.pk]), plan_form(walker, ["204", "206"], op="send"))
    assert (response.status_code, walk.stops.count()) == (422, 3)
    assert "This walk has begun or is over" in text_of(response)


def test_editing_a_walk_starts_with_its_rooms_and_hosts(planner, walker, hosts):
    walk = a_walk(walker, hosts)
    page = planner.get(reverse("walks:edit", args=[walk.pk])).context
    assert ([stop.hosts for stop in page["plan"].stops], page["clashes"]) == ([(host,) for host in hosts], [])


def test_a_route_just_pressed_may_move_to_another_time_with_all_its_rooms(planner, walker, hosts):
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=2)
    a_lesson(walker, "210", days=[THURSDAY.weekday()])
    response = planner.post(NEW, plan_form(walker, [], op=f"route:hallway-{Hallway.objects.get().pk}"))
    assert codes(response) == ["204", "206", "208"]
    assert "Move to Period 2 no cover, all rooms have a class" in text_of(response)


def test_the_planner_takes_the_same_number_of_queries_for_a_larger_school(planner, walker, django_assert_num_queries):
    form = plan_form(walker)
    planner.get(NEW)  # reads the directory
    with django_assert_num_queries(11):
        planner.post(NEW, form)
    with django_assert_num_queries(16):
        planner.get(NEW)
    for n in range(3):
        a_lesson(a_person(walker.school, f"More{n}", "People"), ["204", "206", "208"][n], period=2)
        a_practice(walker.school, f"Practice {n}")
    with django_assert_num_queries(11):
        planner.post(NEW, form)
    with django_assert_num_queries(16):
        planner.get(NEW)


@pytest.mark.parametrize("rooms", [1, 3])
def test_editing_a_walk_takes_the_same_number_of_queries_for_one_room_and_for_three(
    planner, walker, hosts, rooms, django_assert_num_queries
):
    edit = f"/walks/{a_walk(walker, hosts[:rooms]).pk}/edit/"
    planner.get(edit)
    with django_assert_num_queries(13):
        planner.get(edit)


@pytest.mark.parametrize("op", ["up:", "swap:1:", "at:2026-11-12:", "route:grade:"])
def test_a_button_with_a_number_of_five_thousand_digits_is_ignored(op, walker, hosts, sign_in):
    assert sign_in(walker).post(NEW, {"op": op + "9" * 5000}).status_code == 200
