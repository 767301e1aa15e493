"""Create walks in any state, with their notes, praise and takeaways, and store them in bulk."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from observations.models import Note, Praise, Takeaway
from school.calendar import Calendar
from school.models import DayType, Lesson, Period, Person, Semester
from walks.models import Practice, State, Stop, Walk, WalkEvent
from walks.planning.way import minutes_on_the_way

from . import people, texts
from .directory import Directory

WALKED = (State.WALKED, State.COMPLETE)


@dataclass
class UnsavedWalk:
    """An unsaved walk with its stops and practices."""

    walk: Walk
    stops: list[Stop]
    practices: list[Practice]
    thanked: int = 0  # how many hosts have received their praise

    @property
    def first_stops(self) -> list[Stop]:
        """The first stop of each room, which has its notes."""
        return list({stop.room_id: stop for stop in reversed(self.stops)}.values())[::-1]


@dataclass
class WalkBatch:
    """Collects walks and then stores them together: a few INSERTs for thousands of walks."""

    directory: Directory
    now: dt.datetime
    chance: random.Random = field(default_factory=lambda: random.Random(2026))  # noqa: S311 (a demo, not a secret)
    unsaved_walks: list[UnsavedWalk] = field(default_factory=list)
    last_praise: dict[int, int] = field(default_factory=dict)  # by host: the number of the text they got last

    def __post_init__(self) -> None:
        self.practices = list(Practice.objects.filter(school=self.directory.school))
        self.calendar = Calendar(self.directory.school)

    # --- Random choices -------------------------------------------------------------------
    def day_type(self, date: dt.date) -> DayType:
        """Return the day of the timetable on the date. A date without school has the last day of the timetable."""
        return self.calendar.day_type(date) or self.directory.day_types[-1]

    def periods_on(self, date: dt.date) -> list[Period]:
        """Return the periods of the date. A date without school has all of them."""
        return self.calendar.periods_on(date) or self.directory.periods

    def lesson_of(self, person: Person, semester: Semester, date: dt.date, period: Period) -> Lesson | None:
        """Return the lesson that the person teaches then, if any."""
        return self.directory.taught.get((semester.pk, self.day_type(date).pk, period.pk, person.pk))

    def free_periods(self, person: Person, semester: Semester, date: dt.date) -> list[Period]:
        """Return the periods of the date in which the person does not teach, if possible while they are at school."""
        periods = self.periods_on(date)
        taught = [period for period in periods if self.lesson_of(person, semester, date, period)]
        free = [period for period in periods if period not in taught]
        if not taught or person.pk in self.directory.here_all_day:
            return free
        return [period for period in free if taught[0].position < period.position < taught[-1].position] or free

    def lessons_in_room(self, lesson: Lesson) -> list[Lesson]:
        """Return the lessons of all who teach in the room of this lesson then."""
        slot = (lesson.semester_id, lesson.day_type_id, lesson.period_id)
        return self.directory.in_rooms[*slot, lesson.visited_room.pk]

    def lessons_in_neighbouring_rooms(
        self, semester: Semester, date: dt.date, period: Period, *, exclude: Person, count: int
    ) -> list[Lesson]:
        """Return one lesson in each of `count` neighbouring rooms, chosen at random, without rooms of `exclude`."""
        lessons = self.directory.lessons[semester.pk, self.day_type(date).pk, period.pk]
        start = self.chance.randrange(max(1, len(lessons) - count))
        neighbours = lessons[start : start + count + 1]
        own_rooms = {
            lesson.pk for lesson in neighbours for one in self.lessons_in_room(lesson) if one.teacher == exclude
        }
        return [lesson for lesson in neighbours if lesson.pk not in own_rooms][:count]

    def school_day(self, first: dt.date, last: dt.date) -> dt.date:
        """Return a random school day between two dates, both included."""
        days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
        school_days = [day for day in days if self.calendar.is_school_day(day)]
        return self.chance.choice(school_days or [first])

    # --- Create ---------------------------------------------------------------------
    def add(
        self,
        walker: Person,
        semester: Semester,
        date: dt.date,
        state: str,
        *,
        period: Period | None = None,
        starts_at: dt.datetime | None = None,
        lessons: list[Lesson] | None = None,
        thanked: int | None = None,
        announced: bool = True,
        count: int | None = None,
    ) -> UnsavedWalk:
        """Add one walk in this state. Choose at random what the caller does not give.

        `lessons` has one lesson for each room; all who teach there become hosts.
        """
        period = period or self.chance.choice(self.free_periods(walker, semester, date) or self.periods_on(date))
        count = count or self.chance.choice([4, 5, 5])
        lessons = lessons or self.lessons_in_neighbouring_rooms(semester, date, period, exclude=walker, count=count)
        lessons = list(dict.fromkeys(self.lessons_in_room(lesson)[0] for lesson in lessons))
        start = starts_at or self.calendar.times(date, period)[0]
        stay = 5 if len(lessons) < 5 else 4  # so that the walk takes 20 to 30 minutes
        end = start + dt.timedelta(minutes=self._minutes_until_end_of(lessons, stay))
        walk = Walk(
            walker=walker,
            semester=semester,
            state=state,
            date=date,
            period=period,
            starts_at=start,
            ends_at=end,
            announced=announced,
            **self._times(walker, state, start, end),
        )
        stops = [
            self._stop(walk, lessons[:number], one, stay)
            for number, lesson in enumerate(lessons, start=1)
            for one in self.lessons_in_room(lesson)
        ]
        thanked = len(stops) if thanked is None else thanked
        unsaved = UnsavedWalk(walk, stops, self.chance.sample(self.practices, self.chance.choice([1, 2])), thanked)
        self.unsaved_walks.append(unsaved)
        return unsaved

    def _times(self, walker: Person, state: str, start: dt.datetime, end: dt.datetime) -> dict[str, object]:
        times: dict[str, object] = {}
        requested_at = min(start - dt.timedelta(days=4), self.now - dt.timedelta(hours=26))
        head = self.directory.heads.get(walker.grade_id or 0)
        if state != State.DRAFT:
            times["requested_at"] = requested_at
        if state in (State.APPROVED, State.CHANGES_ASKED, *WALKED):
            times |= {
                "decided_by": head if head != walker else None,
                "decided_at": requested_at + dt.timedelta(hours=5),
            }
        if state in WALKED:
            times |= {"started_at": start, "finished_at": end, "praise_due_at": end + dt.timedelta(hours=24)}
        if state == State.COMPLETE:
            times |= {"takeaway_at": end + dt.timedelta(hours=6), "completed_at": end + dt.timedelta(hours=6)}
        if state == State.CANCELLED:
            times["cancelled_at"] = requested_at + dt.timedelta(days=1)
        return times

    def _minutes_until_end_of(self, lessons: list[Lesson], stay: int) -> int:
        rooms = [lesson.visited_room for lesson in lessons]
        return stay * len(rooms) + minutes_on_the_way(rooms, school=self.directory.school)

    def _stop(self, walk: Walk, so_far: list[Lesson], lesson: Lesson, stay: int) -> Stop:
        """Return the stop for a lesson. `so_far` has a lesson of each room up to this one, in walking order."""
        stop = Stop(
            position=len(so_far),
            room=lesson.visited_room,
            host=lesson.teacher,
            lesson_title=lesson.title,
            minutes=stay,
        )
        if walk.state in WALKED:
            stop.left_at = walk.starts_at + dt.timedelta(minutes=self._minutes_until_end_of(so_far, stay))
            stop.arrived_at = stop.left_at - dt.timedelta(minutes=stay)
        return stop

    # --- Store --------------------------------------------------------------------
    def store(self) -> None:
        """Store all collected walks, and forget them."""
        unsaved_walks = self.unsaved_walks
        self.unsaved_walks = []
        Walk.objects.bulk_create([unsaved.walk for unsaved in unsaved_walks], batch_size=500)
        focus = Walk.focus.through
        links = [
            focus(walk_id=unsaved.walk.pk, practice_id=practice.pk)
            for unsaved in unsaved_walks
            for practice in unsaved.practices
        ]
        focus.objects.bulk_create(links, batch_size=2000)
        for unsaved in unsaved_walks:
            self._complete_stops(unsaved)
        Stop.objects.bulk_create([stop for unsaved in unsaved_walks for stop in unsaved.stops], batch_size=500)
        events = [event for unsaved in unsaved_walks for event in self._events(unsaved.walk)]
        WalkEvent.objects.bulk_create(events, batch_size=1000)
        walked = [unsaved for unsaved in unsaved_walks if unsaved.walk.state in WALKED]
        Note.objects.bulk_create([note for unsaved in walked for note in self._notes(unsaved)], batch_size=1000)
        Praise.objects.bulk_create([praise for unsaved in walked for praise in self._praise(unsaved)], batch_size=500)
        takeaways = [self._takeaway(unsaved) for unsaved in walked if unsaved.walk.takeaway_at]
        Takeaway.objects.bulk_create(takeaways, batch_size=1000)
        thanked = {unsaved.walk.pk: unsaved.stops[: unsaved.thanked] for unsaved in walked}
        letters = [letter for idea in takeaways for letter in self._letter_after_trying(idea, thanked[idea.walk_id])]
        Praise.objects.bulk_create(letters, batch_size=500)

    def _complete_stops(self, unsaved: UnsavedWalk) -> None:
        """Set the walk of each stop, now that the walk has an id, and when its host was thanked."""
        for number, stop in enumerate(unsaved.stops):
            stop.walk = unsaved.walk
            if unsaved.walk.finished_at and number < unsaved.thanked:
                stop.thanked_at = unsaved.walk.finished_at + dt.timedelta(minutes=40 + 5 * number)

    def _events(self, walk: Walk) -> list[WalkEvent]:
        made = []
        if walk.requested_at:
            made.append(WalkEvent(walk=walk, actor=walk.walker, action="request", at=walk.requested_at))
        if walk.decided_at and walk.state != State.CHANGES_ASKED:
            made.append(WalkEvent(walk=walk, actor=walk.decided_by, action="approve", at=walk.decided_at))
        if walk.finished_at:
            made.append(WalkEvent(walk=walk, actor=walk.walker, action="finish", at=walk.finished_at))
        if walk.completed_at:
            made.append(WalkEvent(walk=walk, actor=walk.walker, action="complete", at=walk.completed_at))
        return made

    def _notes(self, unsaved: UnsavedWalk) -> list[Note]:
        made = []
        for stop in unsaved.first_stops:
            for text in self.chance.sample(texts.NOTES, self.chance.choice([1, 2])):
                at = stop.arrived_at or self.now
                practice = self.chance.choice([*unsaved.practices, None])
                made.append(Note(stop=stop, text=text, practice=practice, created_at=at, updated_at=at))
        return made

    def _praise(self, unsaved: UnsavedWalk) -> list[Praise]:
        made = []
        for stop in unsaved.stops[: unsaved.thanked]:
            sent_at = stop.thanked_at or self.now
            if stop.host.email is None:
                thanks = Praise(stop=stop, author=unsaved.walk.walker, host=stop.host, updated_at=sent_at)
                thanks.said_in_person_at = sent_at
                made.append(thanks)
                continue
            read_at = sent_at + dt.timedelta(hours=3) if sent_at < self.now - dt.timedelta(days=5) else None
            answered_at = read_at if read_at and self.chance.random() < 0.6 else None
            made.append(
                Praise(
                    stop=stop,
                    author=unsaved.walk.walker,
                    host=stop.host,
                    text=self._words_to(stop.host),
                    updated_at=sent_at,
                    sent_at=sent_at,
                    send_count=1,
                    read_at=read_at,
                    thanks_sent_at=answered_at,
                    thanks_seen_at=answered_at
                    if answered_at and answered_at < self.now - dt.timedelta(days=9)
                    else None,
                )
            )
        return made

    def _words_to(self, host: Person) -> str:
        """Return the next praise text, so that a host gets each text once before any text again."""
        self.last_praise[host.pk] = self.last_praise.get(host.pk, host.pk * 5) + 1
        return texts.PRAISE[self.last_praise[host.pk] % len(texts.PRAISE)]

    def _letter_after_trying(self, takeaway: Takeaway, thanked: list[Stop]) -> list[Praise]:
        """Return a letter to the first thanked host if the idea was adapted to the walker's own room."""
        hosts = [stop for stop in thanked if stop.host.email]
        if takeaway.outcome != Takeaway.Outcome.ADAPTED or takeaway.outcome_at is None or not hosts:
            return []
        stop = hosts[0]
        return [
            Praise(
                stop=stop,
                after_trying=True,
                author=takeaway.walk.walker,
                host=stop.host,
                text=texts.AFTER_TRYING.format(idea=takeaway.text),
                updated_at=takeaway.outcome_at,
                sent_at=takeaway.outcome_at,
                send_count=1,
                read_at=takeaway.outcome_at + dt.timedelta(hours=3),
            )
        ]

    def _takeaway(self, unsaved: UnsavedWalk) -> Takeaway:
        at = unsaved.walk.takeaway_at or self.now
        old = at < self.now - dt.timedelta(days=14)
        outcome = self.chance.choice(["tried", "adapted", "tried", "not_for_me", ""]) if old else ""
        if outcome and (unsaved.walk.walker.email or "").startswith(f"{people.WALKER[0]}@"):
            outcome = Takeaway.Outcome.TRIED  # so that her page offers to tell the colleagues
        return Takeaway(
            walk=unsaved.walk,
            text=self.chance.choice(texts.TAKEAWAYS),
            outcome=outcome,
            outcome_at=at + dt.timedelta(days=9) if outcome else None,
            updated_at=at,
        )
