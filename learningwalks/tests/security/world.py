"""The world: a small school with every persona and a walk in every state, for tests that request everything.

Each private text contains a word of its own (a canary). Everything is created through the rules, as people would do it.
"""

import datetime as dt
import gc
import logging
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from unittest import mock

import time_machine
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.base import Template
from django.test import Client

from accounts import sessions
from observations.models import Photo
from observations.words import notes, praise, takeaway
from school.models import Grade, Person
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person, a_school
from walks.doors import signs
from walks.models import Stop, WalkEvent
from walks.semester import excusals
from walks.tests.addresses import SERIES
from walks.tests.factories import a_door, a_walk
from walks.workflow import approval, walking

TODAY = NOW.date()
DAY = dt.timedelta(days=1)
STATES = SERIES["walk_id"]


_markup = ContextVar("markup", default="")


def canary(name):
    """Return a word that occurs nowhere else."""
    return f"qz{name}zq{_markup.get()}"[:115]


@contextmanager
def markup_appended_to_canaries(markup):
    """Add this markup to every canary that is made inside."""
    token = _markup.set(markup)
    try:
        yield
    finally:
        _markup.reset(token)


@contextmanager
def rolled_back():
    """Roll back whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def fast_requests():
    """Switch off logging, garbage collection and Django's template signals, which take a third of the time."""
    logging.disable(logging.CRITICAL)
    gc.collect()
    gc.disable()
    try:
        with mock.patch.object(Template, "_render", lambda template, context: template.nodelist.render(context)):
            yield
    finally:
        gc.enable()
        logging.disable(logging.NOTSET)


def a_world():
    """Build the world. The time is NOW, and everything before it happened in order."""
    with time_machine.travel(NOW, tick=False):
        world = SimpleNamespace(**_people())
        _walks(world)
        _words(world)
        _others(world)
        world.sign = signs.make_sign(world.stops["approved"][0].room, by=world.people["host"], now=NOW)
        world.clients = {name: _client(person) for name, person in world.people.items()}
        world.clients["anonymous"] = Client()
        world.people["left"].headed_grades.add(*world.people["head"].headed_grades.all())
        Person.objects.filter(pk=world.people["left"].pk).update(is_active=False)
    world.events = WalkEvent.objects.count()
    return world


def _people():
    school, elsewhere = a_school(), a_school("Other School")
    people = {
        "walker": a_person(school, "Amara", "Osei"),
        "host": a_person(school, "Jonas", "Lindqvist", grade="Grade 8"),
        "second_host": a_person(school, "Leila", "Haddad", grade="Grade 8"),
        "colleague": a_person(school, "Samuel", "Brandt"),
        "head": a_person(school, "Lucía", "Reyes"),
        "other_head": a_person(school, "Oliver", "Grant", grade="Grade 8"),
        "administrator": a_person(school, "Daniel", "Whitfield", grade=None, is_administrator=True, is_teacher=False),
        "admin_walker": a_person(school, "Mei", "Tanaka", grade="Grade 8", is_administrator=True),
        "superuser": Person.objects.create_superuser(
            "superuser@1.example", school=school, given_name="Ines", family_name="Duarte", is_teacher=False
        ),
        "stranger": a_person(elsewhere, "Nadia", "Petrova"),
        "strange_admin": a_person(elsewhere, "Ivo", "Novak", is_administrator=True),
        "left": a_person(school, "Tomasz", "Wolf"),
    }
    Grade.objects.get(school=school, name="Grade 7").heads.add(people["head"])
    Grade.objects.get(school=school, name="Grade 8").heads.add(people["other_head"])
    Grade.objects.get(school=elsewhere, name="Grade 7").heads.add(people["strange_admin"])
    a_lesson(people["host"], "204", title="8A Maths")
    a_lesson(people["second_host"], "206", title="8B History")
    a_lesson(people["host"], "204", period=2, title="8A Maths")
    a_lesson(people["second_host"], "206", period=2, title="8B History")
    a_lesson(people["colleague"], "208", period=2)
    return {"school": school, "elsewhere": elsewhere, "people": people}


def _walks(world):
    people = SimpleNamespace(**world.people)
    walker, head, asked_at = people.walker, people.head, NOW - 5 * DAY

    def walk(name, who=walker, **fields):
        hosts = [people.host, people.second_host]
        return a_walk(who, hosts, state="draft", own_focus=canary(f"focus-{name}"), **fields)

    def agreed(name, who=walker, by=head, **fields):
        found = walk(name, who, **fields)
        approval.request(found, by=who, now=asked_at)
        approval.approve(found, by=by, now=asked_at, words=canary(f"agreed-{name}"))
        return found

    world.walks = {
        "draft": walk("draft"),
        "requested": walk("requested", date=THURSDAY + DAY),
        "asked": walk("asked", date=THURSDAY + 4 * DAY),
        "approved": agreed("approved", date=TODAY),
        "live": agreed("live", date=TODAY, period=2),
        "walked": agreed("walked", date=TODAY - DAY),
        "complete": agreed("complete", date=TODAY - 2 * DAY),
        "heads": walk("heads", head),
        "admins": agreed("admins", people.admin_walker, people.other_head, date=TODAY - 2 * DAY),
        "lefts": agreed("lefts", people.left, date=TODAY - 2 * DAY),
        "cancelled": walk("cancelled", date=THURSDAY + 5 * DAY),
    }
    walks = SimpleNamespace(**world.walks)
    for name in ("requested", "asked", "heads", "cancelled"):
        approval.request(world.walks[name], by=world.walks[name].walker, now=asked_at)
    approval.ask_change(walks.asked, words=canary("asked"), by=head, now=asked_at)
    approval.reply(walks.asked, words=canary("reply"), by=walker, now=asked_at)
    approval.ask_change(walks.asked, words=canary("again"), by=head, now=asked_at)
    approval.ask_change(walks.heads, words=canary("to-head"), by=people.administrator, now=asked_at)
    approval.reply(walks.heads, words=canary("from-head"), by=head, now=asked_at)
    approval.cancel(walks.cancelled, by=walker, now=asked_at)
    world.stops = {name: list(Stop.objects.filter(walk=found)) for name, found in world.walks.items()}
    for name in ("walked", "complete", "admins", "lefts"):
        _walked(world.walks[name], world.stops[name])
    walking.arrive(world.stops["live"][0], by=walker, now=NOW - dt.timedelta(minutes=5))


def _walked(walk, stops):
    """Visit two rooms for four minutes each, at the planned time."""
    at = walk.starts_at
    for stop in stops:
        walking.arrive(stop, by=walk.walker, now=at)
        walking.leave(stop, by=walk.walker, now=at + dt.timedelta(minutes=4))
        at += dt.timedelta(minutes=5)
    walk.refresh_from_db()
    walking.finish(walk, by=walk.walker, now=at)
    for stop in stops:
        stop.refresh_from_db()
        stop.walk = walk


def _note(stop, name):
    draft = notes.NoteDraft(id=uuid.uuid4(), page=uuid.uuid4(), text=canary(name))
    return notes.save(stop, draft, by=stop.walk.walker, now=NOW - DAY).note


def _photo(stop, name):
    return Photo.objects.create(
        stop=stop, file=f"photos/00/{name}.jpg", width=4, height=3, description=canary(name), taken_at=NOW
    )


def _send(stop, name, photo=None, at=NOW - DAY):
    return praise.send(stop, text=canary(name), photo=photo, by=stop.walk.walker, now=at)


def _words(world):
    walker, stops = world.people["walker"], world.stops
    world.notes = {name: _note(stops[name][0], f"note-{name}") for name in ("live", "walked", "complete")}
    world.notes["removed"] = _note(stops["walked"][1], "note-removed")
    notes.remove(world.notes["removed"], by=walker, now=NOW)
    world.photos = {name: _photo(stops[name][0], f"photo-{name}") for name in ("live", "walked", "complete")}
    world.photos["kept"] = _photo(stops["complete"][1], "photo-kept")
    sent = _send(stops["complete"][0], "praise-complete", world.photos["complete"])
    in_person = praise.thank_in_person(
        stops["complete"][1], text=canary("praise-in-person"), photo=None, by=walker, now=NOW - DAY
    )
    just_now = _send(stops["walked"][0], "praise-just-now", world.photos["walked"], NOW - dt.timedelta(seconds=10))
    draft = praise.save_draft(stops["walked"][1], text=canary("praise-draft"), photo=None, by=walker, now=NOW - DAY)
    world.praises = {"complete": sent, "in_person": in_person, "walked": just_now, "draft": draft}
    world.takeaways = {"complete": _idea(world.walks["complete"], "idea-complete")}


def _idea(walk, name):
    return takeaway.write(walk, text=canary(name), remind_on=TODAY + DAY, by=walk.walker, now=NOW - DAY)


def _others(world):
    """Create an administrator who walked, a person who left, and an excused person."""
    for name in ("admins", "lefts"):
        stop = world.stops[name][0]
        world.notes[name], world.photos[name] = _note(stop, f"note-{name}"), _photo(stop, f"photo-{name}")
        world.praises[name] = _send(stop, f"praise-{name}", world.photos[name])
        world.takeaways[name] = _idea(world.walks[name], f"idea-{name}")
    semester = world.walks["complete"].semester
    world.door = a_door(world.people["host"], "204", title=canary("door"), period=2)
    excusals.excuse(
        world.people["colleague"],
        semester=semester,
        reason=canary("excused"),
        by=world.people["administrator"],
        now=NOW,
    )


def _client(person):
    """Return a client whose session has started. Otherwise each of thousands of requests would start it again."""
    client = Client()
    client.force_login(person)
    session = client.session
    sessions.renew(session, now=NOW)
    session.save()
    return client


def place_photos(world):
    """Write the files of all photos into this test's folder; their bytes contain canaries too."""
    for name, photo in world.photos.items():
        if not photo.file.storage.exists(photo.file.name):
            photo.file.storage.save(photo.file.name, ContentFile(canary(f"bytes-{name}").encode()))
