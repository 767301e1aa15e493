"""A simple model of a walk and of who may read what, written from the product’s rules, not from the code."""

import datetime as dt
from dataclasses import dataclass, field

UNDO = dt.timedelta(seconds=30)
FINISHED = ("walked", "complete")
WAITING = ("requested", "changes_asked")
NOT_BEGUN = ("draft", "requested", "changes_asked", "approved")


@dataclass
class PersonModel:
    """A colleague with their current roles."""

    name: str
    grade: str | None
    heads: frozenset = frozenset()
    administrator: bool = False
    active: bool = True


G7, G8 = "Grade 7", "Grade 8"
PEOPLE = [
    PersonModel("amara", G7),
    PersonModel("samuel", G7),
    PersonModel("lucia", G7, heads=frozenset([G7])),
    PersonModel("oliver", G8, frozenset([G8])),
    PersonModel("jonas", G8),
    PersonModel("daniel", None, administrator=True),
    PersonModel("ines", None, administrator=True),
]


# Weights of the steps: those that lead forward are more frequent than those that lead back.
WEIGHTS = {
    "request": 4,
    "take_back": 1,
    "approve": 8,
    "ask_change": 2,
    "reply": 2,
    "cancel": 1,
    "arrive": 3,
    "skip": 1,
    "finish": 4,
    "log": 4,
    "note": 1,
    "photo": 2,
    "send": 5,
    "in_person": 1,
    "unsay": 1,
    "unsend": 2,
    "takeaway": 4,
    "detach": 1,
}
ACTIONS = list(WEIGHTS)


@dataclass
class VisitModel:
    """A visit to one room, with its notes and its praise."""

    pk: int
    host: str
    arrived: bool = False
    left: bool = False
    skipped: bool = False
    notes: list = field(default_factory=list)
    photos: list = field(default_factory=list)
    attached: object = None  # the photo sent with the praise
    praise: object = None  # the praise's id, once there is one
    sent_at: object = None
    in_person: bool = False
    mail_stopped: bool = False  # the host left before the praise was sent

    @property
    def visited(self):
        return self.arrived and not self.skipped

    @property
    def thanked(self):
        return self.sent_at is not None or self.in_person


@dataclass
class WalkModel:
    """One walk."""

    pk: int
    walker: str
    day: dt.date
    ends_at: dt.datetime
    visits: list
    state: str = "draft"
    sent_once: bool = False
    started: bool = False
    takeaway: object = None


class SchoolModel:
    """The school: its people and all walks."""

    def __init__(self, people):
        self.people, self.walks, self.now = {who.name: who for who in people}, [], None

    # --- Consequences ---------------------------------------------------------------------------
    def settle(self, walk, *, was_taken_back=False):
        """Complete a walk with a takeaway whose visited hosts were thanked or have left.

        Only taking praise back makes it incomplete again.
        """
        waiting = [v for v in walk.visits if v.visited and not v.thanked and self.people[v.host].active]
        done = walk.takeaway is not None and not waiting
        if walk.state == "walked" and done:
            walk.state = "complete"
        elif walk.state == "complete" and was_taken_back and not done:
            walk.state = "walked"

    def leaves(self, name):
        """Cancel their upcoming walks; they are owed no thanks and get no praise any more."""
        self.people[name].active = False
        for walk in self.walks:
            if walk.walker == name and walk.state in NOT_BEGUN and not walk.started:
                walk.state = "cancelled"
            for visit in walk.visits:
                visit.mail_stopped |= visit.host == name and visit.sent_at is not None
            self.settle(walk)

    # --- Who decides, who reads ---------------------------------------------------------------
    def heads_of(self, walk):
        """Return active Heads of the walker's grade except the walker, because nobody decides on their own walk."""
        grade = self.people[walk.walker].grade
        return {w.name for w in self.people.values() if w.active and grade in w.heads and w.name != walk.walker}

    def deciders(self, walk):
        """Return those Heads or, if there are none, the administrators."""
        others = {w.name for w in self.people.values() if w.active and w.administrator and w.name != walk.walker}
        return self.heads_of(walk) or others

    def who_can_open(self, walk):
        """Return who can open the walk's page: its walker and, once it was sent, the Heads and those who decide."""
        readers = {walk.walker}
        if walk.sent_once and walk.state != "draft":
            readers |= self.heads_of(walk)
            readers |= self.deciders(walk) if walk.state in WAITING else set()
        return {name for name in readers if self.people[name].active}

    def who_reads_focus(self, walk):
        """Return the walker and the Heads of the grade, but no administrator who decides."""
        grade = self.people[walk.walker].grade
        return {n for n in self.who_can_open(walk) if n == walk.walker or grade in self.people[n].heads}

    def arrived(self, visit):
        """Return whether the praise was sent and can no longer be taken back."""
        return visit.sent_at is not None and visit.sent_at <= self.now - UNDO

    def readers(self):
        """Return each private thing with everybody who may see it."""
        found = {}
        for walk in self.walks:
            found |= {("walk", walk.pk): self.who_can_open(walk)} | (
                {("takeaway", walk.takeaway): {walk.walker}} if walk.takeaway else {}
            )
            for visit in walk.visits:
                received = {visit.host} if self.arrived(visit) else set()
                found |= {("note", note): {walk.walker} for note in visit.notes}
                for photo in visit.photos:
                    found["photo", photo] = {walk.walker} | (received if photo == visit.attached else set())
                if visit.praise:
                    found["praise", visit.praise] = {walk.walker} | received
        return found

    # --- Who may do what ----------------------------------------------------------------------
    def may(self, action, name, walk, visit=None):
        """Return whether this step is possible in the walk's state, and allowed to this person."""
        own = name == walk.walker
        decides = walk.state == "requested" and name in self.deciders(walk)
        today = self.now.date() == walk.day
        afterwards = own and walk.state in FINISHED
        ended_by_leaving = not self.people[walk.walker].active and self.people[name].administrator
        visited = any(one.visited for one in walk.visits)
        here = visit is None or self.people[visit.host].active
        return {
            "request": lambda: own and walk.state == "draft",
            "take_back": lambda: own and walk.state in WAITING,
            "approve": lambda: decides and self.now < walk.ends_at,
            "ask_change": lambda: decides,
            "reply": lambda: own and walk.state == "changes_asked",
            "cancel": lambda: (own or ended_by_leaving) and walk.state in NOT_BEGUN and not walk.started,
            "arrive": lambda: own and walk.state == "approved" and today,
            "skip": lambda: own and walk.state == "approved" and today,
            "finish": lambda: own and walk.state == "approved" and walk.started and visited,
            "log": lambda: own and walk.state == "approved" and not walk.started,
            "note": lambda: own and walk.started,
            "photo": lambda: own and walk.started,
            "send": lambda: afterwards and visit.visited and here,
            "in_person": lambda: afterwards and visit.visited and visit.sent_at is None and here,
            "unsay": lambda: afterwards and visit.visited,
            "unsend": lambda: (
                own and (visit.sent_at is None or (visit.sent_at > self.now - UNDO and not visit.mail_stopped))
            ),
            "takeaway": lambda: afterwards,
            "detach": lambda: name == visit.host,
        }[action]()
