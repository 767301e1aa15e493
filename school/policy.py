"""Change the school's policy and its lists (semesters, bells, rooms, …), and refuse what does not fit together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from typing import Any
from zoneinfo import available_timezones

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from . import calendar, places
from .errors import RuleError
from .locks import lock_school
from .models import (
    BellSchedule,
    Building,
    Campus,
    DayOff,
    Grade,
    Hallway,
    Period,
    Person,
    PolicyChange,
    Room,
    RoomClosure,
    School,
    Semester,
    SpecialDate,
    Team,
)
from .models.policy import stored_value
from .permissions import require_administrator
from .registry import Registry

POLICY_FIELDS = (
    "name",
    "time_zone",
    "family_name_first",
    "required_walks",
    "walk_minutes_max",
    "room_minutes_max",
    "visitor_limit",
    "minutes_between_buildings",
    "who_may_be_visited",
    "fortnight_visit_limit",
    "announce_by_default",
    "always_announce",
    "announce_days_ahead",
    "focus_in_heads_up",
    "notes_about_a_room",
    "photos_on",
    "student_prompts",
    "drop_ins_for_a_walk",
    "sharing_on",
    "photo_days",
    "note_days",
    "draft_days",
    "plan_days",
    "report_days",
    "quiet_from",
    "quiet_until",
    "hashtags",
    "norms",
)
TYPED_SETTINGS = ("name", "hashtags", "norms")  # an administrator's own words
# Functions of upper apps. Each says in one sentence what is planned on these days of a school, or returns "".
planned_on_days: Registry[Callable[[School, Collection[dt.date], dt.datetime], str]] = Registry()
SettingsRow = (
    Semester
    | Period
    | BellSchedule
    | SpecialDate
    | DayOff
    | Campus
    | Building
    | Hallway
    | Room
    | RoomClosure
    | Grade
    | Team
)


class RowInUseError(RuleError):
    """Other rows still refer to this row."""


class ClashingRowError(RuleError):
    """Two rows would have the same name or number, or overlap in time."""


def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all time zones by continent, as choices of a form field."""
    places: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones()):
        continent, _slash, place = name.partition("/")
        if place and continent not in {"Etc", "SystemV", "US", "posix", "right"}:
            places.setdefault(continent, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [*places.items(), (_("Everywhere"), [("UTC", "UTC")])]


@transaction.atomic
def change(school: School, values: dict[str, Any], *, by: Person) -> None:
    """Store the policy. Values of fields that are not in POLICY_FIELDS are ignored.

    If another name is said first now, the names of all people follow, except of those who chose differently before.
    """
    _require_administrator(by, school.pk)
    before = lock_school(school.pk)
    family_first = values.get("family_name_first", school.family_name_first)
    if family_first != school.family_name_first:
        as_the_school = Person.objects.filter(school=school, family_name_first=school.family_name_first)
        as_the_school.update(family_name_first=family_first)
    for name in POLICY_FIELDS:
        if name in values:
            setattr(school, name, values[name])
    school.save(update_fields=POLICY_FIELDS)
    record_changes(before, school, by=by)


def record_changes(before: School, after: School, *, by: Person) -> None:
    """Store which settings differ, and who changed them. Administrators read it on the settings page."""
    changed = ((name, stored_value(before, name), stored_value(after, name)) for name in POLICY_FIELDS)
    PolicyChange.objects.bulk_create(
        PolicyChange(school=after, by=by, setting=name, old=old, new=new) for name, old, new in changed if old != new
    )


@transaction.atomic
def save_row(row: SettingsRow, *, by: Person) -> None:
    """Add or change one row of a list. Refuse a semester that overlaps another one."""
    _require_administrator(by, _school_id(row))
    lock_school(by.school_id)  # two concurrent changes could overlap
    if isinstance(row, Semester):
        _refuse_overlap(row)
    try:
        with transaction.atomic():
            if isinstance(row, Room):
                row.hallway = places.stored(row.hallway)
            if isinstance(row, places.Place):
                places.put_last_if_moved(row)
            row.save()
    except IntegrityError as error:  # the same form was sent twice at once
        raise ClashingRowError(_("This entry is already in the list.")) from error


@transaction.atomic
def move_place(place: places.Place, to: int, *, by: Person) -> None:
    """Make the place number `to`, counted from 1, among those of the same campus, building or hallway."""
    _require_administrator(by, _school_id(place))
    lock_school(by.school_id)
    places.move(place, to)


@transaction.atomic
def remove_row(row: SettingsRow, *, by: Person) -> None:
    """Remove a row from a list, unless other rows still refer to it."""
    _require_administrator(by, _school_id(row))
    needed = used_by(row)
    if needed:
        raise RowInUseError(_("%(row)s can’t be removed: it is %(uses)s.") % {"row": row, "uses": needed})
    row.delete()


@transaction.atomic
def save_days(
    row: DayOff | RoomClosure, *, until: dt.date, replacing: Iterable[int] = (), by: Person
) -> list[DayOff | RoomClosure]:
    """Replace the rows with the ids `replacing` by one row for each day from `row.date` to `until`, inclusive.

    A day that has a row already, for example a public holiday, keeps it. Return these rows.
    """
    _require_administrator(by, _school_id(row))
    lock_school(by.school_id)
    all_rows = type(row)._default_manager.all()
    all_rows.filter(pk__in=list(replacing)).exclude(pk=row.pk).delete()
    if isinstance(row, DayOff):
        same = all_rows.filter(school=row.school)
    else:
        same = all_rows.filter(room=row.room, period=row.period)
    days = [row.date + dt.timedelta(days=n) for n in range((until - row.date).days + 1)]
    kept = list(same.filter(date__in=days).exclude(pk=row.pk).order_by("date"))
    free = sorted(set(days) - {other.date for other in kept})
    if not free:  # two people saved the same days at once
        raise ClashingRowError(_("This entry is already in the list."))
    row.date = free[0]
    row.save()
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}
    all_rows.bulk_create(type(row)(**values | {"date": day}) for day in free[1:])
    return kept


def planned_on(school: School, days: Collection[dt.date], *, now: dt.datetime) -> str:
    """Say what is planned on these days, such as walks, or return an empty text."""
    return " ".join(filter(None, (sentence(school, days, now) for sentence in planned_on_days)))


@transaction.atomic
def remove_days(rows: Collection[DayOff | RoomClosure], *, by: Person) -> None:
    for row in rows:
        _require_administrator(by, _school_id(row))
        row.delete()


def used_by(row: models.Model) -> str:
    """Return what still refers to the row, such as "needed by lessons", or an empty text.

    The text has no numbers: how often a room was visited would tell how often its teacher was.
    """
    if isinstance(row, Campus) and not places.has_several_campuses(row.school):
        return _("the school’s only campus")
    referring = [
        relation.related_model._meta
        for relation in row._meta.related_objects
        if relation.related_model._default_manager.filter(**{relation.field.name: row}).exists()
    ]
    in_settings = [
        str(options.verbose_name_plural) for options in referring if options.app_label == row._meta.app_label
    ]
    words = ", ".join(in_settings) or _("people’s walks or plans")
    return _("needed by %(uses)s") % {"uses": words} if referring else ""


def _school_id(row: SettingsRow) -> int:
    if isinstance(row, Hallway):
        return row.building.school_id
    if isinstance(row, RoomClosure):
        return row.room.school_id
    return row.school_id


def _require_administrator(by: Person, school_id: int) -> None:
    require_administrator(by, school_id=school_id, words=_("Only administrators can change the school’s settings."))


def _refuse_overlap(semester: Semester) -> None:
    other = calendar.overlapping_semester(semester)
    if other is not None:
        raise ClashingRowError(_("%(name)s has some of these days. Choose others.") % {"name": other.name})
