"""Random steps of walks in a school where roles change: after every step, states and readers are as expected.

Hypothesis chooses the steps; every run is the same. `make attack` runs many more and longer examples.
"""

import datetime as dt
import os
import uuid

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from learningwalks.tests.security.world import canary, fast_requests
from observations.models import Note, Photo, Praise, Takeaway
from observations.words import notes, praise, sent_praise, takeaway
from school import people
from school.errors import RuleError
from school.models import Grade, Person
from school.tests.factories import NOW, a_lesson, a_person, a_school
from walks.models import Stop, Walk
from walks.tests.factories import a_walk
from walks.workflow import afterwards, approval, walking

from .walk_model import ACTIONS, G7, G8, PEOPLE, WEIGHTS, PersonModel, SchoolModel, VisitModel, WalkModel

pytestmark = pytest.mark.django_db
FULL = os.environ.get("ATTACK") == "full"
EXAMPLES, STEPS, TRIES = (100, 60, 8) if FULL else (7 if connection.vendor == "sqlite" else 4, 35, 8)
NAMES = [who.name for who in PEOPLE]
QUERIED = {"walk": Walk, "note": Note, "photo": Photo, "praise": Praise, "takeaway": Takeaway}
SPANS = [dt.timedelta(**span) for span in ({"seconds": 10}, {"seconds": 25}, {"minutes": 5}, {"days": 1})]


class School(RuleBasedStateMachine):
    """A school of seven people, whose walks and roles change at random."""

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = time_machine.travel(NOW, tick=False)
        self.time = self.clock.start()
        self.model = SchoolModel([PersonModel(**vars(who)) for who in PEOPLE])
        self.model.now, self.seen = NOW, {}

    def teardown(self):
        """Roll everything back."""
        self.clock.stop()
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def open(self):
        """Create the same seven people every time."""
        self.school = a_school()
        self.pk = {
            w.name: a_person(self.school, w.name, "x", w.grade, is_administrator=w.administrator).pk for w in PEOPLE
        }
        self.grades = {grade.name: grade for grade in Grade.objects.filter(school=self.school)}
        self.grades[G7].heads.add(self.pk["lucia"])
        self.grades[G8].heads.add(self.pk["oliver"])
        a_lesson(self.person("jonas"), "204")
        a_lesson(self.person("samuel"), "206")
        for name in ("amara", "lucia", "amara"):
            self.plan(name, 0)
        waiting, walked = self.model.walks[1:]
        self.take("request", waiting, waiting.visits[0], "lucia")
        for action, name in (("request", "amara"), ("approve", "lucia"), ("log", "amara")):
            self.take(action, walked, walked.visits[0], name)

    def person(self, name):
        """Fetch the person with their current roles, as a request would."""
        return Person.objects.select_related("school", "grade").get(pk=self.pk[name])

    # --- What happens -----------------------------------------------------------------------------
    @rule(name=st.sampled_from(["amara", "lucia", "ines"]), day=st.integers(0, 1))
    def plan(self, name, day):
        """Plan a draft with two rooms, today or tomorrow."""
        if len(self.model.walks) < 4:
            hosts = [self.person("jonas"), self.person("samuel")]
            date = self.model.now.date() + dt.timedelta(days=day)
            if date.weekday() < 5:
                result = a_walk(self.person(name), hosts, state="draft", date=date, own_focus=canary("focus"))
                visits = [
                    VisitModel(stop.pk, host)
                    for stop, host in zip(result.stops.all(), ("jonas", "samuel"), strict=True)
                ]
                self.model.walks.append(WalkModel(result.pk, name, date, result.ends_at, visits))

    @rule(span=st.sampled_from(SPANS))
    def advance_clock(self, span):
        """Move the clock."""
        self.time.shift(span)
        self.model.now += span

    @rule(name=st.sampled_from(NAMES[:6]), change=st.sampled_from(["head", "grade", "administrator", "leave", "back"]))
    def change_role(self, name, change):
        """Change a person's role as an administrator."""
        who, administrator = self.model.people[name], self.person("ines")
        if change in ("leave", "back"):
            if change == "back":
                people.come_back(self.person(name), by=administrator)
                who.active = True
            else:
                people.leave(self.person(name), by=administrator, now=self.model.now)
                self.model.leaves(name)
            return
        if change == "head":
            who.heads = frozenset([G7, G8]) - who.heads
        elif change == "grade":
            who.grade = {G7: G8, G8: None, None: G7}[who.grade]
        else:
            who.administrator = not who.administrator
        old = self.person(name)
        details = people.PersonDetails(
            given_name=name,
            family_name="x",
            email=old.email,
            grade=self.grades.get(who.grade),
            headed_grades=[self.grades[grade] for grade in who.heads],
            is_administrator=who.administrator,
        )
        people.change(old, details, by=administrator, now=self.model.now)

    @rule(number=st.integers(0, 2**16))
    def take_steps(self, number):
        """Try steps that are not allowed, which must fail; then take an allowed room, which must succeed."""
        possible = [
            (action, walk, visit, who.name)
            for walk in self.model.walks
            for visit in walk.visits
            for who in self.model.people.values()
            if who.active
            for action in ACTIONS
            for _n in range(WEIGHTS[action])
            if visit.praise or action not in ("detach", "unsend")
        ]
        steps = [step for step in possible if self.model.may(step[0], step[3], *step[1:3])]
        others = [step for step in possible if not self.model.may(step[0], step[3], *step[1:3])]
        for n in range(TRIES):
            self.take(*others[(number * 31 + n * 7919) % len(others)])
        if steps:
            self.take(*steps[number % len(steps)])

    def take(self, action, walk, visit, name):
        """Take the step, and check that it succeeds exactly when it should."""
        may = self.model.may(action, name, walk, visit)
        takes_back = action in ("unsay", "unsend") and visit.thanked
        try:
            result = getattr(self, f"do_{action}", self.do_step)(action, walk, visit, self.person(name))
        except RuleError:
            assert not may, f"{name} was refused: {action} of {walk}"
        else:
            assert may, f"{name} was allowed: {action} of {walk}"
            getattr(self, f"then_{action}", self.then_step)(action, walk, visit, result)
            self.model.settle(walk, was_taken_back=takes_back)

    # --- The steps: `do_…` takes one in the product, and `then_…` in the model ----------------------
    def do_step(self, action, walk, visit, by):
        words = {"words": "A word"} if action in ("ask_change", "reply") else {}
        return getattr(approval, action)(Walk.objects.get(pk=walk.pk), by=by, now=self.model.now, **words)

    def then_step(self, action, walk, visit, result):
        walk.state = {
            "request": "requested",
            "take_back": "draft",
            "approve": "approved",
            "ask_change": "changes_asked",
            "reply": "requested",
            "cancel": "cancelled",
        }[action]
        walk.sent_once |= action == "request"

    def do_on_stop(self, action, walk, visit, by):
        return getattr(walking, action)(self.stop(visit), by=by, now=self.model.now)

    do_arrive = do_skip = do_on_stop

    def then_arrive(self, action, walk, visit, result):
        walk.started = True
        if not visit.left:
            for other in walk.visits:
                other.left |= other is not visit and other.visited
            visit.arrived, visit.skipped = True, False

    def then_skip(self, action, walk, visit, result):
        if not visit.left and not visit.skipped:
            visit.skipped, visit.arrived = True, False

    def do_finish(self, action, walk, visit, by):
        return walking.finish(Walk.objects.get(pk=walk.pk), by=by, now=self.model.now)

    def then_finish(self, action, walk, visit, result):
        walk.state = "walked"
        for room in walk.visits:
            room.left, room.skipped = room.visited, room.skipped or not room.arrived

    def do_log(self, action, walk, visit, by):
        visited, start = [room.pk for room in walk.visits], self.model.now - dt.timedelta(minutes=20)
        found = Walk.objects.get(pk=walk.pk)
        return afterwards.log_planned(found, visited=visited, started_at=start, minutes=10, by=by, now=self.model.now)

    def then_log(self, action, walk, visit, result):
        walk.state, walk.started = "walked", True
        for room in walk.visits:
            room.arrived, room.left, room.skipped = True, True, False

    def do_note(self, action, walk, visit, by):
        draft = notes.NoteDraft(id=uuid.uuid4(), page=uuid.uuid4(), text=canary("note"))
        return notes.save(self.stop(visit), draft, by=by, now=self.model.now).note.pk

    def then_note(self, action, walk, visit, result):
        visit.notes.append(result)

    def do_photo(self, action, walk, visit, by):
        if by.pk != self.pk[walk.walker] or not walk.started:
            raise RuleError("the rule itself is tried with real photos in test_photos.py")
        fields = {"file": "photos/00/x.jpg", "width": 4, "height": 3, "taken_at": self.model.now}
        return Photo.objects.create(stop_id=visit.pk, description=canary("photo"), **fields).pk

    def then_photo(self, action, walk, visit, result):
        visit.photos.append(result)

    def do_send(self, action, walk, visit, by):
        photo = Photo.objects.filter(pk=visit.attached or (visit.photos and visit.photos[0]) or uuid.uuid4()).first()
        words = {"text": f"{canary('praise')} {visit.pk}", "photo": photo}
        return praise.send(self.stop(visit), **words, by=by, now=self.model.now)

    def then_send(self, action, walk, visit, result):
        visit.praise = result.pk
        if visit.sent_at is None:
            visit.sent_at, visit.in_person, visit.attached = self.model.now, False, result.photo_id
            visit.mail_stopped = False

    def do_in_person(self, action, walk, visit, by):
        return praise.thank_in_person(self.stop(visit), text=canary("draft"), photo=None, by=by, now=self.model.now)

    def then_in_person(self, action, walk, visit, result):
        visit.praise, visit.in_person, visit.attached = result.pk, True, None

    def do_unsay(self, action, walk, visit, by):
        return praise.undo_thanks_in_person(self.stop(visit), by=by, now=self.model.now)

    def then_unsay(self, action, walk, visit, result):
        visit.in_person = False

    def do_unsend(self, action, walk, visit, by):
        praise.unsend(Praise.objects.get(pk=visit.praise), by=by, now=self.model.now)

    def then_unsend(self, action, walk, visit, result):
        visit.sent_at = None

    def do_detach(self, action, walk, visit, by):
        sent_praise.remove_photo(Praise.objects.get(pk=visit.praise), by=by)

    def then_detach(self, action, walk, visit, result):
        visit.attached = None

    def do_takeaway(self, action, walk, visit, by):
        found = Walk.objects.get(pk=walk.pk)
        return takeaway.write(found, text=canary("takeaway"), remind_on=None, by=by, now=self.model.now)

    def then_takeaway(self, action, walk, visit, result):
        walk.takeaway = result.pk

    def stop(self, visit):
        return Stop.objects.select_related("walk__walker__school", "room", "host").get(pk=visit.pk)

    # --- What must be true ------------------------------------------------------------------------
    @invariant()
    def states_are_as_expected(self):
        """Compare the state, and whether the walk has started."""
        real = {w.pk: (w.state, w.started_at is not None) for w in Walk.objects.all()}
        assert real == {walk.pk: (walk.state, walk.started) for walk in self.model.walks}

    @invariant()
    def everybody_finds_what_is_theirs(self):
        """Query every private thing as everybody, through the querysets that pages use."""
        names = {pk: name for name, pk in self.pk.items()} if self.model.walks else {}
        found = {key: set() for key in self.model.readers()}
        queried = {kind: model for kind, model in QUERIED.items() if model.objects.exists()}
        for person in Person.objects.filter(pk__in=names):
            for kind, model in queried.items():
                for pk in model.objects.visible_to(person).values_list("pk", flat=True):
                    found[kind, pk].add(names[person.pk])
        assert found == self.model.readers()

    @rule(which=st.integers(0, 3), name=st.sampled_from(NAMES))
    def look(self, which, name):
        """Check the same on pages: who can open the walk, sees its focus and reads its praise."""
        walk, client = self.model.walks[which % len(self.model.walks)], Client()
        client.force_login(self.person(name), backend="accounts.backends.PersonBackend")
        if not self.model.people[name].active:
            assert client.get(f"/walks/{walk.pk}/").url.startswith("/sign-in/")
            return
        page = client.get(f"/walks/{walk.pk}/")
        assert (page.status_code == 200) == (name in self.model.who_can_open(walk))
        assert (canary("focus") in page.content.decode()) == (name in self.model.who_reads_focus(walk))
        praise_page = client.get("/praise/").content.decode()
        received = [v for w in self.model.walks for v in w.visits if v.host == name and self.model.arrived(v)]
        assert (canary("praise") in praise_page) == bool(received)
        assert canary("note") not in praise_page and canary("takeaway") not in praise_page


def test_states_and_readers_are_always_as_expected(db):
    quick = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    with fast_requests():
        run_state_machine_as_test(School, settings=quick)
