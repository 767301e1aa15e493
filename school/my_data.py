"""What the file "my data" says from this app. Each app has such a module, and learningwalks/privacy/ joins them.

`SECTION_OF_COLUMN` lists every column that refers to a person, with the section that shows its rows. A test fails if
one is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, QuerySet

from .models import Alias, Grade, Lesson, Person, Team

Section = Callable[[Person, dt.datetime], Any]

SECTION_OF_COLUMN = {
    "school.grade.heads": "head_of",
    "school.team.members": "teams",
    "school.alias.person": "names_in_imports",
    "school.hoursatschool.person": "days_at_school",
    "school.lesson.teacher": "timetable",
    "school.policychange.by": "settings_i_changed",
    "school.person_groups.person": "person",
    "school.person_user_permissions.person": "person",
    "school.grade_heads.person": "head_of",
    "school.team_members.person": "teams",
}
PERSON_COLUMNS = (
    "given_name",
    "family_name",
    "family_name_first",
    "email",
    "subject",
    "code",
    "staff_number",
    "is_teacher",
    "is_administrator",
    "is_staff",
    "is_superuser",
    "is_active",
    "theme",
    "opted_out_of_visits",
    "invited_at",
    "joined_at",
    "last_login",
)


def rows(found: QuerySet[Any], *columns: str) -> list[dict[str, Any]]:
    """Return the rows as dictionaries of these columns."""
    return list(found.values(*columns))


def fields(row: Model, names: Iterable[str], **more: Any) -> dict[str, Any]:
    """Return these fields of a row, together with the values in `more`."""
    return {name: getattr(row, name) for name in names} | more


def person_section(person: Person, now: dt.datetime) -> dict[str, Any]:
    """The account: name, address, roles and rights."""
    return fields(
        person,
        PERSON_COLUMNS,
        school=str(person.school),
        grade=person.grade and str(person.grade),
        groups=[str(group) for group in person.groups.all()],
        rights=sorted(person.get_user_permissions()),
    )


def head_of_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The grades that the person heads."""
    return rows(Grade.objects.filter(heads=person), "name")


def teams_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The teams that the person belongs to."""
    return rows(Team.objects.filter(members=person), "name")


def timetable_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The lessons that the person teaches."""
    lessons = Lesson.objects.filter(teacher=person)
    return rows(
        lessons,
        "semester__name",
        "day_type__name",
        "period__name",
        "room__code",
        "kind",
        "title",
        "valid_from",
        "valid_until",
    )


def names_in_imports_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The names that the person has in imported files."""
    return rows(Alias.objects.filter(person=person), "source", "key")


def days_at_school_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The person's hours at school that an administrator set. Without times they are away that day."""
    return rows(person.hours_at_school.all(), "day_type__name", "starts_at", "ends_at")


def settings_i_changed_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The school's settings that the person changed."""
    return rows(person.policy_changes.all(), "pk", "at", "setting", "old", "new")


SECTIONS: dict[str, Section] = {
    "person": person_section,
    "head_of": head_of_section,
    "teams": teams_section,
    "timetable": timetable_section,
    "names_in_imports": names_in_imports_section,
    "days_at_school": days_at_school_section,
    "settings_i_changed": settings_i_changed_section,
}
