"""Walks, what they look for, and open doors."""

from .doors import DoorSign, OpenDoor
from .practices import Practice
from .walks import Excusal, State, Stop, Walk, WalkEvent

__all__ = [
    "DoorSign",
    "Excusal",
    "OpenDoor",
    "Practice",
    "State",
    "Stop",
    "Walk",
    "WalkEvent",
]
