"""Database triggers that give a school another `directory_version` whenever a row of its directory changes.

The version is a random number and not a count: if a change is rolled back, no later change gets the same version.
The triggers are made after each `migrate` and removed before it, because SQLite cannot rebuild a table that a trigger
names.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connections

# Each table of the directory, and where its row names the school. "{row}" is the row that changed.
SCHOOL_OF = {
    "school_bellschedule": "{row}.school_id",
    "school_belltime": "(SELECT school_id FROM school_bellschedule WHERE id = {row}.schedule_id)",
    "school_building": "{row}.school_id",
    "school_campus": "{row}.school_id",
    "school_daycycle": "{row}.school_id",
    "school_dayoff": "{row}.school_id",
    "school_daytype": "{row}.school_id",
    "school_hallway": "(SELECT school_id FROM school_building WHERE id = {row}.building_id)",
    "school_hoursatschool": "(SELECT school_id FROM school_person WHERE id = {row}.person_id)",
    "school_period": "{row}.school_id",
    "school_room": "{row}.school_id",
    "school_semester": "{row}.school_id",
    "school_specialdate": "{row}.school_id",
}
EVENTS = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
RANDOM = {"sqlite": "random()", "postgresql": "(random() * 9e18)::bigint"}
RENEW = "UPDATE school_school SET directory_version = {random}"
TRIGGER = {
    "sqlite": "CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} BEGIN {renew} WHERE id = {school}; END",
    "postgresql": """
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN {renew} WHERE id = {school}; RETURN NULL; END $$;
        CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
    """,
}


def create(*, using: str, apps: Any = None, **_signal: Any) -> None:
    """Create the triggers, and give every school another version (after `migrate`)."""
    if apps is None:  # after `flush`, which leaves the triggers
        return
    if not hasattr(apps.get_model("school", "School"), "directory_version"):
        return  # `migrate` went back to an older schema
    connection = connections[using]
    vendor = connection.vendor
    renew = RENEW.format(random=RANDOM[vendor])
    with connection.cursor() as cursor:
        cursor.execute(renew)
        for name, table, event in _triggers_of(connection.introspection.table_names(cursor)):
            school = SCHOOL_OF[table].format(row=EVENTS[event])
            cursor.execute(TRIGGER[vendor].format(name=name, event=event, table=table, renew=renew, school=school))


def remove(*, using: str, **_signal: Any) -> None:
    """Remove the triggers (before `migrate`)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table, _event in _triggers_of(connection.introspection.table_names(cursor)):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def _triggers_of(tables: Collection[str]) -> list[tuple[str, str, str]]:
    """Return name, table and event of each trigger on these tables. An older schema does not have all of them."""
    return [(f"directory_{event}_{table}", table, event) for table in SCHOOL_OF if table in tables for event in EVENTS]
