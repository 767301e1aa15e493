"""Collect facts inside an installation: sign people in, start a walk, and count the queries of every page."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from school.calendar import local_date  # noqa: E402
from school.models import Person, Semester  # noqa: E402
from walks.models import State, Stop, Walk  # noqa: E402

from .facts_file import Facts  # noqa: E402
from .scenarios import BARE, PAGES, REFERENCES, Page  # noqa: E402
from .visitor import DOMAIN  # noqa: E402


def session_of(person: Person, backend: str = settings.AUTHENTICATION_BACKENDS[0]) -> str:
    """Create a session like a sign-in does. Return its key."""
    store = SessionStore()
    store.update(
        {
            SESSION_KEY: str(person.pk),
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            BACKEND_SESSION_KEY: backend,
        }
    )
    store.create()
    return str(store.session_key)


def collect(crowd: int) -> Facts:
    """Return all facts, with sessions for the people of the pages and for a crowd of teachers."""
    now = timezone.now()
    walker = Person.objects.get(email=f"walker@{DOMAIN}")
    running = Semester.objects.filter(school=walker.school_id, starts_on__lte=local_date(walker.school, now)).order_by(
        "-starts_on"
    )[0]
    demo_accounts = {f"{name}@{DOMAIN}" for name in ("walker", "host", "head", "admin")}
    others = Person.objects.filter(is_teacher=True, is_active=True).exclude(email__in=demo_accounts).order_by("pk")
    request = Walk.objects.filter(state=State.REQUESTED).exclude(walker__email__in=demo_accounts).order_by("pk")[0]
    in_room, at_next_room = (start_today(walk, running, now) for walk in two_approved_walks(demo_accounts))
    at_next_room.arrived_at = None
    at_next_room.save()
    facts = Facts(
        {
            "walk": str(Walk.objects.filter(walker=walker, state=State.WALKED).latest("pk").pk),
            "semester": str(running.pk),
            "request": str(request.pk),
            "asking": request.walker.email,
            "live": str(in_room.walk_id),
            "room": str(in_room.pk),
            "walking": in_room.walk.walker.email,
            "next_room": str(at_next_room.walk_id),
            "arriving": at_next_room.walk.walker.email,
            "newcomer": newcomer(others, running).email,
        }
    )
    mailboxes = {facts.fill_in(page.who) for page in PAGES}
    for mailbox in mailboxes:
        email = mailbox if "@" in mailbox else f"{mailbox}@{DOMAIN}"
        facts.sessions[mailbox] = session_of(Person.objects.get(email=email))
    facts.sessions[BARE.who] = session_of(walker, "django.contrib.auth.backends.ModelBackend")
    facts.crowd = [session_of(person) for person in others[:crowd]]
    facts.queries[BARE.name] = 3  # session, person, rows
    for page in (*REFERENCES, *PAGES):
        if page is not BARE:
            facts.queries[page.name] = queries_of(page, facts)
    return facts


def two_approved_walks(exclude: set[str]) -> list[Walk]:
    """Return two approved walks of people whose addresses are not in `exclude`."""
    found = Walk.objects.filter(state=State.APPROVED).exclude(walker__email__in=exclude).order_by("pk")
    return list(found.select_related("walker")[:2])


def start_today(walk: Walk, semester: Semester, now: dt.datetime) -> Stop:
    """Move the walk to today and start it, with its walker in the second room. Return that stop."""
    Walk.objects.filter(pk=walk.pk).update(
        semester=semester,
        date=local_date(semester.school, now),
        starts_at=now,
        ends_at=now + dt.timedelta(minutes=25),
        started_at=now,
    )
    first, second = walk.stops.order_by("position")[:2]
    Stop.objects.filter(pk=first.pk).update(arrived_at=now, left_at=now)
    second.walk = walk
    second.arrived_at = now
    second.save()
    return second


def newcomer(others: QuerySet[Person], semester: Semester) -> Person:
    """Return a teacher without a walk this semester. Their home page searches for three good times."""
    person = others.reverse()[0]
    Walk.objects.filter(walker=person, semester=semester).update(state=State.CANCELLED)
    return person


def queries_of(page: Page, facts: Facts) -> int:
    """Count the SQL statements of a page's second visit."""
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = facts.sessions[facts.fill_in(page.who)]
    path = facts.fill_in(page.path)
    for _visit in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
            _body = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200, (page.name, path, answer.status_code)
    return len(captured)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(collect(int(sys.argv[1])))))
