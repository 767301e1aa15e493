"""Door signs: a sheet for the door of a room, with a QR code for colleagues."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

import segno
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from school.calendar import Calendar, local_date
from school.errors import NotAllowedError
from school.models import Lesson, Person, Room, School
from school.models.people import full_names
from school.places import rooms_of
from school.timetable import timetable

from ..models import DoorSign

QUIET_ZONE = 4  # empty modules around a QR code, as its standard demands
TOKEN_BYTES = 16


def own_rooms(teacher: Person, *, calendar: Calendar, now: dt.datetime) -> list[Room]:
    """Return the rooms in which the person teaches now or later in the semester, in walking order."""
    today = local_date(teacher.school, now)
    semester = calendar.current_semester(today)
    taught = Lesson.objects.to_visit().filter(teacher=teacher, semester=semester).exclude(valid_until__lt=today)
    ids = set(taught.values_list("room", flat=True))
    return [room for pk, room in rooms_of(teacher.school).items() if pk in ids]


def make_sign(room: Room, *, by: Person, now: dt.datetime) -> DoorSign:
    """Return the sign of the room. Whoever makes it first chooses its code; all who teach there share it."""
    _refuse_others(room, by, now)
    sign, _new = DoorSign.objects.get_or_create(room=room, defaults={"token": _new_token()})
    return sign


@transaction.atomic
def change_code(sign: DoorSign, *, by: Person, now: dt.datetime) -> None:
    """Choose a new code. Signs that were printed before lead nowhere from now on."""
    _refuse_others(sign.room, by, now)
    sign.token = _new_token()
    sign.save(update_fields=["token"])


def _refuse_others(room: Room, person: Person, now: dt.datetime) -> None:
    if room not in own_rooms(person, calendar=Calendar(person.school), now=now):
        raise NotAllowedError(_("Only those who teach in a room can make its sign."))


def _new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def qr_code(sign: DoorSign) -> SafeString:
    """Return the QR code with the address of the sign, as SVG without styles or scripts."""
    address = f"{settings.SITE_URL}{reverse('walks:door_sign_scanned', args=[sign.token])}"
    svg = segno.make(address, error="m", micro=False).svg_inline(
        border=QUIET_ZONE, omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return mark_safe(svg)  # noqa: S308 (segno draws it; it contains no text that a person typed)


def only_school() -> School | None:
    """Return the school of this installation; None if there are several."""
    schools = list(School.objects.all()[:2])
    return schools[0] if len(schools) == 1 else None


@dataclass(frozen=True)
class TaughtNow:
    """The class that takes place in a room now."""

    title: str
    teachers: str  # their full names
    ends_at: dt.datetime
    takes_visits: bool


def taught_now(room: Room, *, calendar: Calendar, now: dt.datetime) -> TaughtNow | None:
    """Return the class that takes place in the room at this moment, if any."""
    today = local_date(calendar.school, now)
    periods = calendar.periods_at(now)
    in_room = timetable.lessons_in(today, periods, calendar=calendar).to_visit().filter(room=room)
    lessons = list(in_room.select_related("teacher__school", "period").order_by("period__position", "pk"))
    if not lessons:
        return None
    visitable = timetable.open_classes(today, periods, calendar=calendar).filter(room=room)
    return TaughtNow(
        title=lessons[0].title,
        teachers=full_names(dict.fromkeys(lesson.teacher for lesson in lessons)),
        ends_at=calendar.times(today, lessons[0].period)[1],
        takes_visits=visitable.exists(),
    )
