"""The directory in a process is never older than its version, and every change renews the version."""

import datetime as dt
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from school import directory, places
from school.calendar import Calendar
from school.directory_triggers import SCHOOL_OF
from school.models import (
    BellSchedule,
    BellTime,
    Building,
    Campus,
    DayCycle,
    DayOff,
    DayType,
    Hallway,
    HoursAtSchool,
    Period,
    Room,
    School,
    Semester,
    SpecialDate,
)
from school.tests.factories import WEDNESDAY, a_person, row_of

A_DAY_OFF = {"date": WEDNESDAY, "label": "Fair"}


def version_of(school):
    return School.objects.values_list("directory_version", flat=True).get(pk=school.pk)


def add_row(school, model):
    """Add a row to this table of the directory."""
    building = row_of(school, Building, name="Main building")
    fields = {
        Building: {"name": "Annex", "campus": building.campus},
        Campus: {"name": "Hill campus"},
        BellSchedule: {"name": "Short Friday"},
        DayCycle: {},
        DayOff: A_DAY_OFF,
        DayType: {"name": "Saturday", "weekday": 5},
        Hallway: {"name": "Roof"},
        Period: {"name": "Late", "position": 9, "starts_at": dt.time(18), "ends_at": dt.time(19)},
        Room: {"code": "R1", "hallway": building.hallways.get()},
        Semester: {"name": "2030", "starts_on": dt.date(2030, 1, 1), "ends_on": dt.date(2030, 6, 1)},
        SpecialDate: {"date": WEDNESDAY, "day_type": row_of(school, DayType, weekday=0)},
    }
    if model is BellTime:
        schedule = add_row(school, BellSchedule)
        period = row_of(school, Period, position=1)
        return BellTime.objects.create(schedule=schedule, period=period, starts_at=dt.time(8), ends_at=dt.time(9))
    if model is HoursAtSchool:
        return HoursAtSchool.objects.create(person=a_person(school), day_type=row_of(school, DayType, weekday=0))
    fields = fields[model]
    owner = {"building": building} if model is Hallway else {"school": school}
    return model.objects.create(**owner, **fields)


MODELS = [
    BellSchedule,
    BellTime,
    Building,
    Campus,
    DayCycle,
    DayOff,
    DayType,
    Hallway,
    HoursAtSchool,
    Period,
    Room,
    Semester,
    SpecialDate,
]
CHANGES = {
    BellTime: {"ends_at": dt.time(10)},
    DayCycle: {"days_off_count": True},
    DayOff: {"label": "New"},
    HoursAtSchool: {"starts_at": dt.time(8), "ends_at": dt.time(12)},
    Room: {"code": "New"},
    SpecialDate: {"date": WEDNESDAY + dt.timedelta(days=1)},
}


@pytest.mark.parametrize("model", MODELS)
def test_every_change_of_a_row_renews_the_version_of_its_school_only(school, stranger, model):
    versions, elsewhere = [version_of(school)], version_of(stranger.school)
    row = add_row(school, model)
    versions.append(version_of(school))
    model.objects.filter(pk=row.pk).update(**CHANGES.get(model, {"name": "New"}))
    versions.append(version_of(school))
    row.delete()
    versions.append(version_of(school))
    assert len(set(versions)) == 4
    assert version_of(stranger.school) == elsewhere


def test_every_table_that_is_kept_is_watched(school):
    with CaptureQueriesContext(connection) as read:
        directory.directory_of(school)
        places.rooms_of(school)
    tables = {table for sql in read for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', sql["sql"])}
    assert "school_room" in tables
    assert tables - {"school_person"} <= set(SCHOOL_OF) == {model._meta.db_table for model in MODELS}


def test_a_second_calendar_of_the_same_version_reads_nothing(school, django_assert_num_queries):
    with django_assert_num_queries(9):
        first = Calendar(school)
    with django_assert_num_queries(0):
        second = Calendar(School(pk=school.pk, directory_version=school.directory_version))
    assert [period.name for period in second.periods] == [period.name for period in first.periods]


def test_a_change_is_seen_with_the_next_version(school):
    assert Calendar(school).is_school_day(WEDNESDAY)
    DayOff.objects.create(school=school, **A_DAY_OFF)
    school.refresh_from_db()
    assert not Calendar(school).is_school_day(WEDNESDAY)


def test_a_change_of_a_place_is_seen_with_the_next_version(school, walker, django_assert_num_queries):
    room = Room.objects.get(code="210")
    with django_assert_num_queries(1):  # a room whose hallway was made meanwhile must not lack it
        places.rooms_of(school)
    assert {hallway.building.name for hallway in places.hallways_of(school)} == {"Main building"}
    Building.objects.filter(pk=room.hallway.building_id).update(name="Old building")
    school.refresh_from_db()
    assert places.rooms_of(school)[room.pk].hallway.building.name == "Old building"
    assert {hallway.building.name for hallway in places.hallways_of(school)} == {"Old building"}


def test_a_change_that_was_rolled_back_is_not_kept(school):
    """The next change must not get the version under which the process has read the rolled-back one."""
    with transaction.atomic():
        DayOff.objects.create(school=school, **A_DAY_OFF)
        school.refresh_from_db()
        assert not Calendar(school).is_school_day(WEDNESDAY)
        transaction.set_rollback(True)
    DayOff.objects.create(school=school, date=dt.date(2026, 12, 1))
    school.refresh_from_db()
    assert Calendar(school).is_school_day(WEDNESDAY)


def test_saving_a_school_that_was_read_earlier_does_not_bring_its_version_back(school):
    earlier = School.objects.get(pk=school.pk)
    DayOff.objects.create(school=school, **A_DAY_OFF)
    renewed = version_of(school)
    earlier.name = "Riverside School"
    earlier.save()
    assert version_of(school) == renewed != earlier.directory_version


def test_calendars_do_not_share_their_rows(school):
    first, second = Calendar(school), Calendar(school)
    first.periods[0].name = "Changed by one page"
    assert second.periods[0].name == "Period 1"
    assert first.semesters[0].school is school
