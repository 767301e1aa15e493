"""What a Head of Grade can still change after deciding: undo, move the walk, ask for a change, cancel."""

import datetime as dt
import re

import pytest

from notifications.models import Message, MessageState
from notifications.sending import delivery
from school.models import Period
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person, at_school_all_day
from school.tests.pages import html_of
from walks.mail import emails
from walks.models import State, Walk
from walks.tests.factories import a_walk

pytestmark = pytest.mark.usefixtures("frozen_clock")

LATER = NOW + emails.TIME_TO_UNDO


def undo_url(answer):
    """Return the address of the last Undo button on the page."""
    return re.findall(r'action="(/approvals/[^"]*(?:undo|back)/[^"]*)"', answer.text)[-1].replace("&amp;", "&")


def mails(template, **fields):
    """Return the mails of one template."""
    return Message.objects.filter(key__startswith=f"{template}:", **fields)


def approve(as_head, walk, **data):
    return as_head.post(f"/approvals/{walk.pk}/approve/", {"version": walk.calendar_sequence, **data}, follow=True)


def adjust_form(walk, **changes):
    """Return what the form of one request posts, with some values changed."""
    stops = [stop.room_id for stop in walk.stops.all()]
    version = Walk.objects.get(pk=walk.pk).calendar_sequence
    return {"date": walk.date, "period": walk.period_id, "stop": stops, "words": "", "version": version} | changes


# --- Undo ---------------------------------------------------------------------------------------
def test_undo_within_half_a_minute_stops_every_mail(as_head, requested, hosts):
    answer = approve(as_head, requested)
    assert "Approved: Amara Osei, Thu 12 Nov, Period 3." in html_of(answer)
    delivery.sweep(NOW)
    assert "Undone. The walk needs your approval." in html_of(as_head.post(undo_url(answer), follow=True))
    walk = Walk.objects.get()
    assert (walk.state, walk.decided_by) == (State.REQUESTED, None)
    delivery.sweep(LATER)
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.CANCELLED}


def test_an_undo_after_the_mails_were_sent_mails_the_same_people_again(as_head, requested, hosts, walker, school):
    a_lesson(walker, "210", title="7B Music")
    cover = a_person(school, "Ana", "Duarte")
    answer = approve(as_head, requested, cover=cover.pk)
    assert "Period 3, with Ana Duarte as cover." in html_of(answer)
    delivery.sweep(LATER)
    as_head.post(undo_url(answer))
    assert mails("approval_undone").get().calendar_method == "CANCEL"
    assert {m.recipient for m in mails("not_approved_after_all")} == {*hosts, cover}
    assert mails("not_approved_after_all").get(recipient=cover).calendar_method == "CANCEL"
    assert Walk.objects.get().cover is None


def test_undo_brings_back_the_rooms_that_the_head_had_taken_out(as_head, requested, hosts):
    for host, code in zip(hosts, ("204", "206", "208"), strict=True):
        a_lesson(host, code, period=2)
    before = list(requested.stops.values_list("room", "host"))
    moved = adjust_form(requested, period=Period.objects.get(position=2).pk, stop=[room for room, _host in before[:2]])
    answer = as_head.post(f"/approvals/{requested.pk}/", moved, follow=True)
    assert "Approved: Amara Osei, Thu 12 Nov, Period 2." in html_of(answer)
    as_head.post(undo_url(answer))
    walk = Walk.objects.get()
    assert (walk.state, walk.period.position) == (State.REQUESTED, 3)
    assert list(walk.stops.values_list("room", "host")) == before


def test_undo_does_not_change_a_walk_that_has_started(as_head, requested, walker):
    answer = approve(as_head, requested)
    Walk.objects.update(started_at=NOW)
    again = as_head.post(undo_url(answer), follow=True)
    assert Walk.objects.get().state == State.APPROVED and "You approved this walk" in html_of(again)


def test_a_question_can_be_taken_back(as_head, requested):
    answer = as_head.post(f"/approvals/{requested.pk}/ask/", {"words": "Period 2?"}, follow=True)
    delivery.sweep(NOW)
    assert f'href="/approvals/{requested.pk}/"' in answer.text
    page = html_of(as_head.get(f"/approvals/{requested.pk}/"))
    assert "You wrote, Wed 09:00:" in page and "Period 2?" in page and "No change needed" in page
    as_head.post(undo_url(answer))
    assert Walk.objects.get().state == State.REQUESTED
    assert mails("change_asked").get().state == MessageState.CANCELLED


def test_an_old_undo_does_not_take_back_a_newer_question(as_head, requested):
    first = as_head.post(f"/approvals/{requested.pk}/ask/", {"words": "Period 2?"}, follow=True)
    old_page = as_head.get(f"/approvals/{requested.pk}/")
    as_head.post(undo_url(first))
    as_head.post(f"/approvals/{requested.pk}/ask/", {"words": "Only three rooms?"})
    for shown in (first, old_page):
        answer = as_head.post(undo_url(shown), follow=True)
        assert "There is a newer request for a change, so nothing was taken back." in html_of(answer)
    assert Walk.objects.get().state == State.CHANGES_ASKED


def test_an_old_undo_does_not_take_back_a_newer_question_about_an_approved_walk(as_head, requested):
    question = {"words": "A test came up.", "approved": "1"}
    approve(as_head, requested)
    first = as_head.post(f"/approvals/{requested.pk}/ask/", question, follow=True)
    as_head.post(undo_url(first))
    approve(as_head, requested)
    as_head.post(f"/approvals/{requested.pk}/ask/", question)
    as_head.post(undo_url(first))
    assert Walk.objects.get().state == State.CHANGES_ASKED


def test_a_decider_is_called_you_in_the_message_about_an_earlier_decision(as_head, requested):
    approve(as_head, requested)
    as_head.post(f"/approvals/{requested.pk}/cancel/", {"words": "The school is closed."})
    answer = as_head.post(f"/approvals/{requested.pk}/ask/", {"words": ""}, follow=True)
    assert "You cancelled this walk at 09:00." in html_of(answer)


# --- Coming walks -------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 4])
def test_coming_walks_are_listed_by_day(rows, as_head, hosts, school, django_assert_num_queries):
    for n in range(rows):
        a_walk(a_person(school, f"N{n}"), hosts, date=THURSDAY + dt.timedelta(days=7 * (n % 2)))
    as_head.get("/approvals/coming/")  # reads the directory
    with django_assert_num_queries(11):  # two for the visitors to the rooms of the first walk
        page = html_of(as_head.get("/approvals/coming/"))
    assert page.count("<h4") == rows and "This week" in page and "Thursday 12 November" in page


def test_coming_walks_stand_beside_the_visitors_to_the_rooms_of_one_walk(as_head, hosts, school):
    first = a_walk(a_person(school, "First"), hosts)
    other = a_walk(a_person(school, "Other"), hosts[:1], date=THURSDAY + dt.timedelta(days=1), period=2)
    answer = as_head.get("/approvals/coming/")
    assert f'href="/approvals/{first.pk}/"' in answer.text and f'href="/approvals/{other.pk}/"' in answer.text
    assert "Visitors on Thu 12 Nov" in html_of(answer)
    grid = as_head.get(f"/approvals/coming/?walk={other.pk}").context["visitor_grid"]
    assert [(room.code, [cell.count for cell in row]) for room, row in grid.rows] == [("204", [0, 1, 0])]


def test_a_phone_shows_the_grid_below_the_walk_in_the_address(as_head, hosts, school):
    walks = [a_walk(a_person(school, name), hosts) for name in ("First", "Other")]
    assert 'id="visitors-below"' not in as_head.get("/approvals/coming/").text
    page = as_head.get(f"/approvals/coming/?walk={walks[1].pk}").text
    assert page.count('id="visitors-below"') == 1
    assert page.index(f'id="walk-{walks[1].pk}"') < page.index('id="visitors-below"')


def test_visitors_are_shown_even_for_a_walk_outside_the_periods(as_head, hosts, school):
    walk = a_walk(a_person(school, "First"), hosts)
    later = dt.timedelta(hours=10)  # than every period of that day
    Walk.objects.update(starts_at=walk.starts_at + later, ends_at=walk.ends_at + later)
    assert "Visitors on" in html_of(as_head.get("/approvals/coming/"))


def test_the_page_says_if_no_walk_is_coming(as_head, requested):
    assert "Walks show here as soon as you approve them." in html_of(as_head.get("/approvals/coming/"))
    Walk.objects.all().delete()
    assert "No walk is waiting for your approval." in html_of(as_head.get("/approvals/coming/"))


@pytest.mark.parametrize(("path", "here"), [("/approvals/", "To approve"), ("/approvals/coming/", "Upcoming")])
def test_two_tabs_lead_from_requests_to_upcoming_walks(path, here, as_head, requested):
    tabs = html_of(as_head.get(path)).split('aria-label="Walks of your grades"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', tabs) == ["/approvals/", "/approvals/coming/"]
    assert re.search(r'aria-current="page" ?>([^<]+)<', tabs).group(1).strip() == here


def test_an_administrator_sees_no_rooms_of_a_walk_that_no_longer_waits_for_them(sign_in, administrator, head, hosts):
    a_walk(head, hosts)
    page = html_of(sign_in(administrator).get("/approvals/coming/"))
    assert head.full_name in page
    assert ">204<" not in page.replace(" ", "")


# --- An approved walk changes -------------------------------------------------------------------
def test_moving_an_approved_walk_mails_the_change_to_everybody(as_head, requested, hosts, walker, school):
    for host, code in zip(hosts[:2], ("204", "206"), strict=True):
        a_lesson(host, code, period=2)
    approve(as_head, requested)
    delivery.sweep(LATER)
    walk = Walk.objects.get()
    page = html_of(as_head.get(f"/approvals/{walk.pk}/"))
    assert "Save the change" in page and "Period 2 (free)" in page and "Period 1 (teaches Osei class)" in page
    rooms = list(walk.stops.values_list("room", flat=True))[:2]
    second = Period.objects.get(position=2)
    as_head.post(f"/approvals/{walk.pk}/", adjust_form(walk, period=second.pk, stop=rooms, approved="1"))
    walk.refresh_from_db()
    assert (walk.state, walk.period, walk.stops.count()) == (State.APPROVED, second, 2)
    assert mails("adjusted").get().calendar_method == "REQUEST"
    assert {m.recipient for m in mails("no_longer_needed")} == {hosts[2]}
    again = mails("host", body_text__contains="This replaces our earlier e-mail.")
    assert {m.recipient for m in again} == set(hosts[:2])


def test_an_old_page_of_a_request_does_not_change_a_walk_approved_since(as_head, requested, hosts):
    for host, code in zip(hosts, ("204", "206", "208"), strict=True):
        a_lesson(host, code, period=2)
    Walk.objects.update(state=State.APPROVED)
    as_head.post(f"/approvals/{requested.pk}/", adjust_form(requested, period=Period.objects.get(position=2).pk))
    assert Walk.objects.get().period.position == 3


def test_hosts_get_no_mail_if_only_the_cover_changes(as_head, requested, walker, school):
    a_lesson(walker, "210", title="7B Music")
    ana, ben = (a_person(school, name, "Duarte") for name in ("Ana", "Ben"))
    approve(as_head, requested, cover=ana.pk)
    delivery.sweep(LATER)
    as_head.post(f"/approvals/{requested.pk}/", adjust_form(requested, cover=ben.pk, approved="1"))
    assert mails("cover", recipient=ben).exists() and mails("host").count() == 3
    assert (
        mails("no_longer_needed").get().recipient == ana and mails("no_longer_needed").get().calendar_method == "CANCEL"
    )


def test_the_head_asks_for_a_change_of_an_approved_walk(as_head, requested, hosts):
    approve(as_head, requested)
    delivery.sweep(LATER)
    as_head.post(f"/approvals/{requested.pk}/ask/", {"words": "A test came up.", "approved": "1"})
    assert Walk.objects.get().state == State.CHANGES_ASKED
    assert mails("change_asked").get().calendar_method == "CANCEL"
    assert {m.recipient for m in mails("not_approved_after_all")} == set(hosts)


def test_cancelling_sends_the_words_to_everybody(as_head, requested, hosts, walker, head):
    approve(as_head, requested)
    delivery.sweep(LATER)
    url = f"/approvals/{requested.pk}/cancel/"
    assert "An e-mail goes to Amara and three colleagues." in html_of(as_head.get(url))
    assert as_head.post(url, {"words": ""}).status_code == 422
    as_head.post(url, {"words": "The school is closed that day."})
    assert Walk.objects.get().state == State.CANCELLED
    found = Message.objects.filter(body_text__contains="The school is closed that day.")
    assert {m.recipient for m in found} == {walker, *hosts}


def test_before_cancelling_the_page_names_the_other_heads_who_get_the_words(as_head, requested, walker, school):
    walker.grade.heads.add(a_person(school, "Ruth", "Adeyemi"))
    requested.events.create(actor=walker, action="request", at=NOW)
    emails.send_request(requested, now=NOW)
    delivery.sweep(NOW)
    approve(as_head, requested)
    delivery.sweep(LATER)
    url = f"/approvals/{requested.pk}/cancel/"
    assert "An e-mail goes to Amara, Ruth and three colleagues." in html_of(as_head.get(url))
    as_head.post(url, {"words": "The school is closed that day."})
    found = Message.objects.filter(body_text__contains="The school is closed that day.")
    assert {"Amara", "Ruth"} < {mail.recipient.given_name for mail in found}
    assert found.count() == 5


def test_an_approved_walk_keeps_its_own_time_after_the_bells_changed(requested, head, sign_in, time_machine):
    Walk.objects.update(state=State.APPROVED)
    Period.objects.filter(position=3).update(starts_at=dt.time(9, 50), ends_at=dt.time(10, 40))
    time_machine.move_to(requested.starts_at - dt.timedelta(minutes=5))
    as_head = sign_in(head)
    page = html_of(as_head.get(f"/approvals/{requested.pk}/"))
    assert "10:10 to" in page and "Period 3 (free)" in page and "This time has passed" not in page
    rooms = list(requested.stops.values_list("room", flat=True))[:2]
    as_head.post(f"/approvals/{requested.pk}/", adjust_form(requested, stop=rooms, approved="1"))
    walk = Walk.objects.get()
    assert (walk.starts_at, walk.stops.count()) == (requested.starts_at, 2)


# --- Many at once -------------------------------------------------------------------------------
def test_clear_requests_and_requests_with_ways_out_take_two_clicks(as_head, hosts, school):
    clear = [a_walk(a_person(school, f"N{n}"), hosts[:2], state="requested", date=nth_school_day(n)) for n in range(4)]
    teaching = a_person(school, "Hana", "Kovac")
    a_lesson(teaching, "210", title="7B Music")
    substitute = a_person(school, "Ana", "Duarte")
    a_lesson(substitute, "210", period=1)
    at_school_all_day(substitute)
    needs_cover = a_walk(teaching, hosts[:2], state="requested", date=nth_school_day(5))
    to_a_full_room = a_walk(a_person(school, "Sam"), hosts, state="requested", date=nth_school_day(6))
    for n in range(2):
        other = a_walk(a_person(school, f"G8{n}", grade="Grade 8"), hosts[:1], date=nth_school_day(6))
        other.stops.update(room=to_a_full_room.stops.last().room)
    page = as_head.get("/approvals/")
    assert (len(page.context["clear_requests"]), len(page.context["requests_with_suggestion"])) == (4, 2)
    as_head.post("/approvals/all-clear/", {"walk": [f"{walk.pk}:{walk.calendar_sequence}" for walk in clear]})
    shown = [line.suggestion.fingerprint for line in page.context["requests_with_suggestion"]]
    answer = as_head.post("/approvals/suggested/", {"suggestion": [*shown, "1:2", "x"]}, follow=True)
    done = Walk.objects.filter(state=State.APPROVED, pk__in=[needs_cover.pk, to_a_full_room.pk])
    assert {(walk.pk, walk.cover_id) for walk in done} == {(needs_cover.pk, substitute.pk), (to_a_full_room.pk, None)}
    assert Walk.objects.get(pk=to_a_full_room.pk).date > to_a_full_room.date
    as_head.post(undo_url(answer))
    assert Walk.objects.filter(state=State.REQUESTED).count() == 2
    assert Walk.objects.get(pk=to_a_full_room.pk).date == to_a_full_room.date


def nth_school_day(n):
    """Return the nth school day after Thursday 12 November."""
    return THURSDAY + dt.timedelta(days=n + 2 * ((n + 3) // 5))
