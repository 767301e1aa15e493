"""The school of the experiments, with dates around today. This code runs in a process of the installation."""

import datetime as dt
import json
import sys
from collections import Counter

from django.conf import settings
from django.test import Client
from django.utils import timezone

from notifications.models import Message
from observations.words import praise
from school.models import Grade, Hallway, Lesson, Period, Person, Room, School, Semester
from school.tests.factories import a_lesson, a_person, a_school
from walks.models import Stop, Walk
from walks.tests.factories import a_practice, a_walk
from walks.workflow import approval

TODAY = timezone.now().date()
ROOMS = ("204", "206", "208", "210")


def create_school(walkers):
    """Create four hosts, walkers with a finished walk each, two Heads and an administrator. Print their ids."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    school = a_school("Fault School")
    Semester.objects.update(starts_on=TODAY - dt.timedelta(days=60), ends_on=TODAY + dt.timedelta(days=120))
    for room, name in zip(ROOMS, ("Jonas", "Leila", "Priya", "Mei"), strict=True):
        host = a_person(school, name, "Host", grade="Grade 8")
        for period in (1, 2, 3):
            a_lesson(host, room, period=period)
    heads = [a_person(school, name, "Head") for name in ("Lucia", "Oliver")]
    Grade.objects.get(school=school, name="Grade 7").heads.add(*heads)
    administrator = a_person(school, "Daniel", "Whitfield", grade=None, is_administrator=True, is_teacher=False)
    people = [a_person(school, "Walker", f"N{number}") for number in range(walkers)]
    sys.stdout.write(
        json.dumps(
            {
                "walkers": [{**signed_in(person), **a_finished_walk(person)} for person in people],
                "heads": [signed_in(head) for head in heads],
                "tabs": [signed_in(heads[number % 2]) for number in range(walkers)],
                "administrator": signed_in(administrator),
                "focus": a_practice(school).pk,
                "day": str(a_school_day()),
                "period": Period.objects.get(position=3).pk,
                "rooms": list(Lesson.objects.order_by("room__code").values_list("room", flat=True).distinct()),
            }
        )
    )


def signed_in(person):
    """Return the person with the cookie of a session."""
    client = Client()
    client.force_login(person)
    return {"id": person.pk, "session": client.cookies["sessionid"].value}


def a_school_day():
    """Return a school day that is far enough ahead."""
    day = TODAY + dt.timedelta(days=3)
    return day + dt.timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def hosts():
    """Return all hosts in the order of their rooms."""
    return list(Person.objects.filter(family_name="Host").order_by("pk"))


def a_finished_walk(person):
    """Create yesterday's walk, ready for notes and praise."""
    walk = a_walk(person, hosts(), state="walked", date=TODAY - dt.timedelta(days=1))
    return {"walk": walk.pk, "stops": list(walk.stops.order_by("pk").values_list("pk", flat=True))}


def a_request(person_id, period=3, weeks=0):
    """Create a walk that waits for its Head. Return its id."""
    person, date = Person.objects.get(pk=person_id), a_school_day() + dt.timedelta(weeks=weeks)
    walk = a_walk(person, hosts(), state="draft", date=date, period=period)
    approval.request(walk, by=person, now=timezone.now())
    return walk.pk


def send_praises(count):
    """Send praise through the rule a minute ago, so that it cannot be taken back. Spread it over enough walks."""
    author = Person.objects.filter(family_name="N0").get()
    now, sent = timezone.now() - dt.timedelta(minutes=1), 0
    while sent < count:
        walk = a_walk(author, hosts(), state="walked", date=TODAY - dt.timedelta(days=1))
        for stop in Stop.objects.filter(walk=walk)[: count - sent]:
            praise.send(stop, text=f"Every table held up the answer and how ({sent}).", photo=None, by=author, now=now)
            sent += 1


def only_school():
    return School.objects.get()


def finished_walks(count):
    """Create `count` walks with colleagues to thank, all of one walker."""
    walker = Person.objects.filter(family_name="N0").get()
    return [a_walk(walker, hosts()[:1], state="walked", date=TODAY - dt.timedelta(days=1)) for _ in range(count)]


def covered_requests(people, period=2):
    """Let these people, who teach in that period, ask to walk then. Return the walks and a free colleague."""
    found = [a_request_in_lesson_time(person, period) for person in people]
    return {"walks": found, "cover": a_person(only_school(), "Samuel", "Brandt").pk}


def a_request_in_lesson_time(person_id, period, weeks=0):
    """Create a request of a person who needs cover. Return its id."""
    code = f"C{period}{person_id}"
    Room.objects.create(school=only_school(), hallway=Hallway.objects.get(), code=code)
    a_lesson(Person.objects.get(pk=person_id), code, period=period)
    return a_request(person_id, period=period, weeks=weeks)


def requests_with_covers(people, period=1):
    """Let these people, who teach then, ask to walk. For each, return a free colleague who may plan their own walk."""
    covers = [a_person(only_school(), f"Cover{person}", "Free") for person in people]
    walks = [a_request_in_lesson_time(person, period, weeks=1) for person in people]
    day = str(a_school_day() + dt.timedelta(weeks=1))
    return {"walks": walks, "covers": [signed_in(cover) for cover in covers], "day": day}


def in_two_places():
    """Count the people who walk, or ask to, while they cover."""
    agreed = Walk.objects.filter(state="approved", cover__isnull=False)
    return sum(
        Walk.objects.occupying(walk.starts_at, walk.ends_at).filter(walker=walk.cover).exists() for walk in agreed
    )


def what_happened(walk_id, since):
    """Return the walk's state, its events, and the mails by person and kind since a moment."""
    walk = Walk.objects.get(pk=walk_id)
    steps = list(walk.events.filter(at__gt=since).values_list("action", flat=True))
    mails = Message.objects.filter(created_at__gt=since).values_list("kind", "recipient")
    return {"state": walk.state, "steps": steps, "most": max(Counter(mails).values(), default=0), "mails": len(mails)}
