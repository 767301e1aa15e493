"""The school's places: their order, and where a room without a hallway goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from .directory import kept
from .models import Building, Campus, Hallway, Room, School
from .models.places import UNPLACED

Place = Campus | Building | Hallway | Room
# Each place has its order among those of the same …
PARENTS: dict[type[Place], str] = {Campus: "school", Building: "campus", Hallway: "building", Room: "hallway"}


def stored(hallway: Hallway) -> Hallway:
    """Return the hallway. Create the own hallway of a building when the first room needs it."""
    if hallway.pk is None:
        hallway, _new = Hallway.objects.get_or_create(building=hallway.building, name="")
    return hallway


def has_several_campuses(school: School) -> bool:
    return Campus.objects.filter(school=school).count() > 1


def rooms_of(school: School) -> Mapping[int, Room]:
    """Return all rooms by id, in walking order, each with its hallway, building and campus.

    All requests of a process share them, so nobody may change one (one query, or none if they are in memory).
    """
    return kept(school, _read_rooms)


def hallways_of(school: School) -> tuple[Hallway, ...]:
    """Return the hallways that have rooms, in walking order. They are shared as the rooms are."""
    return kept(school, _hallways_with_rooms)


def _hallways_with_rooms(school: School) -> tuple[Hallway, ...]:
    return tuple(dict.fromkeys(room.hallway for room in rooms_of(school).values()))


def _read_rooms(school: School) -> dict[int, Room]:
    rooms = list(Room.objects.filter(school=school).select_related("hallway__building__campus"))
    hallways: dict[int, Hallway] = {}
    for room in rooms:  # keep one object for each hallway
        room.hallway = hallways.setdefault(room.hallway_id, room.hallway)
    return {room.pk: room for room in sorted(rooms, key=room_order)}


def room_order(room: Room) -> tuple[int | str, ...]:
    """The sort key for walking order: places in the order that the school chose, then codes ("2" before "10")."""
    hallway = room.hallway
    places = hallway.building.campus, hallway.building, hallway
    of_places = [key for place in places for key in (place.position, place.name, place.pk)]
    return *of_places, room.position, room.code_order


def siblings(place: Place) -> QuerySet[Any]:
    """Return the places of the same campus, building or hallway, in their order."""
    parent = PARENTS[type(place)]
    name = "code_order" if isinstance(place, Room) else "name"
    rows: QuerySet[Any] = type(place)._default_manager.filter(**{parent: getattr(place, f"{parent}_id")})
    return rows.order_by("position", name, "pk")


def move(place: Place, to: int) -> None:
    """Make the place number `to` among its siblings, counted from 1, and number them all."""
    listed = [sibling for sibling in siblings(place) if sibling.pk != place.pk]
    listed.insert(max(to - 1, 0), place)
    for number, sibling in enumerate(listed, start=1):
        sibling.position = number
    type(place)._default_manager.bulk_update(listed, ["position"])


def put_last_if_moved(place: Place) -> None:
    """Forget the position of a place that gets another campus, building or hallway."""
    if place.pk is not None and not siblings(place).filter(pk=place.pk).exists():
        place.position = UNPLACED
