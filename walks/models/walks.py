"""Walks, their stops and history, and excusals. Private notes and praise are in observations."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from school.models import Lesson, NoteReaders, Period, Person, Room, Semester
from school.models.managers import SchoolQuerySet
from school.models.people import full_names

from ..querysets import StopQuerySet, WalkQuerySet
from .doors import OpenDoor
from .practices import Practice


class State(models.TextChoices):
    """The stored states of a walk. `walks.status` computes finer ones, such as "missed", from the clock."""

    DRAFT = "draft", _("Draft")
    REQUESTED = "requested", _("Requested")
    CHANGES_ASKED = "changes_asked", _("Change asked")
    APPROVED = "approved", _("Approved")
    WALKED = "walked", _("Walked")
    COMPLETE = "complete", _("Complete")
    CANCELLED = "cancelled", _("Cancelled")


class Walk(models.Model):
    """One learning walk. All datetimes are UTC; `date` is a day in the school's time zone."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walker = models.ForeignKey(Person, models.CASCADE, related_name="walks")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="walks")
    state = models.CharField(max_length=13, choices=State, default=State.DRAFT)
    date = models.DateField(_("day"))
    period = models.ForeignKey(Period, models.PROTECT, related_name="walks")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    focus = models.ManyToManyField(Practice, verbose_name=_("focus"), related_name="walks", blank=True)
    own_focus = models.CharField(_("my own words"), max_length=120, blank=True)
    is_drop_in = models.BooleanField(default=False, db_default=False)  # a visit of one room through an open door
    door = models.ForeignKey(OpenDoor, models.SET_NULL, related_name="visits", null=True, blank=True)
    announced = models.BooleanField(default=True)
    tells_focus = models.BooleanField(default=False, db_default=False)  # to hosts, by the policy when it was planned
    notes_rule = models.CharField(  # the policy when the walk began; it never changes afterwards
        max_length=10, choices=NoteReaders, default=NoteReaders.PRIVATE, db_default=NoteReaders.PRIVATE
    )
    cover = models.ForeignKey(Person, models.SET_NULL, related_name="covers", null=True, blank=True)
    covered_lesson = models.ForeignKey(Lesson, models.SET_NULL, related_name="covered_walks", null=True, blank=True)
    suggested_date = models.DateField(null=True, blank=True)
    suggested_period = models.ForeignKey(Period, models.SET_NULL, related_name="+", null=True, blank=True)
    calendar_sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    requested_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    praise_due_at = models.DateTimeField(null=True, blank=True)
    takeaway_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = WalkQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="walk_state_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="walk_ends_after_start"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, praise_due_at__isnull=True)
                | Q(finished_at__isnull=False, praise_due_at__isnull=False, started_at__isnull=False),
                name="walk_finish_times_together",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.WALKED, State.COMPLETE]) | Q(finished_at__isnull=False),
                name="walk_walked_has_finish",
            ),
            models.CheckConstraint(
                condition=Q(suggested_date__isnull=True) | Q(suggested_period__isnull=False),
                name="walk_suggested_date_has_period",
            ),
        ]
        indexes = [
            models.Index(fields=["semester", "state"], name="walk_by_semester_state"),
            models.Index(fields=["walker", "-starts_at"], name="walk_by_walker"),
            models.Index(fields=["starts_at", "ends_at"], name="walk_by_time"),
        ]

    def __str__(self) -> str:
        return f"Walk {self.pk} on {self.date}"

    @property
    def minutes(self) -> int:
        """The planned length of the walk in minutes."""
        return int((self.ends_at - self.starts_at) / dt.timedelta(minutes=1))

    def minutes_until(self, moment: dt.datetime) -> int:
        """Return the full minutes from the start of the walk, at least one; 0 if it has not begun."""
        if self.started_at is None:
            return 0
        return max(int((moment - self.started_at) / dt.timedelta(minutes=1)), 1)

    @property
    def room_stops(self) -> list[Stop]:
        """The first stop of each room, in walking order. Its `hosts` are all who teach there. Prefetch `stops`.

        Use it for what is about rooms. A room with two teachers has two stops, which are entered and left together.
        """
        by_room: dict[int, Stop] = {}
        for stop in self.stops.all():
            by_room.setdefault(stop.room_id, stop)
        return list(by_room.values())

    @property
    def room_stops_as_walked(self) -> list[Stop]:
        """Like `room_stops`: the visited rooms in the order in which the walker entered them, then the others."""
        visited = [stop for stop in self.room_stops if stop.visited]
        others = [stop for stop in self.room_stops if not stop.visited]
        return sorted(visited, key=lambda stop: stop.arrived_at or self.starts_at) + others

    @property
    def is_live(self) -> bool:
        """Whether the walk has begun and is not finished."""
        return self.state == State.APPROVED and self.started_at is not None

    def is_upcoming(self, now: dt.datetime) -> bool:
        """Whether the walk is approved, has not begun, and its time is not over."""
        return self.state == State.APPROVED and self.started_at is None and self.ends_at > now

    @property
    def cover_had_left(self) -> bool:
        """Whether the person who covers left the school before the walk."""
        left_at = self.cover.left_at if self.cover and not self.cover.is_active else None
        return left_at is not None and left_at < self.starts_at

    @property
    def first_look_fors(self) -> list[str]:
        """The first look-for of each practice, which the walker reads before they enter a room. Prefetch `focus`."""
        return [practice.look_for_lines[0] for practice in self.focus.all() if practice.look_for_lines]

    @property
    def borrow_prompts(self) -> list[str]:
        """The questions that help the walker to say what they will borrow. Prefetch `focus`."""
        return [practice.borrow_prompt for practice in self.focus.all() if practice.borrow_prompt]

    @property
    def focus_names(self) -> list[str]:
        """The practices that the walk looks for, then the walker's own words. Prefetch `focus`."""
        names = [practice.name for practice in self.focus.all()]
        return names + ([self.own_focus] if self.own_focus else [])

    @property
    def focus_told_to_hosts(self) -> str:
        """What the announcement says that the walk looks for; empty if it does not say so."""
        return get_text_list(self.focus_names, gettext("and")) if self.tells_focus else ""


class Stop(models.Model):
    """One host in one room on a walk, which is planned, then visited or skipped.

    A room with two teachers makes two stops with the same position and minutes, so that each host is told and thanked.
    What happens to a room happens to all its stops (`same_room`). Notes and photos belong to the first of them.
    """

    walk = models.ForeignKey(Walk, models.CASCADE, related_name="stops")
    position = models.PositiveSmallIntegerField()
    room = models.ForeignKey(Room, models.PROTECT, related_name="stops")
    host = models.ForeignKey(Person, models.CASCADE, related_name="visits")
    lesson_title = models.CharField(max_length=60, blank=True)
    minutes = models.PositiveSmallIntegerField(default=4, validators=[MinValueValidator(1), MaxValueValidator(20)])
    added_on_the_way = models.BooleanField(default=False)
    arrived_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)

    objects = StopQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["walk", "room", "host"], name="stop_host_once_a_room"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=20), name="stop_minutes_1_to_20"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(arrived_at__isnull=False, left_at__gte=F("arrived_at")),
                name="stop_left_after_arrival",
            ),
        ]

    def __str__(self) -> str:
        return f"Stop {self.pk} of walk {self.walk_id}"

    @property
    def same_room(self) -> StopQuerySet:
        """All stops in this room, one for each host."""
        return Stop.objects.filter(walk=self.walk_id, room=self.room_id)

    @property
    def stops_in_room(self) -> list[Stop]:
        """All stops in this room, one for each host. Prefetch the walk's `stops`."""
        return [stop for stop in self.walk.stops.all() if stop.room_id == self.room_id]

    @property
    def hosts(self) -> list[Person]:
        """All who teach in this room. Prefetch the walk's `stops`."""
        return [stop.host for stop in self.stops_in_room]

    @property
    def has_several_hosts(self) -> bool:
        """Whether several people teach in this room. Prefetch the walk's `stops`."""
        return len(self.hosts) > 1

    @property
    def next_to_thank(self) -> Stop:
        """The stop in this room whose host is thanked next; this one if all are. Prefetch the walk's `stops`."""
        return next((stop for stop in self.stops_in_room if stop.is_owed_thanks), self)

    @property
    def host_names(self) -> str:
        """The full names of all who teach in this room. Prefetch the walk's `stops`."""
        return full_names(self.hosts)

    @property
    def teaching(self) -> str:
        """What is taught in this room: what the host teaches, or with several hosts the title of the lesson."""
        of_host = self.host.teaching
        return (self.lesson_title or of_host) if self.has_several_hosts else (of_host or self.lesson_title)

    @property
    def visited(self) -> bool:
        """Whether the walker was in this room and did not skip it afterwards."""
        return self.arrived_at is not None and self.skipped_at is None

    @property
    def is_owed_thanks(self) -> bool:
        """Whether the walker still has to thank the host; a host who has left needs no thanks."""
        return self.visited and self.thanked_at is None and self.host.is_active


class WalkEvent(models.Model):
    """One action on a walk, with the words that the person wrote to the walker or the Head of Grade.

    `change` says what a decider changed in the plan (decisions.plan_changes.to_record); nobody typed it.
    """

    walk = models.ForeignKey(Walk, models.CASCADE, related_name="events")
    actor = models.ForeignKey(Person, models.SET_NULL, related_name="+", null=True)
    action = models.CharField(max_length=20)
    at = models.DateTimeField()
    words = models.TextField(blank=True)
    change = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.action} at {self.at}"


class Excusal(models.Model):
    """A teacher is excused from the walk of a semester, for a reason."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="excusals")
    semester = models.ForeignKey(Semester, models.CASCADE, related_name="excusals")
    reason = models.CharField(_("reason"), max_length=80)
    excused_by = models.ForeignKey(Person, models.SET_NULL, related_name="+", null=True)
    excused_at = models.DateTimeField()

    objects = SchoolQuerySet.as_manager()
    school_path = "semester__school"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "semester"], name="excusal_once")]

    def __str__(self) -> str:
        return f"Excusal {self.pk}"
