"""The planning page: every button keeps the form's values; only Send and Save store."""

import datetime as dt
import html
import re
import uuid

import pytest
from django.urls import reverse

from school.models import DayOff, Hallway, Period, Room, RoomClosure
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person
from walks.models import State, Walk
from walks.tests.factories import a_practice, a_walk
from walks.tests.planning.test_plan import nine_rooms
from walks.workflow import drafts

NEW = reverse("walks:new")
FRIDAY = THURSDAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _wednesday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def planner(walker, hosts, head, sign_in):
    """The planner of the walker; Lucía is asked."""
    return sign_in(walker)


def room(code):
    return Room.objects.filter(code=code).earliest("pk").pk


def typed(walker, codes=("204", "206", "208"), *, op="look", date=THURSDAY, period=3, **more):
    """What the form posts."""
    bell = Period.objects.get(school=walker.school, position=period)
    return {
        "op": op,
        "focus": [a_practice(walker.school).pk],
        "date": str(date),
        "period": bell.pk,
        "stop": [room(code) for code in codes],
        "order": [room(code) for code in codes],
        "announced": "yes",
    } | more


def route(response):
    """Return the rooms of the route on the page, in order, with their minutes."""
    return [(stop.room.code, stop.minutes) for stop in response.context["plan"].stops]


def codes(response):
    return [code for code, _minutes in route(response)]


def words(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_a_new_plan_is_a_whole_walk_tomorrow_that_can_be_sent_at_once(planner, walker, hosts):
    a_lesson(a_person(walker.school, "Tom", "Becker"), "210")
    last = a_walk(walker, hosts, date=THURSDAY - dt.timedelta(days=7))
    last.focus.update(look_fors="Pairs talk\nEverybody speaks")
    response = planner.get(NEW)
    plan = response.context["plan"]
    assert (plan.date, plan.period.position, [p.name for p in plan.practices]) == (THURSDAY, 3, ["Student talk"])
    assert codes(response) == ["204", "206", "208", "210"]
    assert response.context["open_steps"] == set()
    shown = words(response)
    for part in ["4 rooms · 23 min · Thu 12 Nov, P3", "Second floor", "Look for: Pairs talk · Everybody speaks"]:
        assert part in shown
    assert "Send to Lucía Reyes" in shown


def test_without_a_hallway_or_a_last_focus_these_steps_are_open(planner, hosts):
    assert planner.get(NEW).context["open_steps"] == {"focus", "rooms"}


def test_back_and_reload_show_the_plan_as_it_was(planner, walker):
    form = typed(walker, ["208", "204"], focus=[], announced="no") | {f"minutes_{room('208')}": "3"}
    address = planner.post(NEW, form).context["address"]
    response = planner.get(f"{NEW}?{address}")
    assert route(response) == [("208", 3), ("204", 5)]
    plan = response.context["plan"]
    assert (plan.date, plan.announced, plan.practices) == (THURSDAY, False, ())
    assert planner.get(f"{NEW}?{planner.post(NEW, typed(walker, [])).context['address']}").context["plan"].stops == ()


def test_own_words_are_in_no_address_and_back_to_a_sent_plan_shows_the_walk(planner, walker):
    form = typed(walker, own_focus="Humour", token=str(uuid.uuid4()))
    address = planner.post(NEW, form).context["address"]
    assert "Humour" not in address
    sent = planner.post(NEW, form | {"op": "send"})
    assert planner.get(f"{NEW}?{address}")["Location"] == sent["Location"]


def test_the_heads_up_is_as_last_time(planner, walker, hosts):
    assert planner.get(NEW).context["plan"].announced
    a_walk(walker, hosts, announced=False)
    assert not planner.get(NEW).context["plan"].announced


def test_sending_asks_the_head(planner, walker, hosts):
    response = planner.post(NEW, typed(walker, op="send", announced="no"), follow=True)
    walk = Walk.objects.get()
    assert response.redirect_chain == [(reverse("walks:detail", args=[walk.pk]), 302)]
    assert (walk.state, walk.date, walk.announced) == (State.REQUESTED, THURSDAY, False)
    assert [stop.host for stop in walk.stops.all()] == hosts
    assert "Sent to Lucía. Most replies come within a day." in words(response)


def test_two_quick_presses_make_one_walk(planner, walker):
    form = typed(walker, op="send", token=str(uuid.uuid4()))
    assert planner.post(NEW, form)["Location"] == planner.post(NEW, form)["Location"]
    assert Walk.objects.count() == 1


def test_sending_another_plan_from_an_old_page_says_so(planner, walker):
    form = typed(walker, op="send", token=str(uuid.uuid4()))
    planner.post(NEW, form)
    response = planner.post(NEW, form | {"stop": form["stop"][:2]}, follow=True)
    assert "This walk was sent already. To change it, edit it here." in words(response)
    assert Walk.objects.get().stops.count() == 3


def test_where_nobody_decides_yet_a_walk_is_still_sent(walker, hosts, sign_in):
    response = sign_in(walker).post(NEW, typed(walker, op="send"), follow=True)
    assert "Sent. " in words(response)
    assert Walk.objects.get().state == State.REQUESTED


def test_saving_keeps_an_unfinished_draft(planner, walker):
    planner.post(NEW, typed(walker, ["204"], op="draft", focus=[]))
    walk = Walk.objects.get()
    assert (walk.state, [s.room.code for s in walk.stops.all()]) == (State.DRAFT, ["204"])


@pytest.mark.parametrize(
    ("date", "period", "told"),
    [
        ("", 3, "Choose a day"),
        ("2026-11-12", "", "Choose a period"),
        ("2026-08-01", 3, "Choose a day within a semester"),
    ],
)
def test_a_draft_needs_a_day_and_a_period(date, period, told, planner, walker):
    pk = Period.objects.get(school=walker.school, position=period).pk if period else ""
    response = planner.post(NEW, typed(walker, op="draft") | {"date": date, "period": pk})
    assert response.status_code == 422
    assert told in words(response)
    assert not Walk.objects.exists()


def test_an_unready_plan_keeps_what_was_typed(planner, walker):
    response = planner.post(NEW, typed(walker, ["206"], op="send", focus=[], own_focus=""))
    assert response.status_code == 422
    assert "Two things to fix" in words(response)
    assert response.context["form"].errors == {
        "focus": ["Choose one or two things to look for"],
        "stop": ["Choose at least two rooms"],
    }
    assert codes(response) == ["206"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("date", "soon", "Choose a day"),
        ("date", "0001-01-01", "Choose a day within a semester"),
        ("date", "9999-12-31", "Choose a day within a semester"),
        ("period", "x", "Choose a period"),
        ("own_focus", "x" * 121, "Keep it to 120 characters"),
        ("focus", ["0"], "Choose from the list, or write your own"),
    ],
)
def test_an_unreadable_value_is_named_and_kept(field, value, told, planner, walker):
    response = planner.post(NEW, typed(walker, op="send") | {field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field] == [told]


@pytest.mark.parametrize("op", ["look", "find", "route:no-1", "up:x", "swap:1", "at:never:1", "at:2026-11-12:x", ""])
def test_other_buttons_store_nothing_and_keep_everything(op, planner, walker):
    response = planner.post(NEW, typed(walker, op=op, own_focus=" Hu\u202emour\x0b", announced="no"))
    plan = response.context["plan"]
    assert (response.status_code, Walk.objects.count()) == (200, 0)
    assert codes(response) == ["204", "206", "208"]
    assert (plan.own_focus, plan.announced, plan.date, len(plan.practices)) == ("Hu mour", False, THURSDAY, 1)


def test_a_ready_made_route_fills_the_walk(planner, walker):
    response = planner.get(NEW)
    hallway = next(r for r in response.context["routes"].at_once if r.name == "Second floor")
    response = planner.post(NEW, typed(walker, [], op=f"route:{hallway.key}"))
    assert route(response) == [("204", 5), ("206", 5), ("208", 5)]
    assert [r.words for r in response.context["room_choices"]] == ["", "", "", "No class then"]
    assert [r.disabled for r in response.context["room_choices"]] == [False, False, False, True]
    page = response.content.decode()
    assert page.index(f'id="{hallway.key}"') < page.index('href="#send"') < page.index('id="send"')


def test_a_route_without_chosen_rooms_has_its_classes_at_another_time_too(planner, walker, hosts):
    for host, code in zip(hosts, ("204", "206", "208"), strict=True):
        a_lesson(host, code, period=2)
    hallway = planner.get(NEW).context["routes"].at_once[0]
    response = planner.post(NEW, typed(walker, [], period=2, route=hallway.key))
    assert [r.room.code for r in response.context["room_choices"] if not r.disabled] == ["204", "206", "208"]


@pytest.mark.parametrize("gone", ["date", "period"])
def test_rooms_stay_chosen_while_a_day_is_retyped(gone, planner, walker):
    response = planner.post(NEW, typed(walker) | {gone: ""})
    assert [(r.room.code, r.chosen, r.disabled) for r in response.context["room_choices"]] == [
        ("204", True, False),
        ("206", True, False),
        ("208", True, False),
    ]
    assert codes(response) == ["204", "206", "208"]
    assert not re.search("No class then|Nobody teaches", words(response))  # nobody has asked when


def test_a_route_without_a_day_is_only_shown(planner, walker):
    hallway = planner.get(NEW).context["routes"].at_once[0]
    response = planner.post(NEW, typed(walker, [], op=f"route:{hallway.key}") | {"date": ""})
    assert (response.context["shown_route"], codes(response)) == (hallway.key, [])
    assert "Choose a day and a period, and the rooms appear here." in words(response)


@pytest.mark.parametrize(
    ("op", "order"),
    [
        ("up:206", ["206", "204", "208"]),
        ("down:206", ["204", "208", "206"]),
        ("remove:206", ["204", "208"]),
    ],
)
def test_the_order_is_changed_by_buttons(op, order, planner, walker):
    name, code = op.split(":")
    assert codes(planner.post(NEW, typed(walker, op=f"{name}:{room(code)}"))) == order


def test_ticking_adds_in_walking_order_and_unticking_drops(planner, walker):
    form = typed(walker, ["204", "208"]) | {"stop": [room("208"), room("206")], "order": [room("204"), room("208")]}
    assert codes(planner.post(NEW, form)) == ["206", "208"]


def test_a_room_added_to_an_order_of_ones_own_comes_last(planner, walker):
    form = typed(walker, ["208", "204"]) | {"stop": [room("204"), room("206"), room("208")]}
    assert codes(planner.post(NEW, form)) == ["208", "204", "206"]


def test_even_minutes_follow_the_rooms_and_chosen_ones_stay(planner, walker):
    form = typed(walker, ["204", "206"]) | {"stop": [room("204"), room("206"), room("208")]}
    assert route(planner.post(NEW, form)) == [("204", 5), ("206", 5), ("208", 5)]
    form[f"minutes_{room('204')}"] = "2"
    assert route(planner.post(NEW, form))[0] == ("204", 2)


@pytest.mark.parametrize(("count", "right"), [(8, True), (9, False)])
def test_more_rooms_than_a_walk_may_have_are_never_just_right(count, right, planner, walker):
    rooms = nine_rooms(walker.school)[:count]
    few = {f"minutes_{room(code)}": "2" for code in rooms}
    shown = words(planner.post(NEW, typed(walker, rooms) | few))
    assert ("just right" in shown, "Eight rooms is the most" in shown) == (right, not right)


@pytest.mark.parametrize(("sent", "kept"), [("9", 5), ("0", 1), ("x", 5)])
def test_minutes_stay_between_one_and_five(sent, kept, planner, walker):
    form = typed(walker) | {f"minutes_{room('204')}": sent}
    assert route(planner.post(NEW, form))[0] == ("204", kept)


def test_rooms_of_other_schools_fall_out(planner, walker, stranger):
    theirs = stranger.school.rooms.first().pk
    form = typed(walker)
    form["stop"].append(theirs)
    assert codes(planner.post(NEW, form)) == ["204", "206", "208"]


def test_a_name_finds_a_class(planner, walker):
    response = planner.post(NEW, typed(walker, [], op="find", q="LÉILA"))
    assert [row.room.code for row in response.context["room_choices"]] == ["206"]
    response = planner.post(NEW, typed(walker, ["204"], op="find", q="nobody"))
    assert [row.room.code for row in response.context["room_choices"]] == ["204"]
    assert "Nobody by that name teaches then." in words(response)


def test_spaces_are_no_name(planner, walker):
    response = planner.post(NEW, typed(walker, [], op="find", q="   "))
    assert "Nobody by that name" not in words(response)
    assert "Press a route and its rooms appear here" in words(response)


def test_a_quick_pick_moves_the_walk(planner, walker):
    bell = Period.objects.get(school=walker.school, position=3)
    response = planner.post(NEW, typed(walker, op=f"at:2026-11-13:{bell.pk}"))
    assert (response.context["plan"].date, codes(response)) == (FRIDAY, ["204", "206", "208"])


def test_periods_say_what_they_mean_for_the_walker(planner, walker, hosts):
    a_walk(walker, hosts)
    said = [(c.period.position, c.words) for c in planner.post(NEW, typed(walker)).context["periods"]]
    assert said == [(2, "(you’re free)"), (1, "(you teach Osei class)"), (3, "(you have another walk)")]
    today = planner.post(NEW, typed(walker, date=NOW.date())).context["periods"]
    assert [(c.period.position, c.words) for c in today] == [
        (2, "(you’re free)"),
        (3, "(you’re free)"),
        (1, "(has passed)"),
    ]


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
def test_day_and_period_say_what_they_mean_beside_the_field(date, period, day_says, period_says, planner, walker):
    DayOff.objects.create(school=walker.school, date=FRIDAY, label="Staff day")
    context = planner.post(NEW, typed(walker, date=date, period=period)).context
    said = [note and note.words for note in (context["day_note"], context["period_note"])]
    assert said == [day_says, period_says]


def test_a_taught_period_asks_for_cover(planner, walker, hosts):
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=1)
    response = planner.post(NEW, typed(walker, period=1))
    assert "You teach Osei class in Room 210 then. Lucía will find cover before approving." in words(response)
    assert [(c.kind, [w.words for w in ways]) for c, ways in response.context["clashes"]] == [
        ("teaching", ["Move to Period 3, all rooms free"])
    ]


def test_a_full_room_has_three_ways_out(planner, walker, hosts):
    for n in range(2):
        a_walk(a_person(walker.school, f"Other{n}", "Walker"), hosts[:1])
    [(clash, ways)] = planner.post(NEW, typed(walker, ["204", "206"])).context["clashes"]
    assert clash.kind == "full"
    assert [way.words for way in ways] == [
        "Take Room 208 instead",
        "Drop Room 204",
        "Move to Fri 13 Nov, Period 3, all rooms free",
    ]
    assert codes(planner.post(NEW, typed(walker, ["204", "206"], op=ways[0].op))) == ["208", "206"]
    assert codes(planner.post(NEW, typed(walker, ["204", "206"], op=ways[1].op))) == ["206"]
    assert planner.post(NEW, typed(walker, ["204", "206"], op=ways[2].op)).context["plan"].date == FRIDAY


def test_when_no_other_room_is_open_one_drops_it(planner, walker):
    RoomClosure.objects.create(room=Room.objects.get(code="204"), date=THURSDAY)
    [(_clash, ways)] = planner.post(NEW, typed(walker)).context["clashes"]
    assert [way.words for way in ways] == ["Drop Room 204", "Move to Fri 13 Nov, Period 3, all rooms free"]
    response = planner.post(NEW, typed(walker, op="send", warned=""))
    words = "Room 204 filled up while you were planning. Leave this stop out?"
    assert response.context["form"].errors["stop"] == [words]


def test_a_room_on_the_route_is_not_offered_as_a_swap(planner, walker):
    response = planner.post(NEW, typed(walker, op=f"swap:{room('204')}:{room('206')}"))
    assert codes(response) == ["204", "206", "208"]


def test_rows_say_who_else_comes_and_what_is_on(planner, walker, hosts):
    a_walk(a_person(walker.school, "Other", "Walker"), hosts[:1])
    RoomClosure.objects.create(room=Room.objects.get(code="206"), date=THURSDAY)
    a_lesson(walker, "210")
    rows = planner.post(NEW, typed(walker, ["204", "206", "210"])).context["room_choices"]
    assert [row.words for row in rows] == ["1 other visitor", "Test that day", "Your own class"]


def test_a_day_without_school_offers_another(planner, walker):
    DayOff.objects.create(school=walker.school, date=THURSDAY)
    response = planner.post(NEW, typed(walker))
    [(clash, ways)] = response.context["clashes"]
    assert (clash.kind, [way.words for way in ways]) == ("no_school", ["Move to Fri 13 Nov, Period 3, all rooms free"])
    assert "There’s no school on 12 November" in words(response)
    [(_clash, ways)] = planner.post(NEW, typed(walker, [])).context["clashes"]
    assert [way.words for way in ways] == ["Move to Wed 11 Nov, Period 3"]


def test_a_room_that_filled_up_is_reported_once(planner, walker, hosts):
    for n in range(2):
        a_walk(a_person(walker.school, f"Other{n}", "Walker"), hosts[:1])
    form = typed(walker, ["204", "206"], op="send", warned="")
    response = planner.post(NEW, form)
    assert response.context["form"].errors["stop"] == [
        "Room 204 filled up while you were planning. Take Room 208, which is free, or leave this stop out."
    ]
    assert planner.post(NEW, form | {"warned": response.context["warned"]}).status_code == 302


@pytest.mark.parametrize(
    ("stops", "told"),
    [
        (["204", "206"], "See a hallway, building or team, not one or two people."),
        (["204", "206", "208"], "About 17 minutes. Twenty to thirty minutes is a good walk"),
    ],
)
def test_a_short_walk_gets_a_kind_remark(stops, told, planner, walker):
    assert told in words(planner.post(NEW, typed(walker, stops)))


def test_an_offer_fills_the_planner_in(planner, walker):
    bell = Period.objects.get(school=walker.school, position=3)
    query = f"?date=2026-11-13&period={bell.pk}&stop={room('208')}&stop={room('204')}"
    response = planner.get(NEW + query)
    assert (response.context["plan"].date, codes(response)) == (FRIDAY, ["208", "204"])
    assert response.context["form"].errors == {}


def test_an_address_may_name_a_route(planner, walker):
    key = planner.get(NEW).context["routes"].at_once[0].key
    assert codes(planner.get(f"{NEW}?route={key}")) == ["204", "206", "208"]


def test_a_cancelled_walk_is_planned_again(planner, walker, hosts, colleague):
    walk = a_walk(walker, hosts, state="cancelled")
    plan = planner.get(f"{NEW}?again={walk.pk}").context["plan"]
    assert (plan.walk, len(plan.stops), plan.practices[0].name) == (None, 3, "Student talk")
    theirs = a_walk(colleague, hosts)
    assert planner.get(f"{NEW}?again={theirs.pk}").context["plan"].stops == ()


def test_a_draft_is_finished_and_sent(planner, walker, hosts):
    walk = a_walk(walker, hosts, state="draft")
    url = reverse("walks:edit", args=[walk.pk])
    assert codes(planner.get(url)) == ["204", "206", "208"]
    planner.post(url, typed(walker, ["208", "204"], op="send"))
    walk.refresh_from_db()
    assert (walk.state, [s.room.code for s in walk.stops.all()]) == (State.REQUESTED, ["208", "204"])


def test_an_agreed_walk_goes_back_with_new_rooms_only(planner, walker, hosts):
    walk = a_walk(walker, hosts)
    walk.stops.update(minutes=5)
    url = reverse("walks:edit", args=[walk.pk])
    response = planner.post(url, typed(walker, op="send", own_focus="Humour"), follow=True)
    assert "Saved. Time and rooms stay as approved." in words(response)
    planner.post(url, typed(walker, ["204", "206"], op="send"))
    assert Walk.objects.get().state == State.REQUESTED


def test_a_sent_walk_is_not_saved_as_a_draft(planner, walker, hosts):
    walk = a_walk(walker, hosts, state="requested")
    response = planner.post(reverse("walks:edit", args=[walk.pk]), typed(walker, ["204"], op="draft"))
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
def test_what_is_over_is_not_changed(state, planner, walker, hosts):
    walk = a_walk(walker, hosts, state=state)
    response = planner.get(reverse("walks:edit", args=[walk.pk]), follow=True)
    assert "its plan stays as it is" in words(response)


def test_the_head_sees_a_walk_but_does_not_edit_it(walker, hosts, head, other_head, sign_in):
    url = reverse("walks:edit", args=[a_walk(walker, hosts, state="requested").pk])
    assert sign_in(head).get(url).status_code == 403
    assert sign_in(other_head).get(url).status_code == 404


def test_a_walk_started_meanwhile_keeps_its_plan(planner, walker, hosts, monkeypatch):
    walk = a_walk(walker, hosts)
    send = drafts.send

    def a_moment_later(plan, **fields):
        Walk.objects.update(started_at=NOW)
        return send(plan, **fields)

    monkeypatch.setattr(drafts, "send", a_moment_later)
    response = planner.post(reverse("walks:edit", args=[walk.pk]), typed(walker, ["204", "206"], op="send"))
    assert (response.status_code, walk.stops.count()) == (422, 3)
    assert "This walk has begun or is over" in words(response)


def test_changing_a_walk_starts_from_its_rooms_and_who_teaches_there(planner, walker, hosts):
    walk = a_walk(walker, hosts)
    page = planner.get(reverse("walks:edit", args=[walk.pk])).context
    assert ([stop.host for stop in page["plan"].stops], page["clashes"]) == (hosts, [])


def test_the_rooms_of_a_route_just_pressed_are_known_at_other_times_too(planner, walker, hosts):
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=2)
    a_lesson(walker, "210", days=[THURSDAY.weekday()])
    response = planner.post(NEW, typed(walker, [], op=f"route:hallway-{Hallway.objects.get().pk}"))
    assert codes(response) == ["204", "206", "208"]
    assert "Move to Period 2, all rooms free" in words(response)


def test_the_planner_costs_the_same_for_any_school(planner, walker, django_assert_num_queries):
    form = typed(walker)
    with django_assert_num_queries(13):
        planner.post(NEW, form)
    with django_assert_num_queries(16):
        planner.get(NEW)
    for n in range(3):
        a_lesson(a_person(walker.school, f"More{n}", "People"), ["204", "206", "208"][n], period=2)
        a_practice(walker.school, f"Practice {n}")
    with django_assert_num_queries(13):
        planner.post(NEW, form)
    with django_assert_num_queries(16):
        planner.get(NEW)


@pytest.mark.parametrize("rooms", [1, 3])
def test_a_change_costs_the_same_for_one_room_and_for_three(planner, walker, hosts, rooms, django_assert_num_queries):
    edit = f"/walks/{a_walk(walker, hosts[:rooms]).pk}/edit/"
    planner.get(edit)
    with django_assert_num_queries(14):
        planner.get(edit)


@pytest.mark.parametrize("op", ["up:", "swap:1:", "at:2026-11-12:", "route:grade:"])
def test_a_number_without_end_changes_nothing(op, walker, hosts, sign_in):
    assert sign_in(walker).post(NEW, {"op": op + "9" * 5000}).status_code == 200
