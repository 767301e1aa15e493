"""Whole stories, from the plan to the report, in a browser without JavaScript."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from notifications import reminders
from notifications.models import Message
from notifications.sending import delivery
from observations.models import Photo
from observations.tests.photos.photo_files import encoded, quarters
from school.models import Grade, Period
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person
from walks.mail.emails import TIME_TO_UNDO
from walks.models import Walk
from walks.tests.factories import a_practice

from .browsing import Visitor

pytestmark = pytest.mark.django_db

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
WALKING = dt.datetime(2026, 11, 12, 10, 10, tzinfo=dt.UTC)
WORDS = "I noticed every table held up the answer and how they got it. I'll borrow that."


@pytest.fixture
def clock():
    """The school's clock, which stories move on."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(walker, hosts, head, administrator, clock):
    """Each person of the story with their own browser."""
    a_practice(walker.school)
    people = {"amara": walker, "jonas": hosts[0], "leila": hosts[1], "priya": hosts[2], "lucia": head}
    return {name: Visitor(person) for name, person in (people | {"daniel": administrator}).items()}


def subjects(since=0):
    """Return recipients and subjects of the mails after this id, in order."""
    mails = Message.objects.filter(pk__gt=since).exclude(state="cancelled").order_by("pk")
    return [(mail.recipient.given_name, mail.subject) for mail in mails.select_related("recipient")]


def newest_mail_id():
    """Return the id of the newest mail, or 0."""
    return Message.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def plan(visitor, period=3, *, date=THURSDAY, rooms=(0, 1, 2), button="Send to", **more):
    """Plan on the page: first day and period, then the rooms of the hallway, then the button."""
    visitor.open("/walks/new/")
    chosen = Period.objects.get(school__name="Test School", position=period)
    visitor.press("Show rooms", date=date.isoformat(), period=chosen.pk, focus=visitor.fields("focus")[:1], **more)
    visitor.press("Second floor")
    offered = visitor.fields("stop")
    visitor.press(button, stop=[offered[n] for n in rooms])
    delivery.sweep(clock_now())
    return Walk.objects.latest("pk")


def visit(visitor, note):
    """Enter a room, write a note, leave."""
    visitor.press("I’m in, start the clock")
    visitor.press("Done here", text=note)


def test_from_the_plan_to_the_report(cast, clock):
    amara, lucia, daniel = cast["amara"], cast["lucia"], cast["daniel"]
    a_lesson(a_person(amara.person.school, "Ben", "Quist"), "210")
    walk = plan(amara)
    amara.sees("Sent to Lucía. Most replies come within a day.")
    assert subjects() == [("Lucía", "Amara would like to go on a walk: Thu 12 Nov, Period 3")]
    lucia.open("/approvals/").sees("Amara Osei")
    lucia.press("Approve").sees("Approved: Amara Osei, Thu 12 Nov, Period 3.")
    last_mail = newest_mail_id()
    assert subjects()[1:] == [
        ("Amara", "Your walk is approved: Thu 12 Nov, Period 3"),
        ("Jonas", "Amara is dropping by on Thursday"),
        ("Leila", "Amara is dropping by on Thursday"),
        ("Priya", "Amara is dropping by on Thursday"),
    ]
    clock.move_to(WALKING)
    amara.open(f"/walks/{walk.pk}/go/").sees("Jonas Lindqvist", "204")
    amara.press("I’m in, start the clock").sees("Jonas Lindqvist", "Done here")
    photo = {"photos": _file(encoded(quarters())), "csrfmiddlewaretoken": _token(amara)}
    amara.client.post(f"{amara.path}photos/", photo)
    clock.shift(4 * MINUTE)
    amara.open(amara.path).press("Done here", text="Every table held up the answer.").sees("Leila Haddad")
    amara.press("Bad moment? Skip this room").sees("Priya Nair")
    visit(amara, "Three students explained the goal.")
    amara.open(f"/walks/{walk.pk}/go/rooms/").press("Add").sees("Ben Quist")
    clock.shift(4 * MINUTE)
    visit(amara, "")
    clock.shift(4 * MINUTE)
    amara.press("Finish my walk").sees("Three rooms, 12 minutes")
    for name in ("Jonas", "Priya", "Ben"):
        amara.open(f"/walks/{walk.pk}/praise/").sees(f"To {name}")
        amara.press(f"Send to {name}", text=f"{WORDS} Thank you, {name}.")
    amara.press("Undo").sees("Not sent. You can change it and send it again.")
    clock.shift(MINUTE)
    amara.press("Mark Ben as thanked").sees("Ben is marked as thanked.")
    delivery.sweep(clock_now())
    amara.press("Save my takeaway", text="Answer-and-how boards")
    assert subjects(last_mail) == [
        ("Jonas", "Amara visited Room 204 and wanted you to know…"),
        ("Priya", "Amara visited Room 208 and wanted you to know…"),
        ("Amara", "Your autumn walk is complete"),
    ]
    cast["jonas"].open("/praise/").sees("every table held up the answer and how they got it")
    cast["jonas"].press("Say thanks")
    assert subjects()[-1] == ("Amara", "Jonas says thank you")
    daniel.open("/report/").sees("Osei, Amara", "Complete")
    walk.refresh_from_db()
    assert Photo.objects.get().stop.room.code == "204"
    assert (walk.state, [stop.room.code for stop in walk.stops.visited()]) == ("complete", ["204", "208", "210"])


def test_both_teachers_of_a_room_are_told_and_each_gets_a_letter_that_nobody_else_reads(cast, clock):
    amara, lucia = cast["amara"], cast["lucia"]
    samuel = Visitor(a_person(amara.person.school, "Samuel", "Brandt"))
    a_lesson(samuel.person, "204")
    walk = plan(amara, rooms=(0, 1))
    amara.open(f"/walks/{walk.pk}/").sees("Two rooms, 11 minutes", "Samuel Brandt and Jonas Lindqvist")
    lucia.open(f"/approvals/{walk.pk}/").sees("Samuel Brandt and Jonas Lindqvist").press("Approve")
    told = [name for name, subject in subjects() if "dropping by" in subject]
    assert sorted(told) == ["Jonas", "Leila", "Samuel"]
    clock.move_to(WALKING)
    amara.open(f"/walks/{walk.pk}/go/").sees("Samuel Brandt and Jonas Lindqvist")
    visit(amara, "Every table held up the answer.")
    amara.sees("Leila Haddad")
    visit(amara, "")
    clock.shift(4 * MINUTE)
    amara.press("Finish my walk").sees("Two rooms")
    hosts = {"Samuel": samuel, "Jonas": cast["jonas"], "Leila": cast["leila"]}
    for name in hosts:
        amara.open(f"/walks/{walk.pk}/praise/").sees(f"To {name}")
        assert ("Every table held up the answer." in amara.page.text) == (name != "Leila")
        amara.press(f"Send to {name}", text=f"This is only for {name}.")
    clock.shift(MINUTE)
    delivery.sweep(clock_now())
    for name, host in hosts.items():
        letter = Message.objects.get(kind="praise", recipient=host.person)
        for page in (host.open("/praise/").page.text, letter.body_text):
            assert [other for other in hosts if f"only for {other}." in page] == [name]
    amara.open(f"/walks/{walk.pk}/takeaway/").press("Save my takeaway", text="Boards")
    amara.sees("Two rooms, three colleagues thanked, one idea to try.")


def _file(content):
    return SimpleUploadedFile("IMG_0001.jpg", content, "image/jpeg")


def _token(visitor):
    return visitor.fields("csrfmiddlewaretoken")[0]


def clock_now():
    return dt.datetime.now(dt.UTC)


def test_a_change_is_asked_for_and_accepted(cast):
    amara, lucia = cast["amara"], cast["lucia"]
    walk = plan(amara)
    lucia.open(f"/approvals/{walk.pk}/?ask=1")
    lucia.press(
        "Ask for this change",
        words="That day has tests. Friday?",
        suggested_date="2026-11-13",
        suggested_period=walk.period_id,
    )
    delivery.sweep(clock_now() + TIME_TO_UNDO)
    amara.open(f"/walks/{walk.pk}/").sees("That day has tests. Friday?").press("Accept Fri 13 Nov, Period 3")
    walk.refresh_from_db()
    assert (walk.state, walk.date) == ("approved", dt.date(2026, 11, 13))
    assert subjects()[1:] == [
        ("Amara", "A small change to your Thursday walk?"),
        ("Amara", "Your walk is approved: Fri 13 Nov, Period 3"),
        ("Jonas", "Amara is dropping by on Friday"),
        ("Leila", "Amara is dropping by on Friday"),
        ("Priya", "Amara is dropping by on Friday"),
        ("Lucía", "Amara accepts the new time: Fri 13 Nov, Period 3"),
    ]


def test_a_change_is_asked_for_and_answered(cast):
    amara, lucia = cast["amara"], cast["lucia"]
    walk = plan(amara)
    lucia.open(f"/approvals/{walk.pk}/?ask=1").press("Ask for this change", words="Could you add a room or two?")
    delivery.sweep(clock_now() + TIME_TO_UNDO)
    amara.open(f"/walks/{walk.pk}/").press("Send reply", words="Three is what the hallway has.")
    lucia.open("/approvals/").press("Approve")
    walk.refresh_from_db()
    assert walk.state == "approved"
    assert subjects()[1:4] == [
        ("Amara", "A small change to your Thursday walk?"),
        ("Lucía", "Amara replied about the walk on Thu 12 Nov, Period 3"),
        ("Amara", "Your walk is approved: Thu 12 Nov, Period 3"),
    ]


@pytest.fixture
def agreed(cast):
    """Amara's walk, requested and approved."""
    walk = plan(cast["amara"])
    cast["lucia"].open("/approvals/").press("Approve")
    walk.refresh_from_db()
    return walk


def test_other_rooms_after_the_approval_need_a_new_approval(cast, agreed):
    delivery.sweep(NOW + TIME_TO_UNDO)
    last_mail = newest_mail_id()
    cast["amara"].open(f"/walks/{agreed.pk}/edit/")
    cast["amara"].press("Send the change", stop=cast["amara"].fields("stop")[:2])
    agreed.refresh_from_db()
    assert (agreed.state, agreed.decided_by) == ("requested", None)
    decider, walker, *hosts = subjects(last_mail)
    assert decider == ("Lucía", "Amara changed a walk: Thu 12 Nov, Period 3")
    assert walker == ("Amara", "Your walk needs approval again: Thu 12 Nov, Period 3")
    assert sorted(hosts) == [
        ("Jonas", "Amara’s walk is being planned again"),
        ("Leila", "Amara’s walk is being planned again"),
        ("Priya", "Amara’s walk is being planned again"),
    ]
    moved = Message.objects.get(subject="Amara’s walk is being planned again", recipient__given_name="Jonas")
    assert "other rooms for the walk on Thursday 12 November, Period 3." in " ".join(moved.body_text.split())


def test_another_focus_needs_no_new_approval(cast, agreed):
    last_mail = newest_mail_id()
    cast["amara"].open(f"/walks/{agreed.pk}/edit/").press("Send the change", own_focus="Wait time", focus=[])
    agreed.refresh_from_db()
    assert (agreed.state, agreed.own_focus, subjects(last_mail)) == ("approved", "Wait time", [])


def test_cancelling_is_announced_to_everybody_who_knew_of_the_walk(cast, agreed):
    delivery.sweep(NOW + TIME_TO_UNDO)
    last_mail = newest_mail_id()
    cast["amara"].open(f"/walks/{agreed.pk}/cancel/").sees("Lucía").press("Cancel this walk")
    assert sorted(subjects(last_mail)) == [
        ("Amara", "Your Thursday walk is cancelled"),
        ("Jonas", "Amara’s Thursday walk is cancelled"),
        ("Leila", "Amara’s Thursday walk is cancelled"),
        ("Lucía", "Amara’s Thursday walk is cancelled"),
        ("Priya", "Amara’s Thursday walk is cancelled"),
    ]


def test_cancelling_is_not_announced_to_hosts_who_did_not_know(cast, agreed):
    last_mail = newest_mail_id()
    cast["amara"].open(f"/walks/{agreed.pk}/cancel/").press("Cancel this walk")
    assert sorted(subjects(last_mail)) == [
        ("Amara", "Your Thursday walk is cancelled"),
        ("Lucía", "Amara’s Thursday walk is cancelled"),
    ]


def test_a_walk_is_logged_afterwards(cast, agreed, clock):
    clock.move_to(WALKING + 5 * HOUR)
    amara = cast["amara"]
    amara.open(f"/walks/{agreed.pk}/log/")
    amara.press("Save my walk", visited=amara.fields("visited")[:2], minutes="20").sees("Two rooms, 20 minutes")
    agreed.refresh_from_db()
    assert (agreed.state, agreed.praise_due_at) == ("walked", WALKING + dt.timedelta(hours=24, minutes=20))


def test_the_second_of_two_heads_sees_who_decided_first(cast, school, clock):
    second = a_person(school, "Ruth", "Amadi")
    Grade.objects.get(school=school, name="Grade 7").heads.add(second)
    ruth = Visitor(second)
    plan(cast["amara"])
    cast["lucia"].open("/approvals/")
    ruth.open("/approvals/").press("Approve").sees("Approved: Amara Osei, Thu 12 Nov, Period 3.")
    cast["lucia"].press("Approve").sees("Ruth Amadi approved this walk at 09:00.")
    assert [name for name, subject in subjects() if subject.startswith("Your walk is approved")] == ["Amara"]


def test_an_extra_walk_is_counted(cast, agreed, clock):
    amara = cast["amara"]
    clock.move_to(WALKING + HOUR)
    _finish_in_person(amara, agreed)
    clock.shift(24 * HOUR)
    second = plan(amara, date=dt.date(2026, 11, 16))
    cast["lucia"].open("/approvals/").press("Approve")
    clock.move_to(WALKING + 5 * 24 * HOUR)
    _finish_in_person(amara, second)
    assert subjects()[-1] == ("Amara", "Another walk is complete")
    cast["daniel"].open("/report/")
    row = cast["daniel"].client.get("/report.csv").getvalue().decode().splitlines()
    expected = f"Osei,Amara,{amara.person.email},Grade 7,Complete,2026-11-12,,1"
    assert next(line for line in row if line.startswith("Osei")) == expected


def _finish_in_person(amara, walk):
    """Log the walk, thank everybody in person, write the takeaway."""
    amara.open(f"/walks/{walk.pk}/log/").press("Save my walk")
    for _host in range(3):
        amara.open(f"/walks/{walk.pk}/praise/").press("as thanked")
    amara.open(f"/walks/{walk.pk}/takeaway/").press("Save my takeaway", text="Boards")


def test_nobody_else_sees_a_draft(cast):
    walk = plan(cast["amara"], button="Save as draft")
    cast["amara"].sees("Only you can see it.")
    assert subjects() == []
    assert cast["lucia"].client.get(f"/walks/{walk.pk}/").status_code == 404
    cast["amara"].open(f"/walks/{walk.pk}/cancel/").press("Delete this draft")
    assert not Walk.objects.exists()


def test_reminders_of_a_forgotten_walk_come_in_order(cast, agreed, clock):
    last_mail = newest_mail_id()
    for hour in range(6 * 24):
        clock.move_to(NOW + hour * HOUR)
        reminders.sweep(clock_now())
        if clock_now() == WALKING.replace(hour=12, minute=0):
            cast["amara"].open(f"/walks/{agreed.pk}/log/").press("Save my walk")
    assert [subject for name, subject in subjects(last_mail) if name == "Amara"] == [
        "Your walk is today at 10:10",
        "Three colleagues to thank, while it’s fresh",
        "Three colleagues to thank, by 10:27",
        "It’s not too late to send your praise",
    ]
