"""The part of "my data" about walks; learningwalks/privacy/my_data.py joins the parts of all apps.

The section with the person's own walks is in observations, which adds notes, photos and takeaways to `own_walk`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from school.models import Person
from school.my_data import Section, fields, rows

from .models import Excusal, OpenDoor, Stop, Walk, WalkEvent

SECTION_OF_COLUMN = {
    "walks.walk.walker": "walks",
    "walks.walk.cover": "covers",
    "walks.walk.decided_by": "decisions",
    "walks.stop.host": "visits_to_my_room",
    "walks.walkevent.actor": "my_steps",
    "walks.opendoor.host": "open_doors",
    "walks.excusal.person": "excusals",
    "walks.excusal.excused_by": "excusals_i_gave",
}
WALK_COLUMNS = (
    "pk",
    "state",
    "date",
    "starts_at",
    "ends_at",
    "is_drop_in",
    "own_focus",
    "announced",
    "tells_focus",
    "notes_rule",
    "created_at",
    "requested_at",
    "decided_at",
    "started_at",
    "finished_at",
    "praise_due_at",
    "takeaway_at",
    "completed_at",
    "cancelled_at",
)
STOP_COLUMNS = (
    "position",
    "lesson_title",
    "minutes",
    "added_on_the_way",
    "arrived_at",
    "left_at",
    "skipped_at",
    "thanked_at",
)


def own_walks(person: Person) -> QuerySet[Walk]:
    """Return the person's walks with the relations that `own_walk` reads."""
    found: QuerySet[Walk] = Walk.objects.of(person).with_route().prefetch_related("events__actor")
    return found


def own_walk(walk: Walk) -> dict[str, Any]:
    """Return a walk with its conversation, for its walker, without its stops."""
    return fields(
        walk,
        WALK_COLUMNS,
        semester=str(walk.semester),
        period=str(walk.period),
        focus=walk.focus_names,
        cover=walk.cover and walk.cover.full_name,
        decided_by=walk.decided_by and walk.decided_by.full_name,
        events=[_event(event) for event in walk.events.all()],
    )


def own_stop(stop: Stop) -> dict[str, Any]:
    """Return a stop of the person's own walk."""
    return fields(stop, STOP_COLUMNS, room=stop.room.code, colleague=stop.host.full_name)


def _event(event: WalkEvent) -> dict[str, Any]:
    return fields(event, ("action", "at", "words", "change"), by=event.actor and event.actor.full_name)


def visits_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return those visits to the person's lessons that the person may know of."""
    visits = Stop.objects.hosted_by(person, now).order_by("walk__starts_at")
    return rows(visits, "walk__date", "room__code", "lesson_title", "walk__walker__email", "arrived_at", "left_at")


def covers_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the lessons that the person covers while a colleague walks, and nothing else about that walk."""
    covered = Walk.objects.filter(cover=person, state__in=["approved", "walked", "complete"])
    return rows(covered, "date", "starts_at", "ends_at", "covered_lesson__title", "walker__email")


def decisions_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the walks that the person decided on."""
    return rows(Walk.objects.filter(decided_by=person), "pk", "date", "decided_at", "walker__email")


def steps_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return every action of the person on any walk, with the words they wrote."""
    return rows(WalkEvent.objects.filter(actor=person), "walk_id", "action", "at", "words")


def doors_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the lessons that the person opened to colleagues."""
    doors = OpenDoor.objects.filter(host=person)
    when = ("date", "period__name", "starts_at", "ends_at", "room__code", "lesson_title")
    said = ("title", "practice__name", "places", "is_tentative", "created_at", "closed_at")
    return rows(doors, "pk", *when, *said)


def excusals_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the semesters from which the person is excused."""
    return rows(Excusal.objects.filter(person=person), "semester__name", "reason", "excused_at", "excused_by__email")


def excusals_given_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the excusals that the person gave to colleagues."""
    return rows(Excusal.objects.filter(excused_by=person), "semester__name", "reason", "excused_at", "person__email")


SECTIONS: dict[str, Section] = {
    "visits_to_my_room": visits_section,
    "covers": covers_section,
    "decisions": decisions_section,
    "my_steps": steps_section,
    "open_doors": doors_section,
    "excusals": excusals_section,
    "excusals_i_gave": excusals_given_section,
}
