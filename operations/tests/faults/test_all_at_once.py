"""Many people press the same button at once: one is first, the others get a message, nobody sees an error page."""

import datetime as dt
import json
from contextlib import nullcontext

import pytest

from school.errors import RuleError
from school.tests.factories import NOW as SCHOOL_NOW
from school.tests.factories import a_person
from walks.tests.factories import a_walk
from walks.workflow import approval

from .sizes import SIZES
from .tools import IMPORT_PEOPLE, a_plan, at_once, figure

pytestmark = pytest.mark.services
READ_EVENTS = "import json\nprint(json.dumps(people.what_happened({walk}, dt.datetime.fromisoformat({since!r}))))"


def a_request(site, number):
    """Create a waiting walk. Return it, and the time before it."""
    walker = site.people["walkers"][number]["id"]
    walk, since = site.run(IMPORT_PEOPLE + f"print(people.a_request({walker}), timezone.now().isoformat())").split()
    return walk, since


def what_happened(site, walk, since):
    return json.loads(site.run(IMPORT_PEOPLE + READ_EVENTS.format(walk=walk, since=since)))


def decide(site, walk, words_of):
    """Let everybody with this request on the screen decide at once. Return their responses and next pages."""
    tabs = [site.client(tab) for tab in site.people["tabs"]]

    def decision(number, tab):
        button, words = words_of(number)
        return lambda: tab.post(f"/approvals/{walk}/{button}/", words)

    answers = at_once([decision(number, tab) for number, tab in enumerate(tabs)])
    seen = [tab.get(answer.location) if answer.location else answer for tab, answer in zip(tabs, answers, strict=True)]
    return answers, [page.text for page in seen]


def test_only_one_concurrent_approval_counts_and_the_others_get_a_message(served):
    walk, since = a_request(served, 0)
    answers, pages = decide(served, walk, lambda n: ("approve", {}))
    found = what_happened(served, walk, since)
    assert {answer.status for answer in answers} == {302}
    assert (found["state"], found["steps"], found["most"]) == ("approved", ["approve"], 1)
    assert sum("approved this walk at" in page for page in pages) == SIZES.clients - 1
    assert any("Approved: Walker N" in page for page in pages)  # two tabs of one session may both show it
    figure(f"{SIZES.clients} approvals at once: steps, mails to one person, 5xx", f"1, {found['most']}, 0", "1, 1, 0")


def test_only_one_of_concurrent_approvals_and_questions_counts(served):
    walk, since = a_request(served, 1)
    ask = {"words": "Could you add a room?"}
    answers, pages = decide(served, walk, lambda n: ("approve", {}) if n % 2 else ("ask", ask))
    found = what_happened(served, walk, since)
    assert {answer.status for answer in answers[1::2]} == {302}
    assert {answer.status for answer in answers[::2]} <= {302, 422}  # 422: a late question, shown again to be copied
    assert (found["state"], found["steps"], found["most"]) in [
        ("approved", ["approve"], 1),
        ("changes_asked", ["ask_change"], 1),
    ]
    first = "approved this walk at" if found["state"] == "approved" else "asked for a change at"
    assert sum(first in page for page in pages) == SIZES.clients - 1
    figure(f"{SIZES.clients // 2} approvals and {SIZES.clients // 2} questions at once: steps, 5xx", "1, 0", "1, 0")


def test_concurrent_requests_cannot_exceed_a_rooms_visitor_limit(served):
    people = [served.client(walker) for walker in served.people["walkers"]]
    plan = a_plan(served, 2, period=served.people["period"] - 2, shown_clashes="")  # in period 1, which is still unused
    answers = at_once([lambda c=person: c.post("/walks/new/", plan) for person in people])
    sent = [answer for answer in answers if answer.status == 302]
    refused = [answer for answer in answers if "filled up while you were planning" in answer.text]
    assert (len(sent), len(refused)) == (2, SIZES.clients - 2)  # two visitors is the limit of a room
    figure(
        f"{SIZES.clients} requests at once for a room with 2 places: sent, refused",
        f"{len(sent)}, {len(refused)}",
        f"2, {SIZES.clients - 2}",
    )


def test_a_colleague_covers_one_class_at_a_time(served):
    ids = [walker["id"] for walker in served.people["walkers"]]
    facts = json.loads(served.run(IMPORT_PEOPLE + f"import json\nprint(json.dumps(people.covered_requests({ids})))"))
    tabs = [served.client(tab) for tab in served.people["tabs"]]
    answers = at_once(
        [
            lambda c=tab, walk=walk: c.post(f"/approvals/{walk}/approve/", {"cover": facts["cover"]})
            for tab, walk in zip(tabs, facts["walks"], strict=True)
        ]
    )
    covers = (
        f"from walks.models import Walk\nprint(Walk.objects.filter(cover={facts['cover']}, state='approved').count())"
    )
    assert {answer.status for answer in answers} <= {302, 422}
    assert served.run(covers) == "1"
    figure(f"{SIZES.clients} approvals with the same cover at once: agreed", 1, 1)


def test_nobody_covers_and_walks_at_the_same_time(served):
    ids = [walker["id"] for walker in served.people["walkers"][:2]]  # two is the visitor limit of a room
    facts = json.loads(
        served.run(IMPORT_PEOPLE + f"import json\nprint(json.dumps(people.requests_with_covers({ids})))")
    )
    plan = a_plan(served, period=served.people["period"] - 2, shown_clashes="") | {"date": facts["day"]}
    head = served.client(served.people["tabs"][0])
    jobs = []
    for walk, cover in zip(facts["walks"], facts["covers"], strict=True):
        jobs.append(lambda w=walk, c=cover: head.post(f"/approvals/{w}/approve/", {"cover": c["id"]}))
        jobs.append(lambda c=cover: served.client(c).post("/walks/new/", plan))
    answers = at_once(jobs)
    assert {answer.status for answer in answers} <= {302, 422}
    both = served.run(IMPORT_PEOPLE + "print(people.in_two_places())")
    assert both == "0"
    figure("2 colleagues made cover while they send a walk of their own: in two places", both, 0)


@pytest.mark.parametrize(("minutes", "agreed"), [(0, True), (-1, False), (1, True)])
@pytest.mark.django_db
def test_a_colleague_may_cover_right_after_another_walk_but_not_during_it(walker, host, head, hosts, minutes, agreed):
    cover = a_person(walker.school, "Samira", "Free")
    first, second = a_walk(walker, hosts, cover=cover), a_walk(host, hosts, state="requested")
    starts = first.ends_at + dt.timedelta(minutes=minutes)
    second.starts_at, second.ends_at = starts, starts + dt.timedelta(minutes=20)
    second.save()
    head.headed_grades.add(host.grade)
    with nullcontext() if agreed else pytest.raises(RuleError, match="Samira Free is not free at that time"):
        approval.approve(second, by=head, now=SCHOOL_NOW, cover=cover)
