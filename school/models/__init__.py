"""The directory: who teaches what, when and where, and the policy of the school."""

from .aliases import Alias
from .days import BellSchedule, BellTime, DayCycle, SpecialDate
from .hours import HoursAtSchool
from .people import Grade, Person, Team
from .places import Building, Campus, Hallway, Room
from .policy import NoteReaders, PolicyChange, School, Visits, default_time_zone
from .timetable import DayOff, DayType, Lesson, Period, RoomClosure, Semester

__all__ = [
    "Alias",
    "BellSchedule",
    "BellTime",
    "Building",
    "Campus",
    "DayCycle",
    "DayOff",
    "DayType",
    "Grade",
    "Hallway",
    "HoursAtSchool",
    "Lesson",
    "NoteReaders",
    "Period",
    "Person",
    "PolicyChange",
    "Room",
    "RoomClosure",
    "School",
    "Semester",
    "SpecialDate",
    "Team",
    "Visits",
    "default_time_zone",
]
