"""The broker stops or freezes while people work: every page answers in time, and mails are still sent."""

import signal
import time
import uuid

import pytest

from operations.tests.faults.sizes import SIZES
from operations.tests.faults.tools import a_plan, figure, percentile
from operations.tests.services_plugin import wait_until

pytestmark = pytest.mark.services
ROOM_FOR_ALL = (
    "from school.models import School\nSchool.objects.update(visitor_limit=1000)"  # all plan visits to the same rooms
)


def clicks(site, number):
    """Do a round of what people do: a note, a praise, a request, an approval."""
    walker, head = site.people["walkers"][number % SIZES.clients], site.people["heads"][0]
    page = f"/walks/{walker['walk']}"
    stop = walker["stops"][number // SIZES.clients % len(walker["stops"])]
    as_walker = site.client(walker)
    as_head = site.client(head)
    note = as_walker.post(f"{page}/go/{stop}/note/", {"note_id": uuid.uuid4(), "text": f"Seen {number}"})
    praise = as_walker.post(f"{page}/praise/{stop}/", {"text": f"Thank you for the boards {number}.", "action": "send"})
    request = as_walker.post("/walks/new/", a_plan(site))
    walk = request.location.strip("/").rpartition("/")[2]
    approval = as_head.post(f"/approvals/{walk}/approve/", {})
    return {"note": note, "praise": praise, "request": request, "approval": approval}


@pytest.mark.parametrize("failure", [pytest.param("stopped", marks=pytest.mark.long), "frozen"])
def test_without_a_working_broker_every_page_answers_in_time_and_mails_are_sent(site, mail_server, failure):
    server, broker = mail_server(), site.broker()
    site.run(ROOM_FOR_ALL)
    site.serve()
    site.beat()
    site.worker()
    calm = [answer.seconds for n in range(min(SIZES.posts, 10)) for answer in clicks(site, n).values()]
    broker.kill() if failure == "stopped" else broker.send_signal(signal.SIGSTOP)
    rounds = []
    for number in range(SIZES.posts, 2 * SIZES.posts):
        rounds.append(clicks(site, number))
        # Checked in each round, because a request that hangs takes a minute.
        assert {answer.status for answer in rounds[-1].values()} == {302}
    site.run("Message.objects.filter(state='queued').update(due_at=now)")  # the half minute for Undo is over
    started = time.monotonic()
    due = "print(Message.objects.filter(state='queued', due_at__lte=now).count())"
    wait_until(lambda: site.run(due) == "0", within=60)
    waited = time.monotonic() - started
    answers = [answer for round_of_clicks in rounds for answer in round_of_clicks.values()]
    assert len(server.accepted) >= 2 * SIZES.posts  # a mail for each request and each approval, at least
    seconds = [answer.seconds for answer in answers]
    worst = max(seconds)
    median = percentile(seconds, 0.5)
    assert worst < SIZES.slowest_post
    added = (median - percentile(calm, 0.5)) * 1000
    figure(f"broker {failure}: {len(answers)} posts, 5xx", 0, 0)
    figure(f"broker {failure}: slowest post", f"{worst:.2f} s", "<= 3 s")
    figure(f"broker {failure}: median added", f"{added:.0f} ms", "<= 100 ms")
    figure(f"broker {failure}: last due mail sent after", f"{waited:.0f} s", "<= 60 s")
