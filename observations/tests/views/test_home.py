"""Home shows the most urgent step first, then everything else that waits."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from observations.next_steps import coming_up, most_urgent, walks_of
from observations.tests.factories import a_praise
from observations.views.home import _greeting
from school.models import DayOff, Hallway, Room, Semester
from school.tests.factories import a_lesson, a_person, at_school_all_day
from walks.models import Stop, Walk, WalkEvent
from walks.tests.factories import a_door, a_walk

WEDNESDAY = dt.date(2026, 11, 11)
MONDAY = dt.date(2026, 11, 16)


@pytest.fixture
def first_step(walker, now):
    """Return a function that returns the key of the step that Home shows first."""

    def key(at=now):
        walks = walks_of(walker, Semester.objects.get(school=walker.school))
        first = most_urgent(walks, now=at)
        return first.key if first else None

    return key


def a_walk_that_ended(walker, hosts, *, hours=1, **fields):
    """Create a walk that ended that many hours ago."""
    walk = a_walk(walker, hosts, state="walked", date=WEDNESDAY, **fields)
    ended = dt.datetime(2026, 11, 11, 9, 0, tzinfo=dt.UTC) - dt.timedelta(hours=hours)
    Walk.objects.filter(pk=walk.pk).update(finished_at=ended, praise_due_at=ended + dt.timedelta(hours=24))
    return walk


def test_nothing_is_urgent_for_a_newcomer(first_step):
    assert first_step() is None


def test_each_state_has_a_step_and_the_most_urgent_one_is_shown(walker, hosts, first_step):
    a_walk(walker, hosts, state="complete", date=dt.date(2026, 10, 1))
    assert first_step() == "complete"
    a_walk(walker, hosts, state="requested", date=MONDAY, period=2)
    assert first_step() == "requested"
    a_walk(walker, hosts, state="draft", date=MONDAY, period=1)
    assert first_step() == "draft"
    a_walk(walker, hosts, state="draft", date=dt.date(2026, 11, 9))
    assert first_step() == "passed"
    a_walk(walker, hosts, date=MONDAY)
    assert first_step() == "approved"
    a_walk(walker, hosts, date=dt.date(2026, 11, 10))
    assert first_step() == "missed"
    a_walk(walker, hosts, state="changes_asked", date=dt.date(2026, 11, 17))
    assert first_step() == "changes_asked"
    thanked = a_walk_that_ended(walker, hosts)
    thanked.stops.update(thanked_at=timezone.now())
    assert first_step() == "takeaway"
    a_walk(walker, hosts, date=WEDNESDAY)
    assert first_step() == "today"
    late = a_walk_that_ended(walker, hosts, hours=30)
    assert first_step() == "praise_late"
    Walk.objects.filter(pk=late.pk).update(praise_due_at=dt.datetime(2026, 11, 11, 20, 0, tzinfo=dt.UTC))
    assert first_step() == "praise_due"
    a_walk(walker, hosts, date=WEDNESDAY, started_at=dt.datetime(2026, 11, 11, 9, 0, tzinfo=dt.UTC))
    assert first_step() == "walking"


def test_a_cancelled_walk_is_not_shown(walker, hosts, first_step):
    a_walk(walker, hosts, state="cancelled")
    assert first_step() is None


def test_an_old_walk_that_owes_thanks_is_still_shown(walker, hosts, first_step, school):
    a_walk_that_ended(walker, hosts)
    Walk.objects.update(
        semester=Semester.objects.create(
            school=school, name="Spring 2026", starts_on=dt.date(2026, 1, 7), ends_on=dt.date(2026, 6, 30)
        )
    )
    walks = walks_of(walker, Semester.objects.get(name="Autumn 2026"))
    assert [walk.state for walk in walks] == ["walked"]


def test_the_praise_step_counts_hosts_without_praise(walker, hosts, now):
    walk = a_walk_that_ended(walker, hosts)
    Stop.objects.filter(pk=walk.stops.first().pk).update(thanked_at=now)
    step = most_urgent(walks_of(walker, walk.semester), now=now)
    assert step.heading == "Two colleagues are waiting to hear what you loved"
    assert step.line == "One thanked, two to go. A few sentences each, while it’s fresh."
    assert (step.button, step.footsteps_label) == ("Write to Leila", "Your autumn walk, step 3 of 4")


def test_coming_up_shows_the_next_approved_walk_except_the_most_urgent_one(walker, hosts, now):
    a_walk_that_ended(walker, hosts)
    later = a_walk(walker, hosts, date=dt.date(2026, 11, 17))
    sooner = a_walk(walker, hosts, date=MONDAY)
    walks = walks_of(walker, sooner.semester)
    assert coming_up(walks, now=now, shown_first=None) == sooner
    assert coming_up(walks, now=now, shown_first=sooner) == later


@pytest.fixture
def soon():
    """A day next week by the clock, which the pages read."""
    return timezone.localdate() + dt.timedelta(days=7)


@pytest.fixture
def this_semester(school):
    """Move the semester so that it contains today."""
    today = timezone.localdate()
    Semester.objects.filter(school=school).update(
        starts_on=today - dt.timedelta(days=70), ends_on=today + dt.timedelta(days=56)
    )


def html(client):
    return client.get("/").content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "Finish and send"),
        ("requested", "Waiting for your Head of Grade"),
        ("changes_asked", "Read and reply"),
        ("approved", "Your walk is approved"),
        ("walked", "Write to Jonas"),
        ("complete", "Plan another"),
    ],
)
def test_home_shows_the_next_action_for_each_state(sign_in, walker, hosts, this_semester, soon, state, words):
    a_walk(walker, hosts, state=state, date=soon)
    assert words in html(sign_in(walker))


def test_a_newcomer_is_welcomed_with_offers(sign_in, walker, hosts, this_semester):
    a_lesson(hosts[0], "204", period=2)
    page = html(sign_in(walker))
    assert "Welcome, Amara" in page
    assert "Your autumn walk starts with one free period" in page
    assert "How we walk" in page


def test_a_host_sees_an_announced_visit_without_its_focus(sign_in, walker, hosts, this_semester, soon):
    walk = a_walk(walker, hosts, date=soon)
    page = html(sign_in(hosts[0]))
    assert "Dropping by" in page
    assert walk.focus_names[0] not in page


def test_a_host_does_not_see_an_unannounced_visit(sign_in, walker, hosts, this_semester, soon):
    a_walk(walker, hosts, date=soon, announced=False)
    assert "dropping by" not in html(sign_in(hosts[0]))


def test_the_latest_praise_is_shown_to_its_receiver(sign_in, walker, hosts, this_semester):
    stop = a_walk(walker, hosts, state="walked").stops.first()
    a_praise(stop, "Your board had hands up.", sent_at=timezone.now() - dt.timedelta(hours=1))
    assert "Your board had hands up." in html(sign_in(hosts[0]))
    assert "Your board had hands up." not in html(sign_in(hosts[1]))


def primary_buttons(page):
    """Return the words of the primary buttons of a page."""
    found = re.findall(r'class="\s*btn[^"]*(?:btn-primary|btn-praise)[^"]*"[^>]*>(.*?)</a>', page, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", words).split()) for words in found]


@pytest.mark.parametrize("own", [None, "walked", "complete"])
def test_a_head_with_requests_has_one_primary_button_that_opens_them(own, sign_in, head, walker, hosts, this_semester):
    a_walk(walker, hosts, state="requested", date=timezone.localdate() + dt.timedelta(days=7))
    if own:
        a_walk_that_ended(head, hosts) if own == "walked" else a_walk(head, hosts, state="complete")
    page = html(sign_in(head))
    assert "One walk is waiting for you" in page
    assert primary_buttons(page) == ["Open approvals"]


def test_during_their_own_walk_a_head_goes_back_to_it(sign_in, head, walker, hosts, time_machine, now):
    time_machine.move_to(now, tick=False)
    a_walk(walker, hosts, state="requested")
    a_walk(head, hosts, date=WEDNESDAY, started_at=now)
    assert primary_buttons(html(sign_in(head))) == ["Back to my walk"]


def test_the_heading_counts_the_thanks_of_all_walks_as_the_badge_does(sign_in, walker, hosts, time_machine, now):
    time_machine.move_to(now, tick=False)
    a_walk_that_ended(walker, hosts)
    a_walk_that_ended(walker, hosts[:2], hours=30)
    Walk.objects.filter(praise_due_at__lt=now).update(date=dt.date(2026, 11, 9))
    thanked = a_walk(walker, hosts[:1], state="walked", date=dt.date(2026, 11, 5))
    thanked.stops.update(thanked_at=now)
    a_walk(walker, hosts, state="draft", date=MONDAY)
    page = " ".join(html(sign_in(walker)).split())
    assert "Five colleagues are waiting to hear what you loved" in page
    assert "Three from your walk on Wednesday 11 November, two from other walks." in page
    assert page.index(hosts[2].full_name) < page.index("and two more") < page.index("Also for you")
    also_for_you = page.split("Also for you")[1]
    assert all(words in also_for_you for words in ("Two colleagues to thank", "What will you try", "nearly planned"))
    assert page.count("(5 to write)") == 2  # top bar and tab bar


def test_an_administrator_who_does_not_teach_starts_from_the_report(sign_in, administrator, host):
    assert sign_in(administrator).get("/").url == "/report/"


def test_without_a_timetable_an_administrator_starts_from_the_setup_checklist(sign_in, administrator):
    assert sign_in(administrator).get("/").url == "/settings/"


@pytest.mark.parametrize("count", [1, 3])
def test_home_takes_the_same_number_of_queries_for_any_number_of_walks(
    sign_in, walker, hosts, this_semester, soon, count, django_assert_num_queries
):
    for n in range(count):
        a_walk(walker, hosts, date=soon + dt.timedelta(days=n))
    client = sign_in(walker)
    client.get("/")  # reads the directory
    with django_assert_num_queries(10):
        client.get("/")


@pytest.mark.parametrize("count", [1, 3])
def test_home_takes_the_same_number_of_queries_for_any_number_of_visits(
    sign_in, host, hosts, school, soon, count, django_assert_num_queries
):
    at_school_all_day(host)
    for n in range(count):
        visitor = a_person(school, f"Visitor{n}")
        a_walk(visitor, hosts, state="approved", announced=True, date=soon + dt.timedelta(days=n))
    client = sign_in(host)
    client.get("/")  # reads the directory
    with django_assert_num_queries(15):
        page = client.get("/")
    assert page.content.decode().count(", Period 3, Room 204") == count


@pytest.mark.parametrize("teachers", [4, 12])
def test_the_home_of_a_newcomer_takes_the_same_number_of_queries_in_any_school(
    sign_in, walker, hosts, school, time_machine, now, teachers, django_assert_num_queries
):
    time_machine.move_to(now, tick=False)
    a_lesson(a_person(school, "Tom", "Becker"), "210")
    for n in range(teachers - 4):
        room = Room.objects.create(school=school, hallway=Hallway.objects.get(), code=f"3{n:02d}")
        a_lesson(a_person(school, f"More{n}"), room.code)
    client = sign_in(walker)
    client.get("/")  # reads the directory
    with django_assert_num_queries(14):
        page = client.get("/")
    assert len(page.context["good_times"]) == 3
    assert page.text.count("Nobody else is visiting.") == 3


# the requests, their stops, and the lessons, visits and closures that they could clash with; the next walks
@pytest.mark.parametrize("count", [1, 3])
def test_the_home_of_a_head_takes_the_same_number_of_queries_for_any_number_of_requests(
    sign_in, head, hosts, school, time_machine, now, count, django_assert_num_queries
):
    time_machine.move_to(now, tick=False)
    for n in range(count):
        a_walk(a_person(school, f"N{n}"), hosts, state="requested")
        a_walk(a_person(school, f"M{n}"), hosts)
    client = sign_in(head)
    client.get("/")  # reads the directory
    with django_assert_num_queries(25):
        client.get("/")


def test_the_home_of_a_head_says_what_each_request_needs(
    sign_in, head, walker, colleague, hosts, school, time_machine, now
):
    time_machine.move_to(now, tick=False)
    a_lesson(walker, "210")
    a_walk(walker, hosts, state="requested")
    clear = a_walk(colleague, hosts, state="requested")
    a_walk(a_person(school, "Elif", "Yildiz"), hosts, date=clear.date + dt.timedelta(days=1))
    client = sign_in(head)
    page = " ".join(html(client).split())
    assert "Two walks are waiting for you" in page and "Head of Grade 7" in page
    assert 'class="card hero mb-4" aria-labelledby="waiting"' in page
    assert "<b>Amara Osei</b>" in page and "Thu 12 Nov, Period 3 · cover needed" in page
    assert "One has no clash" in page and "Approve the one with no clash" in page
    assert "Elif Yildiz" in page.split("Next walks")[1]
    client.post("/approvals/all-clear/", {"walk": re.findall(r'name="walk" value="([^"]+)"', page)})
    clear.refresh_from_db()
    assert clear.state == "approved"


@pytest.mark.parametrize(
    ("hour", "words"), [(8, "Good morning"), (12, "Good afternoon"), (17, "Good afternoon"), (18, "Good evening")]
)
def test_the_greeting_follows_the_schools_clock(walker, hour, words):
    moment = dt.datetime(2026, 11, 11, hour, 0, tzinfo=dt.UTC)
    assert _greeting(walker, moment, newcomer=False) == f"{words}, Amara"


def test_the_heading_about_a_question_names_the_day(walker, hosts, now, head):
    walk = a_walk(walker, hosts, state="changes_asked", date=dt.date(2026, 11, 13))
    WalkEvent.objects.create(walk=walk, actor=head, action="ask_change", at=now, words="Period 2?")
    assert most_urgent(walks_of(walker, walk.semester), now=now).heading == "A small change to your Friday walk?"


def test_todays_walk_comes_before_a_question_about_another_walk(walker, hosts, head, now):
    today = a_walk(walker, hosts, state="approved", date=now.date())
    asked = a_walk(walker, hosts, state="changes_asked")
    first = a_walk(walker, hosts, state="walked", date=now.date() - dt.timedelta(days=1))
    walks = walks_of(walker, first.semester)
    assert coming_up(walks, now=now, shown_first=first) == today
    assert coming_up(walks, now=today.starts_at + dt.timedelta(minutes=5), shown_first=first) == today
    assert coming_up(walks, now=today.ends_at, shown_first=first) == asked


def test_a_question_comes_before_a_sooner_approved_walk(walker, hosts, now):
    sooner = a_walk(walker, hosts, state="approved", date=MONDAY)
    asked = a_walk(walker, hosts, state="changes_asked", date=MONDAY + dt.timedelta(days=1))
    assert coming_up(walks_of(walker, sooner.semester), now=now, shown_first=None) == asked


def test_a_walk_of_today_can_be_started_from_coming_up(walker, hosts, sign_in, time_machine, now):
    time_machine.move_to(now, tick=False)
    a_walk_that_ended(walker, hosts)
    today = a_walk(walker, hosts, date=WEDNESDAY, period=3)
    page = sign_in(walker).get("/").content.decode()
    assert f'href="/walks/{today.pk}/go/"' in page
    assert "Coming up" in page


@pytest.mark.parametrize(("minutes", "first"), [(61, "praise"), (60, "walk"), (-5, "walk")])
def test_from_an_hour_before_its_start_a_walk_comes_before_praise(minutes, first, walker, hosts, sign_in, time_machine):
    walked = a_walk_that_ended(walker, hosts)
    today = a_walk(walker, hosts, date=WEDNESDAY, period=3)
    time_machine.move_to(today.starts_at - dt.timedelta(minutes=minutes), tick=False)
    page = sign_in(walker).get("/").content.decode()
    leads = {"walk": "Your walk is today at 10:10", "praise": "Three colleagues are waiting to hear what you loved"}
    assert [step for step, heading in leads.items() if heading in page] == [first]
    assert len(re.findall("btn-primary|btn-praise", page)) == 1
    assert f'href="/walks/{today.pk}/go/"' in page and f'href="/walks/{walked.pk}/praise/"' in page


def test_home_shows_two_open_doors_that_fit(walker, hosts, sign_in, now, time_machine):
    time_machine.move_to(now, tick=False)
    for number, host in enumerate(hosts):
        a_door(host, ("204", "206", "208")[number], title=f"Door {number}", date=MONDAY + dt.timedelta(days=number))
    assert "Open doors</h2>" not in sign_in(hosts[0]).get("/").text.replace("Door 0", "")  # she teaches at that time
    page = sign_in(walker).get("/").text
    assert [f"Door {number}" in page for number in range(3)] == [True, True, False]


def test_new_praise_stands_before_the_other_cards_until_it_is_read(walker, hosts, sign_in, now, time_machine):
    time_machine.move_to(now, tick=False)
    a_walk(walker, hosts, state="approved", date=MONDAY)
    sent = a_praise(a_walk(hosts[0], [walker], state="walked").stops.get(), sent_at=now - dt.timedelta(hours=1))
    client = sign_in(walker)
    new = client.get("/").text
    sent.read_at = now
    sent.save()
    read = client.get("/").text
    where = [page.index("Praise for your room") > page.index("home-side") for page in (new, read)]
    assert where == [False, True]


def test_a_question_is_quoted_on_home(walker, hosts, head, sign_in, time_machine, now):
    time_machine.move_to(now, tick=False)
    walk = a_walk(walker, hosts, state="changes_asked", date=MONDAY)
    WalkEvent.objects.create(walk=walk, actor=head, action="ask_change", at=now, words="Would Friday suit you?")
    assert "Would Friday suit you?" in sign_in(walker).get("/").content.decode()


def test_everything_that_waits_for_the_person_is_listed(walker, hosts, head, sign_in, time_machine, now):
    a_walk_that_ended(walker, hosts)
    long_ago = now - dt.timedelta(days=1)
    a_walk(walker, hosts, state="approved", started_at=long_ago, date=long_ago.date(), period=2)
    for days in (1, 2):
        a_walk(walker, hosts, state="changes_asked", date=now.date() + dt.timedelta(days=days))
    time_machine.move_to(now, tick=False)
    page = sign_in(walker).get("/").content.decode()
    for words in ("waiting to hear what you loved", "Also for you", "Is your walk over?", "A small change to your"):
        assert words in page


def test_an_approved_walk_comes_before_a_draft_which_is_listed_below(walker, hosts, sign_in, time_machine, now):
    time_machine.move_to(now, tick=False)
    a_walk(walker, hosts, state="draft", date=MONDAY, period=1)
    a_walk(walker, hosts, state="approved", date=MONDAY + dt.timedelta(days=1))
    page = sign_in(walker).get("/").content.decode()
    assert "Your walk is approved" in page
    assert "is nearly planned" in page.partition("Also for you")[2]


def test_a_visit_is_not_announced_on_a_day_off(sign_in, walker, hosts, this_semester, soon):
    a_walk(walker, hosts, state="approved", announced=True, date=soon)
    assert "Dropping by" in html(sign_in(hosts[0]))
    DayOff.objects.create(school=walker.school, date=soon)
    assert "Dropping by" not in html(sign_in(hosts[0]))


def test_without_any_lesson_home_and_the_planner_say_whom_to_ask(school, administrator, sign_in):
    newcomer = a_person(school, "Hana", "Sato")
    client = sign_in(newcomer)
    home, planner = (client.get(address).content.decode() for address in ("/", "/walks/new/"))
    words = "The timetable hasn’t been added yet. Ask Daniel Whitfield."
    assert words in home
    assert words in planner
    assert "starts with one free period" not in home
    assert "can’t offer free periods" in sign_in(administrator).get("/report/").content.decode()
