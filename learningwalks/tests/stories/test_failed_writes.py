"""While the database takes no writes (such as on a full disk), pages can be read, and typed text stays on its page."""

import datetime as dt

import pytest
from django.db import connection

from learningwalks.tests.full_disk import refuse_changes
from observations.tests.factories import a_praise
from school.models import Period
from school.tests.factories import NOW, THURSDAY
from walks.models import Practice
from walks.tests.factories import a_walk
from walks.workflow.approval import ask_change

pytestmark = pytest.mark.usefixtures("frozen_clock")

WORDS = "Every table <held> up"


def page_on_a_full_disk(client, path, **data):
    """Submit a form while nothing can be stored. Return the page, which says so."""
    client.get("/help/")
    client.raise_request_exception = False
    with connection.execute_wrapper(refuse_changes):
        answer = client.post(path, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Your words are still here" in page
    return page


def assert_a_full_disk_keeps_the_text(client, path, **data):
    """Submit a form while nothing can be stored. The page says so, and still has the text."""
    assert "Every table &lt;held&gt; up" in page_on_a_full_disk(client, path, **data)


@pytest.mark.parametrize("action", ["in-person/", ""])
def test_praise_stays_on_the_page(sign_in, walker, hosts, action):
    stop = a_walk(walker, hosts, state="walked").stops.first()
    path = f"/walks/{stop.walk_id}/praise/{stop.pk}/{action}"
    assert_a_full_disk_keeps_the_text(sign_in(walker), path, text=WORDS, action="send")


def test_a_takeaway_stays_on_the_page(sign_in, walker, hosts):
    walk = a_walk(walker, hosts, state="walked")
    assert_a_full_disk_keeps_the_text(sign_in(walker), f"/walks/{walk.pk}/takeaway/", text=WORDS)


def test_a_question_to_the_walker_stays_on_the_page(sign_in, walker, hosts, head):
    path = f"/approvals/{a_walk(walker, hosts, state='requested').pk}/ask/"
    assert_a_full_disk_keeps_the_text(sign_in(head), path, words=WORDS)


def test_a_message_with_an_approval_stays_on_the_page(sign_in, walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    form = {"date": walk.date, "period": walk.period_id, "stop": [stop.room_id for stop in walk.stops.all()]}
    assert_a_full_disk_keeps_the_text(sign_in(head), f"/approvals/{walk.pk}/", words=WORDS, **form)


def test_a_reply_stays_on_the_page(sign_in, walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    ask_change(walk, by=head, now=NOW, words="Period 4?")
    assert_a_full_disk_keeps_the_text(sign_in(walker), f"/walks/{walk.pk}/reply/", words=WORDS)


@pytest.mark.parametrize("op", ["draft", "send"])
def test_a_plan_stays_on_the_page(sign_in, walker, hosts, head, op):
    rooms = [host.lessons.first().room_id for host in hosts]
    period = Period.objects.get(school=walker.school, position=3)
    plan = {"date": THURSDAY, "period": period.pk, "stop": rooms, "order": rooms, "own_focus": WORDS}
    assert_a_full_disk_keeps_the_text(sign_in(walker), "/walks/new/", op=op, **plan)
    assert Practice.objects.filter(walks__isnull=False).count() == 0


def test_the_colleague_who_takes_over_lessons_stays_chosen(sign_in, administrator, host, colleague):
    path = f"/settings/timetable/{host.pk}/hand-over/"
    page = page_on_a_full_disk(sign_in(administrator), path, to=colleague.pk, from_date=THURSDAY)
    assert f'<option value="{colleague.pk}" selected>' in page


def test_praise_can_be_read(sign_in, walker, hosts):
    received = a_praise(a_walk(walker, hosts, state="walked").stops.first(), WORDS, sent_at=NOW - dt.timedelta(hours=1))
    reader = sign_in(hosts[0])
    reader.get("/help/")
    with connection.execute_wrapper(refuse_changes):
        pages = [reader.get("/praise/"), reader.get(f"/praise/{received.pk}/")]
    assert ["Every table &lt;held&gt; up" in page.content.decode() for page in pages] == [True, True]


@pytest.mark.parametrize("text", ["\u200b", "\u2060", "\u202e", "\ufeff"])
def test_a_takeaway_of_invisible_characters_is_refused(sign_in, walker, hosts, text):
    walk = a_walk(walker, hosts, state="walked")
    assert sign_in(walker).post(f"/walks/{walk.pk}/takeaway/", {"text": text}).status_code == 422
