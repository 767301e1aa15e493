"""The pages on which Heads of Grade decide."""

import datetime as dt
import re
from contextlib import contextmanager, nullcontext

import pytest
from django.db import connection

from notifications.models import Message
from school.models import Lesson, Period, Person, Room, RoomClosure
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person, at_school_all_day
from school.tests.pages import html_of, text_of
from walks.models import State, Walk
from walks.tests.factories import a_walk
from walks.workflow import approval

pytestmark = pytest.mark.usefixtures("frozen_clock")

PAGE = "/approvals/"
# the session and the person; walks, their stops and those that need cover; the calendar, who teaches then and
# colleagues; lessons, visits and closures; who covered last
QUERIES = 13


@pytest.fixture
def crowded(requested, second_host, other_head):
    """The request, but Room 206 already has two visitors then. Rooms 204 to 208 are also taught in period 2."""
    for given in ("Hana", "Oskar"):
        walk = a_walk(a_person(requested.walker.school, given, grade="Grade 8"), [second_host])
        walk.stops.update(room=requested.stops.get(position=2).room)
    for stop in requested.stops.all():
        a_lesson(stop.host, stop.room.code, period=2)
    return requested


def address_of(action):
    """Return a function that makes the address of this action for a walk."""
    return lambda walk: f"{PAGE}{walk.pk}/{action}"


APPROVE = address_of("approve/")
ASK = address_of("ask/")
ADJUST = address_of("")


def boxes_of(*walks):
    """Return what the ticked boxes of these walks post: the id and version of each."""
    return [f"{walk.pk}:{walk.calendar_sequence}" for walk in walks]


def adjust_form(walk, **changes):
    """Return what the form of one request posts, with some values changed."""
    stops = [stop.room_id for stop in walk.stops.all()]
    return {"date": walk.date.isoformat(), "period": walk.period_id, "stop": stops, "words": ""} | changes


def main_buttons(answer):
    """Return the words of the green buttons of a page."""
    found = re.findall(r"<button[^>]*btn-primary[^>]*>(.*?)</button>", answer.text, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", "", words).split()) for words in found]


def main_links(page):
    """Return the words of the links that look like a green button."""
    return [words.strip() for words in re.findall(r"<a[^>]*btn-primary[^>]*>([^<]+)", page)]


# --- The list -----------------------------------------------------------------------------------
def test_a_clear_request_takes_one_click(as_head, requested, walker):
    page = as_head.get(PAGE)
    assert [r.walk for r in page.context["clear_requests"]] == [requested]
    as_head.post(APPROVE(requested))
    assert Walk.objects.get().state == State.APPROVED


def test_the_page_says_if_no_request_waits(as_head):
    assert "Nothing waiting" in html_of(as_head.get(PAGE))


def test_a_request_with_a_full_room_needs_a_decision_and_offers_ways_out(as_head, crowded):
    found = as_head.get(PAGE).context["unclear_requests"][0].request
    assert [f.words for f in found.findings_besides_cover] == ["Room 206 would have 3 visitors; the limit is 2."]
    assert [f.visitors for f in found.findings_besides_cover] == [
        "Two colleagues of other grades are already visiting this room at that time."
    ]
    assert [way.words for way in found.ways_out] == ["Move to Period 2", "Skip 206"]


def test_visitors_of_the_heads_own_grade_are_named(as_head, crowded):
    type(crowded.walker).objects.filter(given_name="Hana").update(grade=crowded.walker.grade)
    found = as_head.get(PAGE).context["unclear_requests"][0].request
    assert (
        found.findings_besides_cover[0].visitors
        == "Hana and one colleague of another grade are already visiting this room at that time."
    )


def press_way_out(client, page, number):
    """Post the hidden fields of a way out, as its button does."""
    request = page.context["unclear_requests"][0].request
    way = request.ways_out[number]
    data = {"date": way.plan.date.isoformat(), "period": way.plan.period.pk}
    return client.post(ADJUST(request.walk), data | {"stop": [stop.room.pk for stop in way.plan.stops]})


def test_one_click_moves_to_a_free_period(as_head, crowded):
    press_way_out(as_head, as_head.get(PAGE), 0)
    walk = Walk.objects.get(pk=crowded.pk)
    assert (walk.state, walk.period.position, walk.stops.count()) == (State.APPROVED, 2, 3)


def test_one_click_tells_the_walker_what_changed_and_why_in_nobodys_name(as_head, sign_in, crowded, second_host):
    crowded.walker.school.people.get(pk=second_host.pk).lessons.filter(period__position=2).delete()
    a_lesson(a_person(crowded.walker.school, "Nora"), "206", period=2)
    page = as_head.get(PAGE)
    assert main_buttons(page) == ["Move to Period 2 no cover, other teachers"]
    assert "Review and decide" in html_of(as_head.get(f"/walks/{crowded.pk}/"))
    press_way_out(as_head, page, 0)
    reason = "Moved from Period 3 to Period 2: Room 206 was full."
    mail = " ".join(Message.objects.get(key__startswith="adjusted:").body_text.split())
    detail = html_of(sign_in(crowded.walker).get(f"/walks/{crowded.pk}/"))
    for words in (mail, detail):
        assert "Period 2 instead of Period 3" in words and reason in words
        assert "You’ll meet Jonas, Nora and Priya." in words
    assert "writes:" not in mail
    assert 'class="bubble"' not in detail and "What you wrote to each other" not in detail


def test_the_heads_own_words_are_signed(as_head, sign_in, crowded):
    second = Period.objects.get(position=2).pk
    as_head.post(ADJUST(crowded), adjust_form(crowded, period=second, words="See you there"))
    mail = " ".join(Message.objects.get(key__startswith="adjusted:").body_text.split())
    detail = html_of(sign_in(crowded.walker).get(f"/walks/{crowded.pk}/"))
    assert "Lucía writes: See you there" in mail and "You’ll meet" not in mail
    assert "What you wrote to each other" in detail and "<p>See you there</p>" in detail


def test_one_click_skips_the_full_room(as_head, sign_in, crowded):
    press_way_out(as_head, as_head.get(PAGE), 1)
    assert "<li>Without Room 206: it was full.</li>" in html_of(sign_in(crowded.walker).get(f"/walks/{crowded.pk}/"))
    walk = Walk.objects.get(pk=crowded.pk)
    assert [stop.room.code for stop in walk.stops.all()] == ["204", "208"]
    assert (walk.state, walk.period.position) == (State.APPROVED, 3)


def test_free_colleagues_are_offered_as_cover(as_head, requested, walker, colleague, hosts):
    a_lesson(walker, "210", period=3, title="7B Music")
    found = as_head.get(PAGE).context["unclear_requests"][0].request
    assert found.cover_finding.words == "Cover needed for 7B Music, Room 210."
    assert colleague in found.can_cover and not set(hosts) & set(found.can_cover)
    as_head.post(APPROVE(requested), {"cover": colleague.pk})
    assert Walk.objects.get().cover == colleague


def options(page):
    """Return the first cover list on the page: value and text of each option."""
    found = re.findall(r'<option value="(\d*)"( selected)?>([^<]*)</option>', page.text)
    return [(value, selected, " ".join(words.split())) for value, selected, words in found]


def a_substitute(school, given, family, room):
    """Create a colleague who teaches in period 1 and is at school all day."""
    person = a_person(school, given, family)
    a_lesson(person, room, period=1)
    at_school_all_day(person)
    return person


def test_the_colleague_who_covered_least_recently_is_preselected(as_head, requested, walker, school, hosts):
    a_lesson(walker, "210", period=3, title="7B Music")
    ana = a_substitute(school, "Ana", "Duarte", "206")
    ben = a_substitute(school, "Ben", "Duarte", "208")
    a_walk(a_person(school, "Old"), hosts, state="complete", date=dt.date(2026, 10, 5), cover=ana)
    answer = as_head.get(PAGE)
    assert [value for value, chosen, _words in options(answer) if chosen] == [str(ben.pk)]
    assert "Free then, and hasn’t covered a class lately." in html_of(answer)
    a_walk(a_person(school, "Older"), hosts, state="complete", date=dt.date(2026, 10, 6), cover=ben)
    assert "longest without covering a class." in html_of(as_head.get(PAGE))


def test_one_suggestion_approved_alone_gets_the_cover_that_the_page_proposed(as_head, requested, walker, hosts):
    second = a_person(walker.school, "Second")
    other = Room.objects.get(code="210")
    Room.objects.create(school=other.school, code="209", hallway=other.hallway)
    a_lesson(walker, "210")
    a_lesson(second, "209")
    for name, room in (("Ana", "204"), ("Ben", "206")):
        a_substitute(walker.school, name, "Abel", room)
    friday = a_walk(second, hosts, state="requested", date=dt.date(2026, 11, 13))
    suggestions = [line.suggestion for line in as_head.get(PAGE).context["unclear_requests"]]
    assert [suggestion.cover.given_name for suggestion in suggestions] == ["Ana", "Ben"]
    as_head.post("/approvals/suggested/", {"suggestion": suggestions[1].fingerprint})
    assert [str(walk.cover) for walk in Walk.objects.filter(state=State.APPROVED)] == [str(suggestions[1].cover)]
    assert Walk.objects.get(state=State.APPROVED) == friday


def test_approving_with_cover_is_refused_without_a_choice(as_head, requested, walker, colleague):
    a_lesson(walker, "210", period=3)
    answer = as_head.post(APPROVE(requested), {"with_cover": "1", "cover": ""})
    assert (answer.status_code, Walk.objects.get().state) == (422, State.REQUESTED)
    assert "Choose who covers, or approve it as it is." in html_of(answer)


def test_people_without_lessons_come_last_and_are_not_called_free(as_head, requested, walker, colleague, school):
    a_lesson(walker, "210", period=3)
    a_substitute(school, "Zoe", "Zimmer", "204")
    listed = [words for _value, _chosen, words in options(as_head.get(PAGE))]
    assert listed[:3] == [
        "Choose who covers",
        "Zoe Zimmer (free Period 3)",
        "Samuel Brandt (no classes in the timetable)",
    ]
    on_adjust_page = [words for _value, _chosen, words in options(as_head.get(ADJUST(requested)))]
    labels = ["Zoe Zimmer, Grade 7 Maths", "Samuel Brandt, Grade 7 Maths (no classes in the timetable)"]
    assert [name for name in on_adjust_page if name in labels] == labels


def test_a_person_who_teaches_then_cannot_cover(as_head, requested, walker, host):
    a_lesson(walker, "210", period=3)
    answer = as_head.post(APPROVE(requested), {"cover": host.pk})
    assert (answer.status_code, Walk.objects.get().state) == (422, State.REQUESTED)
    assert "Jonas Lindqvist is not free at that time." in html_of(answer)


def test_a_person_who_already_covers_is_not_offered(as_head, requested, walker, colleague, hosts):
    a_lesson(walker, "210")
    other = a_walk(a_person(walker.school, "Ruth", "Adeyemi"), hosts)
    before = as_head.get(PAGE).context["unclear_requests"][0].request.can_cover
    Walk.objects.filter(pk=other.pk).update(cover=colleague)
    after = as_head.get(PAGE).context["unclear_requests"][0].request.can_cover
    assert set(before) - set(after) == {colleague}
    as_head.post(APPROVE(requested), {"cover": colleague.pk})
    assert Walk.objects.get(pk=requested.pk).state == State.REQUESTED


def test_a_closed_room_is_shown(as_head, requested):
    RoomClosure.objects.create(room=requested.stops.first().room, date=THURSDAY, reason="Test")
    found = as_head.get(PAGE).context["unclear_requests"][0].request
    assert found.findings_besides_cover[0].words == "Room 204 takes no visitors at that time: Test."


def test_a_passed_time_is_shown(requested, head, sign_in, time_machine):
    time_machine.move_to(requested.ends_at)
    found = sign_in(head).get(PAGE).context["unclear_requests"][0].request
    assert found.findings_besides_cover[0].words == "This time has passed."


def test_approve_all_approves_only_shown_requests_that_are_still_clear(as_head, requested, colleague, hosts):
    later = a_walk(colleague, hosts, state="requested", date=dt.date(2026, 11, 13))
    closed = a_walk(colleague, hosts, state="requested", date=dt.date(2026, 11, 16))
    RoomClosure.objects.create(room=closed.stops.first().room, date=closed.date)
    answer = as_head.post(f"{PAGE}all-clear/", {"walk": [*boxes_of(requested, closed), "x:1", "1"]}, follow=True)
    assert set(Walk.objects.filter(state=State.APPROVED)) == {requested}
    assert "Approved: Amara Osei, Thu 12 Nov, Period 3." in html_of(answer) and "Some walks have changed" in html_of(
        answer
    )
    assert Walk.objects.get(pk=later.pk).state == State.REQUESTED


def test_requests_come_in_pages_of_twenty(as_head, hosts, school):
    for n in range(22):
        a_walk(a_person(school, f"N{n}"), hosts[:1], state="requested")
    pages = [as_head.get(PAGE, {"page": n}).context["page"] for n in (1, 2)]
    assert [len(page) for page in pages] == [20, 2]


def test_requests_that_wait_for_others_are_listed(as_head, head, hosts, administrator, colleague):
    a_walk(colleague, hosts, state="changes_asked", suggested_period=Period.objects.get(position=2))
    a_walk(head, hosts, state="requested")
    page = as_head.get(PAGE)
    assert "We’ll e-mail you when Samuel answers." in html_of(page)
    assert "Waiting for Daniel Whitfield." in html_of(page)
    assert page.context["unclear_requests"] == page.context["clear_requests"] == []


@pytest.mark.parametrize("more", [0, 2, 9])
def test_the_list_takes_the_same_number_of_queries_for_one_and_for_many(
    more, as_head, requested, hosts, school, django_assert_num_queries
):
    a_lesson(requested.walker, "210", title="7B Music")
    a_substitute(school, "Ana", "Duarte", "206")
    for n in range(more):
        a_walk(a_person(school, f"N{n}"), hosts, state="requested")
    as_head.get(PAGE)  # reads the directory
    with django_assert_num_queries(QUERIES):
        page = as_head.get(PAGE)
    assert len(page.context["page"]) == more + 1


@pytest.mark.parametrize("rows", [1, 3])
def test_requests_of_the_head_take_two_more_queries(rows, head, hosts, as_head, school, django_assert_num_queries):
    for n in range(rows):
        a_walk(a_person(school, f"N{n}"), hosts, state="requested")
        a_walk(head, hosts, state="requested", date=dt.date(2026, 11, 16 + n))
    a_lesson(Person.objects.get(given_name="N0"), "210", title="7B Music")
    a_substitute(school, "Ana", "Duarte", "206")
    as_head.get(PAGE)  # reads the directory
    with django_assert_num_queries(QUERIES + 2):
        as_head.get(PAGE)


# --- The grid -----------------------------------------------------------------------------------
def cells(page):
    """Return the grid: for each room a list of (visitors, full, this request), one for each period."""
    return {
        room.code: [(cell.count, cell.is_full, cell.is_requested_period) for cell in row]
        for room, row in page.context["visitor_grid"].rows
    }


def test_the_grid_counts_other_visitors_of_the_day(as_head, crowded):
    page = as_head.get(PAGE)
    assert "At most two visitors in each room. Outlined: Amara’s walk." in text_of(page)
    assert "Gold: full (2 or more)." in text_of(page)
    assert cells(page) == {
        "204": [(0, False, False), (0, False, False), (0, False, True)],
        "206": [(0, False, False), (0, False, False), (2, True, True)],
        "208": [(0, False, False), (0, False, False), (0, False, True)],
    }


def test_the_grid_follows_the_day(as_head, requested, colleague, hosts):
    other = a_walk(colleague, hosts[:2], state="requested", date=dt.date(2026, 11, 13))
    grid = as_head.get(PAGE, {"day": "2026-11-13"}).context["visitor_grid"]
    assert (grid.date, grid.walker, [room.code for room, _ in grid.rows]) == (other.date, colleague, ["204", "206"])


def test_on_a_phone_the_grid_is_below_the_chosen_request(as_head, requested, colleague, hosts):
    other = a_walk(colleague, hosts[:2], state="requested", date=dt.date(2026, 11, 13))
    for chosen, page in ((requested, as_head.get(PAGE)), (other, as_head.get(PAGE, {"walk": other.pk}))):
        articles = html_of(page).split("<article")[1:]
        with_grid = [text for text in articles if "Visitors on" in text.split("</article>")[0]]
        assert [f'id="walk-{chosen.pk}"' in text for text in with_grid] == [True]


@pytest.mark.parametrize("person", ["head", "other_head", "administrator"])
def test_a_day_without_requests_shows_no_visitors(person, requested, colleague, hosts, sign_in, request):
    a_walk(colleague, hosts[:1], date=dt.date(2026, 11, 13), announced=False)
    answer = sign_in(request.getfixturevalue(person)).get(PAGE, {"day": "2026-11-13"})
    assert answer.context["visitor_grid"] is None
    assert "Visitors on" not in html_of(answer)


@pytest.mark.parametrize("day", ["", "nonsense", "2026-02-31", "0001-01-01", "9999-12-31"])
def test_an_invalid_day_shows_the_day_of_the_first_request(day, as_head, requested):
    assert as_head.get(PAGE, {"day": day}).context["visitor_grid"].date == THURSDAY


# --- One request --------------------------------------------------------------------------------
def test_opening_the_link_of_a_mail_decides_nothing(as_head, requested):
    answer = as_head.get(ADJUST(requested))
    assert (answer.status_code, Walk.objects.get().state) == (200, State.REQUESTED)
    assert "Student talk" in html_of(answer)


def test_checking_for_clashes_decides_nothing(as_head, crowded):
    first = Period.objects.get(position=1)
    answer = as_head.post(ADJUST(crowded), adjust_form(crowded, period=first.pk, check="1"))
    assert "Nobody teaches in Room 204 at that time." in html_of(answer)
    assert Walk.objects.get(pk=crowded.pk).state == State.REQUESTED


@pytest.mark.parametrize(
    ("day", "mark"), [("2026-11-11", "passed"), ("2026-11-14", "no school"), ("2026-11-13", "free")]
)
def test_both_lists_of_periods_say_whether_the_walker_is_free(day, mark, as_head, requested):
    adjusting = as_head.post(ADJUST(requested), adjust_form(requested, date=day, check="1"))
    asking = as_head.post(ASK(requested), {"suggested_date": day, "check": "1"})
    second = Period.objects.get(position=2).pk if mark != "passed" else Period.objects.get(position=1).pk
    for page, field in ((adjusting, "id_period"), (asking, "id_ask_suggested_period")):
        options_of_field = html_of(page).split(f'id="{field}"')[1].split("</select>")[0]
        assert re.search(rf'value="{second}"[^>]*> ?Period \d \({mark}\)', options_of_field), options_of_field
    assert Walk.objects.get().state == State.REQUESTED


def test_the_page_of_a_request_says_only_what_needs_attention(as_head, requested, walker, colleague):
    alarms = ("All these rooms are one colleague’s.", "Ask for one or two things to look for.", "Cover needed")
    page = html_of(as_head.get(ADJUST(requested)))
    assert "No clash: rooms open, no cover needed" in page and not any(words in page for words in alarms)
    requested.stops.update(host=colleague)
    requested.focus.clear()
    a_lesson(walker, "210")
    page = html_of(as_head.get(ADJUST(requested)))
    assert all(words in page for words in alarms) and "No clash" not in page


def test_the_page_of_a_request_offers_the_ways_out_of_the_list(as_head, crowded):
    page = html_of(as_head.get(ADJUST(crowded)))
    clash, form = page.split("Approve or adjust", 1)
    assert "Room 206 would have 3 visitors; the limit is 2." in clash and "Skip 206" in clash
    assert "Room 206 is full" in form
    move = re.search(r'name="period" value="(\d+)".*?Move to Period 2 ', clash).group(1)
    as_head.post(ADJUST(crowded), adjust_form(crowded, period=move))
    assert Walk.objects.get(pk=crowded.pk).period.position == 2


def test_a_question_about_a_time_with_a_clash_says_that_it_is_not_sent_yet(as_head, requested):
    form = {"words": "Then?", "suggested_period": Period.objects.get(position=2).pk}
    answer = as_head.post(ASK(requested), form)
    page = html_of(answer)
    top = page.split('id="ask"')[0]
    expected = (
        "Your request for a change is not sent yet",
        "Nobody teaches in Room 204 at that time.",
        "Send it anyway",
    )
    assert all(words in top for words in expected)
    assert Walk.objects.get().state == State.REQUESTED
    warned_time = re.search(r'name="warned_time" value="([^"]+)"', page).group(1)
    as_head.post(ASK(requested), form | {"warned_time": warned_time})
    assert Walk.objects.get().state == State.CHANGES_ASKED


def test_another_time_shows_who_teaches_then(as_head, requested, school):
    a_lesson(a_person(school, "Ingrid", "Larsen"), "204", period=1, title="6B Spanish")
    first = Period.objects.get(position=1)
    page = html_of(as_head.post(ADJUST(requested), adjust_form(requested, period=first.pk, check="1")))
    assert "<b>Ingrid Larsen</b> <small>6B Spanish</small>" in page
    assert "<b>Jonas" not in page
    assert f"Thursday 12 November, {first}" in page


def test_a_clash_makes_its_first_way_out_the_main_button(as_head, crowded):
    assert main_buttons(as_head.get(ADJUST(crowded))) == ["Move to Period 2 no cover, all rooms have a class"]
    assert "Approve as it is" in html_of(as_head.get(ADJUST(crowded)))


def test_without_a_clash_approve_is_the_main_button(as_head, requested):
    assert main_buttons(as_head.get(ADJUST(requested))) == ["Approve"]


def button_and_changes(answer):
    """Return the words of the button that approves, and what the page says that changes and stays."""
    changes, decide = html_of(answer).split('id="changes"')[1].split('id="decide"')
    button = re.search(r"<button[^>]*>([^<]+)", decide).group(1).strip()
    return [button], [line.strip() for line in re.findall(r"<li>([^<]+)</li>", changes)]


def test_the_main_button_says_where_the_changed_walk_moves(as_head, crowded):
    a_lesson(a_person(crowded.walker.school, "Ingrid", "Larsen"), "204", period=1)
    for position, others in ((2, []), (1, ["Another teacher in Room 204"])):
        changed = adjust_form(crowded, period=Period.objects.get(position=position).pk, check="1")
        button, changes = button_and_changes(as_head.post(ADJUST(crowded), changed))
        moved = f"Period {position} instead of Period 3"
        assert (button, changes) == ([f"Move to Period {position}"], [moved, *others, "Rooms 204, 206 and 208"])
    next_day = adjust_form(crowded, date="2026-11-13", check="1")
    button, changes = button_and_changes(as_head.post(ADJUST(crowded), next_day))
    assert button == ["Move to Fri 13 Nov, Period 3"]
    assert changes[0] == "Fri 13 Nov, Period 3 instead of Thu 12 Nov, Period 3"


def test_the_main_button_names_the_dropped_room(as_head, crowded):
    rooms = [stop.room_id for stop in crowded.stops.all()]
    dropped = adjust_form(crowded, stop=[rooms[0], rooms[2]], check="1", **{f"minutes_{rooms[0]}": "5"})
    assert button_and_changes(as_head.post(ADJUST(crowded), dropped)) == (
        ["Approve without Room 206"],
        ["Without Room 206", "Room 204: 5 minutes instead of 4", "Thu 12 Nov, Period 3", "Rooms 204 and 208"],
    )
    assert button_and_changes(as_head.get(ADJUST(crowded)))[1] == []


def test_the_main_button_says_that_the_chosen_colleague_covers(as_head, requested, walker, colleague):
    a_lesson(walker, "210")
    a_lesson(colleague, "206", period=1)  # in the timetable, so proposed
    at_school_all_day(colleague)
    page = as_head.get(ADJUST(requested))
    assert main_buttons(page) == ["Approve with cover"]
    assert "Who can cover?" in html_of(page) and "(optional)" not in html_of(page).split("Who can cover?")[1][:60]
    nobody = adjust_form(requested, cover="", check="1")
    assert main_buttons(as_head.post(ADJUST(requested), nobody)) == ["Approve"]


def test_saving_an_approved_walk_is_its_main_button_and_mails_nobody_without_a_change(as_head, requested):
    Walk.objects.update(state=State.APPROVED)
    page = as_head.get(ADJUST(requested))
    assert main_buttons(page) == ["Save the change"] and 'class="actionbar' in html_of(page)
    as_head.post(ADJUST(requested), adjust_form(requested, approved="1"))
    assert not Message.objects.exists()
    with_words = adjust_form(requested, words="See you there", check="1", approved="1")
    assert main_buttons(as_head.post(ADJUST(requested), with_words)) == ["Save the change"]


def test_only_one_form_is_open_and_a_line_leads_to_the_other(as_head, crowded):
    asking = as_head.get(f"{ADJUST(crowded)}?ask=1")
    assert main_buttons(asking) == ["Ask for this change"]
    assert 'name="stop"' not in asking.text and f'href="{ADJUST(crowded)}"' in asking.text
    adjusting = as_head.get(ADJUST(crowded))
    assert 'name="suggested_date"' not in adjusting.text and f'href="{ADJUST(crowded)}?ask=1"' in adjusting.text


def sentences(page):
    """Return the sentences to ask with. Each button shows what it inserts."""
    buttons = re.findall(r'data-insert="([^"]+)"[^>]*>([^<]+)<', page)
    assert all(inserted == shown.strip() for inserted, shown in buttons)
    return [inserted for inserted, _shown in buttons]


def test_a_question_begins_with_the_time_when_all_rooms_are_free(as_head, crowded):
    page = html_of(as_head.get(f"{ADJUST(crowded)}?ask=1"))
    assert sentences(page)[0] == "Room 206 is full at that time. Would Period 2 work? All rooms are free."
    assert not any("___" in words for words in sentences(page))
    assert re.search(
        r'name="suggested_date"[^>]* value="2026-11-12"|value="2026-11-12"[^>]* name="suggested_date"', page
    )
    assert re.search(r"<option[^>]* selected[^>]*> ?Period 2 \(free\)", page)


def test_without_another_time_the_sentences_to_ask_with_have_blanks(as_head, crowded):
    Lesson.objects.exclude(period__position=3).delete()
    type(crowded.semester).objects.update(ends_on=THURSDAY)
    page = html_of(as_head.get(f"{ADJUST(crowded)}?ask=1"))
    assert sentences(page)[0] == "Room 206 already has visitors at that time. Could you swap it for ___?"
    assert len(sentences(page)) == 5


def test_without_a_clash_the_sentences_to_ask_with_first_have_no_blanks(as_head, requested):
    page = html_of(as_head.get(f"{ADJUST(requested)}?ask=1"))
    assert [("___" in words) for words in sentences(page)] == [False] * 2 + [True] * 3
    assert "Would another period suit you?" in page.split("More sentences")[0]


def test_adjusting_keeps_what_was_typed_when_something_is_missing(as_head, requested):
    answer = as_head.post(ADJUST(requested), adjust_form(requested, stop=[], words="Only one"))
    assert answer.status_code == 422
    assert "Choose at least two rooms" in html_of(answer)
    assert "Only one" in html_of(answer)


@pytest.mark.parametrize("date", ["2026-11-14", "2027-07-01", "9999-12-31", "x", "2026-11-10"])
def test_an_unsuitable_day_is_refused(date, as_head, requested):
    assert as_head.post(ADJUST(requested), adjust_form(requested, date=date)).status_code == 422


def test_changed_minutes_and_a_message_are_stored_with_the_approval(as_head, requested, host):
    room_id = requested.stops.first().room_id
    as_head.post(ADJUST(requested), adjust_form(requested, **{f"minutes_{room_id}": "5", "words": "Longer there"}))
    walk = Walk.objects.get()
    assert (walk.stops.first().minutes, walk.events.last().words) == (5, "Longer there")


def test_asking_for_a_change_suggests_a_time(as_head, requested, hosts):
    other = Period.objects.get(position=2)
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=2)
    as_head.post(ASK(requested), {"words": "Period 2?", "suggested_period": other.pk})
    walk = Walk.objects.get()
    assert (walk.state, walk.suggested_date, walk.suggested_period) == (State.CHANGES_ASKED, THURSDAY, other)


@pytest.mark.parametrize("data", [{"words": ""}, {"words": "x", "suggested_date": "2026-11-13"}, {"words": "x" * 1001}])
def test_a_question_needs_words_and_both_day_and_period(data, as_head, requested):
    assert as_head.post(ASK(requested), data).status_code == 422
    assert Walk.objects.get().state == State.REQUESTED


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2026-11-14", "There’s no school on 14 November"),
        ("2026-11-10", "Choose a day that hasn’t passed"),
        ("2027-03-01", "Choose a day in the semester, from 1 September to 18 December"),
        ("2026-11-11", "That time has passed. Choose a later period, or another day"),
    ],
)
def test_a_time_that_cannot_be_accepted_cannot_be_suggested(date, words, as_head, requested):
    first = Period.objects.get(position=1)
    answer = as_head.post(ASK(requested), {"words": "Then?", "suggested_date": date, "suggested_period": first.pk})
    assert answer.status_code == 422
    assert words in html_of(answer)
    assert "Then?" in html_of(answer)
    assert Walk.objects.get().state == State.REQUESTED


@pytest.mark.parametrize("act", [APPROVE, ASK, ADJUST])
def test_the_second_decider_sees_who_was_first(act, as_head, requested, walker, sign_in):
    second = a_person(walker.school, "Ruth", "Adeyemi")
    walker.grade.heads.add(second)
    approval.approve(requested, by=second, now=NOW)
    answer = as_head.post(act(requested), adjust_form(requested), follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "Ruth Adeyemi approved this walk at 09:00." in html_of(answer)


@contextmanager
def approved_in_between(walk, by):
    """Let another decider approve after the page read the walk and before its rule starts."""
    seen = []

    def interrupt(execute, sql, params, many, context):
        if sql.startswith("SAVEPOINT") and not seen:
            seen.append(sql)
            approval.approve(Walk.objects.get(pk=walk.pk), by=by, now=NOW)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt):
        yield


@pytest.mark.parametrize("act", [ASK, ADJUST])
@pytest.mark.parametrize("meanwhile", ["approved before", "approved just now", "changed by its walker"])
def test_typed_text_stays_on_the_page_that_says_who_was_first(act, meanwhile, as_head, requested, walker):
    second = a_person(walker.school, "Ruth", "Adeyemi")
    walker.grade.heads.add(second)
    data = adjust_form(requested, words="Could you add <Room 207>?", version=requested.calendar_sequence)
    other_decision = nullcontext()
    if meanwhile == "approved before":
        approval.approve(requested, by=second, now=NOW)
    elif meanwhile == "approved just now":
        other_decision = approved_in_between(requested, second)
    else:
        Walk.objects.update(calendar_sequence=1)
    with other_decision:
        page = as_head.post(act(requested), data)
    by_walker = meanwhile == "changed by its walker"
    expected = "changed this walk" if by_walker else "Ruth Adeyemi approved this walk at 09:00."
    assert page.status_code == 422
    assert expected in html_of(page)
    assert "Could you add &lt;Room 207&gt;?</textarea>" in page.content.decode()


@pytest.mark.parametrize("act", [ASK, ADJUST])
def test_pressing_a_button_twice_shows_no_error(act, as_head, requested):
    data = adjust_form(requested, words="Could you add Room 207?")
    answers = [as_head.post(act(requested), data) for _press in range(2)]
    assert [(answer.status_code, answer.get("Location")) for answer in answers] == [(302, PAGE)] * 2


@pytest.mark.parametrize("act", [APPROVE, ASK, ADJUST])
def test_a_decision_made_during_the_request_is_shown(act, as_head, requested, walker):
    second = a_person(walker.school, "Ruth", "Adeyemi")
    walker.grade.heads.add(second)
    data = adjust_form(requested, stop=[s.room_id for s in requested.stops.all()][:2], words="Hello")
    with approved_in_between(requested, second):
        answer = as_head.post(act(requested), data, follow=True)
    assert "Ruth Adeyemi approved this walk at 09:00." in html_of(answer)
    assert requested.stops.count() == 3


def test_approving_all_names_the_person_who_decided_first(as_head, requested, walker):
    second = a_person(walker.school, "Ruth", "Adeyemi")
    walker.grade.heads.add(second)
    with approved_in_between(requested, second):
        answer = as_head.post(f"{PAGE}all-clear/", {"walk": boxes_of(requested)}, follow=True)
    assert "Amara Osei: Ruth Adeyemi approved this walk at 09:00." in html_of(answer)


def test_approving_all_names_the_approved_walks(as_head, requested, colleague, hosts):
    other = a_walk(colleague, hosts, state="requested", date=dt.date(2026, 11, 13))
    answer = as_head.post(f"{PAGE}all-clear/", {"walk": boxes_of(requested, other)}, follow=True)
    names = "Approved: Amara Osei, Thu 12 Nov, Period 3; Samuel Brandt, Fri 13 Nov, Period 3."
    assert names in html_of(answer) and "Some walks have changed" not in html_of(answer)


def test_approving_all_counts_many_walks_instead_of_naming_them(as_head, requested, colleague, hosts):
    others = [a_walk(colleague, hosts, state="requested", date=dt.date(2026, 11, day)) for day in (13, 16)]
    page = html_of(as_head.post(f"{PAGE}all-clear/", {"walk": boxes_of(requested, *others)}, follow=True))
    assert "Three walks approved." in page and "Amara Osei, Thu" not in page


def test_approving_all_leaves_out_walks_that_changed_since(as_head, requested, walker):
    before = boxes_of(requested)
    approval.change(requested, by=walker, now=NOW, was_agreed=False)
    answer = as_head.post(f"{PAGE}all-clear/", {"walk": before}, follow=True)
    assert "Some walks have changed in the meantime and are not approved yet." in html_of(answer)
    assert Walk.objects.get().state == State.REQUESTED


def test_another_walk_of_the_walker_is_shown(as_head, requested, walker, hosts):
    a_walk(walker, hosts[:1])
    found = as_head.get(PAGE).context["unclear_requests"][0].request
    assert [f.words for f in found.findings_besides_cover] == ["Amara has another walk at that time."]


def test_an_administrator_who_comes_second_sees_who_was_first(walker, hosts, administrator, sign_in, school):
    walk = a_walk(walker, hosts, state="requested")
    other = a_person(school, "Ines", "Costa", grade=None, is_administrator=True)
    approval.approve(walk, by=other, now=NOW)
    answer = sign_in(administrator).post(APPROVE(walk), follow=True)
    assert "Ines Costa approved this walk at 09:00." in html_of(answer)


def test_a_walk_that_changed_since_it_was_shown_is_not_approved(as_head, requested):
    Walk.objects.update(calendar_sequence=1)
    answer = as_head.post(APPROVE(requested), {"version": "0"}, follow=True)
    assert "Amara changed this walk in the meantime." in html_of(answer)
    assert Walk.objects.get().state == State.REQUESTED


# --- Who may decide ------------------------------------------------------------------------------------
@pytest.mark.parametrize("person", ["colleague", "host", "other_head", "administrator", "stranger"])
def test_people_who_do_not_decide_on_a_request_get_404(person, requested, sign_in, request):
    client = sign_in(request.getfixturevalue(person))
    assert client.get(ADJUST(requested)).status_code == 404
    assert [client.post(act(requested)).status_code for act in (APPROVE, ASK, ADJUST)] == [404] * 3


def test_teachers_have_no_page_of_approvals(colleague, sign_in):
    client = sign_in(colleague)
    assert (client.get(PAGE).status_code, client.post(f"{PAGE}all-clear/").status_code) == (404, 404)


def test_a_head_cannot_decide_on_their_own_walk(head, hosts, as_head, administrator):
    walk = a_walk(head, hosts, state="requested")
    assert as_head.get(ADJUST(walk)).status_code == 403
    assert as_head.post(APPROVE(walk)).status_code == 403
    as_head.post(f"{PAGE}all-clear/", {"walk": walk.pk})
    assert Walk.objects.get().state == State.REQUESTED


def test_an_administrator_sees_only_requests_without_another_head(requested, hosts, administrator, sign_in, school):
    reached = a_walk(a_person(school, "Gita", grade="Grade 8"), hosts, state="requested", own_focus="CANARY")
    client = sign_in(administrator)
    assert [r.walk for r in client.get(PAGE).context["clear_requests"]] == [reached]
    assert "CANARY" not in html_of(client.get(ADJUST(reached)))


def test_a_head_cannot_open_a_draft(walker, hosts, as_head):
    walk = a_walk(walker, hosts, state="draft")
    assert as_head.get(ADJUST(walk)).status_code == 404


@pytest.mark.parametrize("act", [APPROVE, ASK])
def test_opening_the_address_of_an_action_is_refused(act, as_head, requested):
    assert as_head.get(act(requested)).status_code == 405


def test_a_request_with_a_reply_is_not_approved_by_approve_all(requested, head, walker, sign_in):
    approval.ask_change(requested, words="Could we do Thursday?", by=head, now=NOW)
    approval.reply(requested, words="Period 3 would be better.", by=walker, now=NOW)
    client = sign_in(head)
    assert "Period 3 would be better." in html_of(client.get(PAGE))
    client.post(f"{PAGE}all-clear/", {"walk": [f"{requested.pk}:{requested.calendar_sequence}"]})
    requested.refresh_from_db()
    assert (requested.state, requested.decided_by) == ("requested", None)
    assert "Could we do Thursday?" in html_of(client.get(ADJUST(requested)))


def test_no_other_time_is_suggested_unless_the_head_chooses_one(crowded, head, sign_in):
    client = sign_in(head)
    assert 'name="suggested_date" value' not in html_of(client.get(ADJUST(crowded)))


def test_an_unfilled_blank_in_the_message_is_refused(as_head, requested):
    words = "Room ___ already has visitors at that time."
    answer = as_head.post(f"/approvals/{requested.pk}/ask/", {"words": words})
    assert answer.status_code == 422
    assert "Fill in the blanks (___) first" in answer.text
    requested.refresh_from_db()
    assert requested.state == "requested"


# --- Requests that no longer wait ---------------------------------------------------------------
def lapse(walk, time_machine, *, days=0):
    """Let the time of the walk pass, and some days more."""
    time_machine.move_to(walk.ends_at + dt.timedelta(hours=1), tick=False)
    approval.lapse(walk, now=walk.ends_at + dt.timedelta(hours=1))
    time_machine.move_to(walk.ends_at + dt.timedelta(days=days, hours=2), tick=False)


def test_an_empty_page_does_not_say_that_every_walk_is_approved(as_head):
    page = html_of(as_head.get(PAGE))
    assert "We’ll e-mail you when the next one arrives." in page
    assert "Every walk is approved" not in page


@pytest.mark.parametrize(("days", "counted"), [(6, True), (8, False)])
def test_requests_that_passed_within_a_week_are_counted_without_names(
    sign_in, head, requested, walker, time_machine, days, counted
):
    lapse(requested, time_machine, days=days)
    page = html_of(sign_in(head).get(PAGE))
    assert ("One request was not approved in time. It is a draft again" in page) == counted
    assert walker.given_name not in page


def test_requests_that_passed_are_counted_beside_an_open_suggestion(sign_in, head, requested, hosts, time_machine):
    samuel = a_person(requested.walker.school, "Samuel", "Brandt")
    a_walk(samuel, hosts, state="changes_asked", date=THURSDAY + dt.timedelta(days=7))
    lapse(requested, time_machine)
    page = html_of(sign_in(head).get(PAGE))
    assert "One request was not approved in time." in page and "We’ll e-mail you when Samuel answers." in page


def test_requests_of_other_grades_are_not_counted(requested, other_head, sign_in, time_machine):
    lapse(requested, time_machine)
    assert "One request" not in html_of(sign_in(other_head).get(PAGE))


def test_the_link_in_an_old_mail_says_that_the_request_no_longer_waits(sign_in, head, requested, time_machine):
    lapse(requested, time_machine)
    page = sign_in(head).get(ADJUST(requested), follow=True)
    assert page.redirect_chain == [(PAGE, 302)]
    assert "This request is no longer waiting." in html_of(page)


def test_approving_a_passed_request_says_that_it_no_longer_waits(sign_in, head, requested, time_machine):
    lapse(requested, time_machine)
    assert "This request is no longer waiting." in html_of(sign_in(head).post(APPROVE(requested), follow=True))
    assert Walk.objects.get().state == State.DRAFT


@pytest.mark.parametrize("who", ["other_head", "administrator", "colleague", "stranger"])
def test_others_get_404_for_a_request_that_has_passed(who, request, requested, sign_in, time_machine):
    lapse(requested, time_machine)
    person = request.getfixturevalue(who)
    assert sign_in(person).get(ADJUST(requested)).status_code == 404


def test_a_walker_who_covers_or_is_not_at_school_then_is_not_shown_as_free(as_head, requested, walker, school):
    walker.hours_at_school.update(starts_at=dt.time(8), ends_at=dt.time(9))
    page = html_of(as_head.get(PAGE))
    assert "Amara is not at school at that time." in page and "Free that period" not in page
    assert "Suggest another time" in main_links(page) and "Write to Amara" not in page
    page = html_of(as_head.get(ADJUST(requested)))
    asking = sentences(html_of(as_head.get(f"{ADJUST(requested)}?ask=1")))
    assert asking[0] == "You’re not at school then, by the timetable. Would ___ suit you?"
    assert "Ask Amara for a change" in main_links(page) and "btn-primary" not in page.split('id="decide"')[1]
    walker.hours_at_school.update(ends_at=dt.time(17))
    other = a_person(school, "Kofi", "Mensah")
    a_walk(other, [a_person(school, "Ines", "Other")], cover=walker)
    page = html_of(as_head.get(PAGE))
    assert "Amara covers a colleague’s class at that time." in page
    assert "Free that period" not in page
