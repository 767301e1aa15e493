"""My walks, one walk in every state, and what its walker may do with it."""

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from school.models import DayOff, Period, Person, RoomClosure, Semester
from school.tests.concurrency import just_before_the_next_transaction
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person
from school.tests.pages import text_of
from walks.models import State, Stop, Walk, WalkEvent
from walks.tests.factories import a_plan, a_second_teacher, a_walk
from walks.workflow import approval, drafts

pytestmark = pytest.mark.usefixtures("frozen_clock")

LIST = reverse("walks:list")


def url(name, walk):
    return reverse(f"walks:{name}", args=[walk.pk])


def buttons(response):
    """Return the buttons in the page's main column."""
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    found = re.findall(r'<(?:a|button)[^>]*class="\s*btn[^>]*>(.*?)</(?:a|button)>', main, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in found]


def solid_buttons(response):
    """Return the solid buttons in the page's main column."""
    main = response.text.split("<main")[1].split("</main>")[0]
    found = re.findall(r'<a\s+class="\s*btn [^"]*btn-(?:primary|praise)\b[^>]*>(.*?)</a>', main, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", text).strip().partition(":")[0] for text in found]


def a_walk_with_status(walker, hosts, key):
    """Create a walk whose page shows this status."""
    if key == "missed":
        return a_walk(walker, hosts, date=THURSDAY - dt.timedelta(days=3))
    if key == "passed":
        return a_walk(walker, hosts, state="draft", date=THURSDAY - dt.timedelta(days=3))
    if key == "walking":
        return a_walk(walker, hosts, started_at=NOW)
    if key == "forgotten":
        return a_walk(walker, hosts, started_at=NOW - dt.timedelta(hours=5))
    if key in ("praise_due", "praise_late", "takeaway"):
        days = {"praise_due": 1, "praise_late": 3, "takeaway": 1}[key]
        walk = a_walk(walker, hosts, state="walked", date=NOW.date() - dt.timedelta(days=days), period=3)
        if key == "takeaway":
            walk.stops.update(thanked_at=NOW)
        return walk
    return a_walk(walker, hosts, state=key)


def test_a_walker_without_walks_can_plan_or_log_one(walker, sign_in):
    response = sign_in(walker).get(LIST)
    assert "Your walks will be here Most take two minutes to plan." in text_of(response)
    assert "Log a walk I did" in text_of(response)
    assert buttons(response) == ["Plan a walk"]


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("draft", "Finish and send"),
        ("requested", ""),
        ("changes_asked", "Read and reply"),
        ("missed", "Pick another time"),
        ("walking", "Back to my walk"),
        ("praise_due", "Write to Jonas"),
        ("takeaway", "Add my takeaway"),
        ("complete", ""),
    ],
)
def test_each_walk_in_the_list_has_its_next_step(key, action, walker, hosts, sign_in):
    a_walk_with_status(walker, hosts, key)
    shown = buttons(sign_in(walker).get(LIST))[1:]
    assert [words.partition(":")[0] for words in shown] == ([action] if action else [])


def test_the_most_urgent_step_of_today_has_the_solid_button_of_the_list(walker, hosts, head, sign_in):
    client = sign_in(walker)
    a_walk(walker, hosts, state="requested")
    assert solid_buttons(client.get(LIST)) == ["Plan a walk"]
    a_walk_with_status(walker, hosts, "takeaway")
    assert solid_buttons(client.get(LIST)) == ["Add my takeaway"]
    a_walk(walker, hosts, date=NOW.date())
    assert solid_buttons(client.get(LIST)) == ["Start walk"]
    a_walk_with_status(walker, hosts, "praise_due")
    assert solid_buttons(client.get(LIST)) == ["Write to Jonas"]


@pytest.fixture
def spring(school):
    """The semester before this one."""
    dates = {"starts_on": dt.date(2026, 2, 1), "ends_on": dt.date(2026, 7, 1)}
    return Semester.objects.create(school=school, name="Spring 2026", **dates)


def test_walks_of_earlier_semesters_are_folded_unless_something_is_to_do(spring, walker, hosts, head, sign_in):
    client = sign_in(walker)
    a_walk(walker, hosts, state="complete", date=dt.date(2026, 3, 5))
    assert "Autumn 2026 No walk yet this semester." in text_of(client.get(LIST))
    a_walk(walker, hosts)
    page = client.get(LIST)
    assert re.search("Autumn 2026 Nov 12 .* Earlier semesters Mar 5 .* Spring 2026 Thursday", text_of(page))
    assert "<details >" in page.text
    a_walk(walker, hosts, state="walked", date=dt.date(2026, 3, 6))
    assert "<details open>" in client.get(LIST).text


def test_the_list_shows_only_the_persons_own_walks(walker, hosts, head, sign_in):
    a_walk(walker, hosts)
    assert not sign_in(head).get(LIST).context["page"].object_list


def test_the_list_shows_twenty_walks_a_page(walker, hosts, head, sign_in):
    for _n in range(21):
        a_walk(walker, hosts[:1], state="cancelled")
    client = sign_in(walker)
    assert [len(client.get(LIST, {"page": n}).context["page"]) for n in (1, 2)] == [20, 1]


def test_an_approved_walk_shows_closed_rooms_and_colleagues_who_left(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="approved")
    client = sign_in(walker)
    assert "Worth a look" not in text_of(client.get(url("detail", walk)))
    first, second, _third = walk.stops.order_by("position")
    RoomClosure.objects.create(room=first.room, date=walk.date, reason="Test")
    Person.objects.filter(pk=second.host_id).update(is_active=False)
    page = client.get(url("detail", walk))
    assert (
        "Room 204 takes no visitors at that time: Test. Nobody teaches in Room 206 at that time. Change my plan"
        in text_of(page)
    )


def test_a_suggested_time_names_who_teaches_there_then(walker, hosts, head, school, sign_in):
    second = Period.objects.get(position=2)
    a_lesson(a_person(school, "Ingrid", "Larsen"), "204", period=2)
    a_lesson(hosts[2], "208", period=2)  # still the host of 208, so the page does not name her
    walk = a_walk(walker, hosts, state="changes_asked", suggested_period=second)
    page = text_of(sign_in(walker).get(url("detail", walk)))
    assert "Other teachers then: 204 Ingrid Larsen 206 Nobody, so you would skip it Accept" in page
    assert "Other teachers then" not in text_of(sign_in(head).get(url("detail", walk)))


def test_an_approved_walk_shows_a_new_day_off_but_not_a_day_that_never_had_school(walker, hosts, sign_in):
    saturday = a_walk(walker, hosts, state="approved", date=THURSDAY + dt.timedelta(days=2))
    client = sign_in(walker)
    assert "Worth a look before you go" not in text_of(client.get(url("detail", saturday)))
    walk = a_walk(walker, hosts, state="approved")
    DayOff.objects.create(school=walker.school, date=walk.date, label="Storm")
    page = text_of(client.get(url("detail", walk)))
    assert "There is no school on Thursday 12 November. Your rooms and focus are kept. Pick another day" in page


def test_a_finished_walk_shows_what_happened_and_not_what_was_planned(walker, hosts, sign_in):
    walk = a_walk(walker, hosts, state="walked", finished_at=NOW)
    first, second, third = walk.stops.all()
    Walk.objects.filter(pk=walk.pk).update(started_at=NOW - dt.timedelta(minutes=3))
    first.arrived_at = second.left_at = NOW
    second.arrived_at = NOW - dt.timedelta(minutes=3)
    first.left_at = None
    third.arrived_at = third.left_at = None
    third.skipped_at = NOW
    Stop.objects.bulk_update([first, second, third], ["arrived_at", "left_at", "skipped_at"])
    client = sign_in(walker)
    page = text_of(client.get(url("detail", walk)))
    assert "Two rooms, 3 minutes 206 Leila" in page
    assert "206 204 208" in text_of(client.get(LIST))


@pytest.mark.parametrize("rooms", [1, 3])
def test_a_walk_takes_the_same_number_of_queries_for_one_room_and_for_three(
    rooms, walker, hosts, head, colleague, sign_in, django_assert_num_queries
):
    walk = a_walk(walker, hosts[:rooms], state="approved")
    for stop in walk.stops.all()[1:]:
        a_second_teacher(stop, colleague)
    client = sign_in(walker)
    with django_assert_num_queries(14):
        client.get(url("detail", walk))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_number_of_queries_for_one_and_for_three(
    count, walker, hosts, head, sign_in, django_assert_num_queries
):
    for _n in range(count):
        a_walk(walker, hosts, state="requested")
    client = sign_in(walker)
    with django_assert_num_queries(7):
        client.get(LIST)


@pytest.mark.parametrize(
    ("key", "pill", "offered"),
    [
        ("draft", "Draft", ["Finish and send", "Delete this draft"]),
        ("passed", "Draft", ["Pick another day", "I did this walk", "Delete this draft"]),
        ("requested", "Waiting for Lucía", ["Edit", "Take it back", "Cancel this walk"]),
        ("changes_asked", "Change asked for", ["Change my plan", "Send reply", "Cancel this walk"]),
        ("approved", "Ready to walk", ["Add to calendar", "Change", "Cancel this walk"]),
        ("missed", "Another time?", ["Pick another time", "I did this walk", "Cancel this walk"]),
        ("walking", "Walking now", ["Back to my walk"]),
        ("forgotten", "Still walking?", ["Finish my walk"]),
        ("praise_due", "Praise to send", ["Write to Jonas", "Correct the times"]),
        ("praise_late", "Praise still welcome", ["Write to Jonas", "Correct the times"]),
        ("takeaway", "Takeaway to write", ["Add my takeaway", "Correct the times"]),
        ("complete", "Complete", ["Plan another", "My takeaway", "Correct the times"]),
        ("cancelled", "Cancelled", ["Plan again"]),
    ],
)
def test_every_state_has_its_next_action(key, pill, offered, walker, hosts, head, sign_in):
    walk = a_walk_with_status(walker, hosts, key)
    response = sign_in(walker).get(url("detail", walk))
    assert (response.context["status"].key, response.context["status"].words) == (key, pill)
    assert buttons(response) == offered


def test_on_the_day_the_walk_can_be_started(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, date=NOW.date())
    walk.focus.update(look_fors="Pairs talk\nEverybody speaks")
    response = sign_in(walker).get(url("detail", walk))
    assert buttons(response) == ["Start walk", "Add to calendar", "Change", "Cancel this walk"]
    assert "Look for: Pairs talk · Everybody speaks" in text_of(response)


@pytest.mark.parametrize(
    "key",
    [
        "requested",
        "changes_asked",
        "approved",
        "missed",
        "walking",
        "praise_due",
        "takeaway",
        "complete",
        "cancelled",
    ],
)
def test_the_head_sees_the_walk_without_the_walkers_buttons(key, walker, hosts, head, sign_in):
    response = sign_in(head).get(url("detail", a_walk_with_status(walker, hosts, key)))
    assert buttons(response) == (["Approve", "Adjust", "Ask for a change"] if key == "requested" else [])
    assert "Amara Osei’s walk" in text_of(response)
    assert ("Waiting for you" in text_of(response)) == (key == "requested")
    assert re.findall(r'href="([^"]+)" aria-current="page"', response.text) == ["/approvals/"] * 2  # top bar, tab bar
    assert "Thanked" not in text_of(response)


def test_an_administrator_sees_a_request_that_reached_them(walker, hosts, administrator, sign_in):
    walk = a_walk(walker, hosts, state="requested")
    assert buttons(sign_in(administrator).get(url("detail", walk))) == ["Approve", "Adjust", "Ask for a change"]


def test_the_focus_is_for_the_walker_and_their_head_not_for_an_administrator(
    walker, hosts, head, administrator, sign_in
):
    walk = a_walk(walker, hosts, state="requested")
    assert "Student talk" in sign_in(head).get(f"/walks/{walk.pk}/").content.decode()
    head.headed_grades.clear()
    page = sign_in(administrator).get(f"/walks/{walk.pk}/").content.decode()
    assert "The plan" in page
    assert "Student talk" not in page


@pytest.mark.parametrize("person", ["colleague", "host", "other_head", "stranger"])
@pytest.mark.parametrize("name", ["detail", "cancel"])
def test_others_get_404_for_a_walk(name, person, walker, hosts, head, sign_in, request):
    walk = a_walk(walker, hosts)
    assert sign_in(request.getfixturevalue(person)).get(url(name, walk)).status_code == 404


def test_nobody_else_sees_a_draft(walker, hosts, head, sign_in):
    assert sign_in(head).get(url("detail", a_walk(walker, hosts, state="draft"))).status_code == 404


@pytest.mark.parametrize("name", ["cancel", "take_back", "reply", "accept"])
def test_the_head_may_not_act_for_the_walker(name, walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="changes_asked")
    assert sign_in(head).post(url(name, walk), {"words": "No"}).status_code == 403


@pytest.mark.parametrize("name", ["take_back", "reply", "accept"])
def test_opening_the_address_of_a_button_is_refused(name, walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="changes_asked")
    assert sign_in(walker).get(url(name, walk)).status_code == 405


def test_the_page_shows_the_heads_message_and_the_suggested_time(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="requested")
    second = Period.objects.get(school=walker.school, position=2)
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=2)
    approval.ask_change(walk, words="Room 206 is full.", by=head, now=NOW, suggested_period=second)
    response = sign_in(walker).get(url("detail", walk))
    assert "Lucía suggests Period 2." in text_of(response)
    assert "Room 206 is full. Lucía Reyes, Wed 09:00" in text_of(response)
    assert buttons(response)[0] == "Accept Thu 12 Nov, Period 2"


def test_accepting_moves_the_walk(walker, hosts, head, sign_in):
    second = Period.objects.get(school=walker.school, position=2)
    walk = a_walk(walker, hosts, state="changes_asked", suggested_period=second)
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=2)
    response = sign_in(walker).post(url("accept", walk), follow=True)
    assert "Accepted. Your walk is approved for the new time." in text_of(response)
    assert Walk.objects.get().period == second


def test_accepting_without_a_suggested_time_is_explained(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="changes_asked")
    response = sign_in(walker).post(url("accept", walk), follow=True)
    assert "There is no suggested time to accept any more." in text_of(response)


def test_a_walk_waits_for_a_decision_again_after_a_reply(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="changes_asked")
    response = sign_in(walker).post(url("reply", walk), {"words": "Room 207 then?"}, follow=True)
    assert "Room 207 then?" in text_of(response)
    assert Walk.objects.get().state == State.REQUESTED


def test_an_empty_reply_says_what_to_do(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="changes_asked")
    response = sign_in(walker).post(url("reply", walk), {"words": " "})
    assert response.status_code == 422
    assert "One thing to fix Write a sentence, or accept the change" in text_of(response)


def test_a_request_that_is_taken_back_becomes_a_draft(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="requested")
    response = sign_in(walker).post(url("take_back", walk), follow=True)
    assert "Your walk is a draft again, and only you can see it." in text_of(response)
    assert Walk.objects.get().state == State.DRAFT


def test_a_reply_that_comes_too_late_keeps_its_text(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="changes_asked", date=NOW.date() - dt.timedelta(days=1))
    approval.lapse(walk, now=NOW)
    response = sign_in(walker).post(url("reply", walk), {"words": "Thursday would suit me"})
    assert response.status_code == 422
    assert "The day of this walk passed before it was approved" in text_of(response)
    assert "Thursday would suit me" in text_of(response)


def test_the_history_says_that_the_day_passed(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="requested", date=NOW.date() - dt.timedelta(days=1))
    approval.lapse(walk, now=NOW)
    shown = text_of(sign_in(walker).get(url("detail", walk)))
    assert "The day passed before it was approved, so it became a draft again, Wed 11 Nov, 09:00" in shown
    assert "Tuesday 10 November has passed. Your rooms and focus are kept." in shown


def test_a_decision_made_meanwhile_is_shown(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    response = sign_in(walker).post(url("take_back", walk), follow=True)
    assert "Lucía Reyes approved this walk at 09:00." in text_of(response)


@pytest.mark.parametrize(
    ("state", "announced", "expected"),
    [
        ("requested", True, "An e-mail goes to Lucía."),
        ("approved", True, "An e-mail goes to Lucía and three colleagues."),
        ("approved", False, "An e-mail goes to Lucía."),
        ("draft", True, "Nobody has seen it, so no e-mail is sent."),
    ],
)
def test_the_cancel_page_says_who_gets_a_mail(state, announced, expected, walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state=state, announced=announced)
    response = sign_in(walker).get(url("cancel", walk))
    assert expected in text_of(response)
    assert buttons(response) == ["Delete this draft" if state == "draft" else "Cancel this walk", "Keep it"]


def test_the_cancel_page_names_all_who_decide_and_counts_the_cover(walker, hosts, head, colleague, sign_in):
    walker.grade.heads.add(a_person(walker.school, "Ruth", "Adeyemi"))
    walk = a_walk(walker, hosts, announced=False, cover=colleague)
    assert "An e-mail goes to Ruth, Lucía and one colleague." in text_of(sign_in(walker).get(url("cancel", walk)))


def test_the_cancel_page_counts_the_hosts_if_nobody_decides(walker, hosts, sign_in):
    assert "An e-mail goes to three colleagues." in text_of(sign_in(walker).get(url("cancel", a_walk(walker, hosts))))


def test_the_walker_cancels_the_walk(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts)
    response = sign_in(walker).post(url("cancel", walk), follow=True)
    assert (Walk.objects.get().state, response.redirect_chain[-1][0]) == (State.CANCELLED, url("detail", walk))


def test_the_walker_deletes_a_draft(walker, hosts, sign_in):
    walk = a_walk(walker, hosts, state="draft")
    response = sign_in(walker).post(url("cancel", walk), follow=True)
    assert "Draft deleted." in text_of(response)
    assert not Walk.objects.exists()


def test_a_started_walk_cannot_be_cancelled(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, started_at=NOW)
    response = sign_in(walker).get(url("cancel", walk), follow=True)
    assert "there is nothing to cancel" in text_of(response)


def test_the_history_calls_its_reader_you(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    approval.start(walk, by=walker, now=NOW)
    assert [line.words for line in sign_in(walker).get(url("detail", walk)).context["history"]] == [
        "Lucía Reyes approved it",
        "You started the walk",
    ]
    assert sign_in(head).get(url("detail", walk)).context["history"][0].words == "You approved it"
    assert f"{NOW:%a} {NOW.day} {NOW:%b}, {NOW:%H:%M}" in sign_in(head).get(url("detail", walk)).content.decode()


def test_reopening_a_walk_is_not_in_its_history(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="complete")
    approval.reopen(walk, by=walker, now=NOW)
    assert sign_in(walker).get(url("detail", walk)).context["history"] == []


def test_a_removed_person_has_no_name_in_the_history(walker, hosts, sign_in):
    gone = a_person(walker.school, "Gone", "Head")
    walk = a_walk(walker, hosts)
    walk.events.create(actor=gone, action="approve", at=NOW, words="Enjoy")
    gone.delete()
    response = sign_in(walker).get(url("detail", walk))
    assert response.context["history"][0].words == "A former colleague approved it"


def test_a_room_with_two_teachers_counts_once_and_each_can_be_thanked(walker, hosts, colleague, head, sign_in):
    walk = a_walk(walker, hosts, state="walked")
    first = walk.stops.first()
    second = a_second_teacher(first, colleague)
    Stop.objects.filter(pk=first.pk).update(thanked_at=NOW)
    page = sign_in(walker).get(url("detail", walk))
    shown = text_of(page)
    assert "Three rooms, 15 minutes" in shown and "Three colleagues to thank" in shown
    assert (
        "Jonas Lindqvist Thanked Notes from Room 204 Praise for Jonas Samuel Brandt Grade 7 Maths Write to Samuel"
        in shown
    )
    assert all(f"/praise/{stop.pk}/" in page.text for stop in (first, second))
    assert page.text.count("from Room 204") == 1


def test_the_page_says_if_a_walk_has_no_rooms(walker, sign_in):
    walk = drafts.save(a_plan(walker, []), by=walker, now=NOW)
    assert "No rooms yet" in text_of(sign_in(walker).get(url("detail", walk)))


def test_a_cancelled_walk_says_who_cancelled_it(walker, hosts, head, administrator, sign_in):
    walk = a_walk(walker, hosts, state="cancelled")
    client = sign_in(walker)
    lines = []
    for actor in (None, administrator, walker):
        WalkEvent.objects.filter(walk=walk).delete()
        WalkEvent.objects.create(walk=walk, actor=actor, action="cancel", at=NOW)
        lines.append(client.get(f"{LIST}{walk.pk}/").context["status"].line)
    assert lines == ["Cancelled on 11 November.", "By Daniel Whitfield, 11 November.", "By you, 11 November."]


def test_deleting_a_walk_that_ended_meanwhile_shows_a_message(walker, hosts, head, sign_in):
    walk = a_walk(walker, hosts, state="draft", requested_at=NOW)

    def cancel():
        Walk.objects.filter(state=State.DRAFT).update(state=State.CANCELLED)

    with just_before_the_next_transaction(cancel):
        answer = sign_in(walker).post(f"{LIST}{walk.pk}/cancel/")
    assert answer.url == f"{LIST}{walk.pk}/"


@pytest.mark.parametrize(("left_at", "left_before"), [(NOW, True), (NOW + dt.timedelta(days=2), False)])
def test_after_the_walk_the_page_still_says_that_the_cover_had_left(
    left_at, left_before, walker, hosts, head, school, sign_in
):
    klaus = a_person(school, "Klaus", "Bauer", is_active=False, left_at=left_at)
    walk = a_walk(walker, hosts, state="complete", cover=klaus)
    page = text_of(sign_in(walker).get(url("detail", walk)))
    assert ("Cover Klaus Bauer (had left the school by that day)" in page) == left_before
    assert "Cover Klaus Bauer" in page
