"""docs/data-register.md says which sections of "my data" show a column. These tests check it.

Every column of every row about a person is changed, one at a time. If the section stays the same, it does not show the
column, and the register is wrong.
"""

import datetime as dt
import json

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from learningwalks.privacy import my_data
from notifications.models import Reminder
from observations.models import Praise
from observations.tests.factories import a_photo
from school.models import Person, Semester, Team
from school.tests.factories import NOW, a_person, a_school
from walks.models import Excusal
from walks.tests.factories import a_practice, a_walk

from . import person_data
from .register import lines

A_MINUTE = dt.timedelta(minutes=1)
SHOWN_AS_A_FILE = {("observations.photo", "file")}  # the file itself is in the ZIP (test_my_data.py)
CLAIMS = [
    (line.table, column, section)
    for line in lines()
    for column in line.columns
    for section in line.sections
    if section != "–" and (line.table, column) not in SHOWN_AS_A_FILE
]


@pytest.fixture
def person(school, walker, host, colleague, administrator, settings):
    """A person with at least one row in every table about people."""
    person_data.use_test_mails(settings)
    person_data.create_everything_about(walker, colleague, "erased")
    Team.objects.create(school=school, name="Science")
    a_person(a_school("Other School"), "Nadia", "Petrova")
    visit = walker.visits.get()
    visit.walk.cover = walker
    visit.walk.covered_lesson = walker.lessons.first()
    visit.walk.decided_by = walker
    visit.walk.save()
    received = Praise.objects.get(host=walker)
    received.photo = a_photo(visit)
    received.sent_at = received.thanks_sent_at = timezone.now() - dt.timedelta(days=1)
    received.save()
    semester = Semester.objects.get(school=school)
    Excusal.objects.create(person=host, semester=semester, reason="y", excused_by=walker, excused_at=NOW)
    walker.groups.add(Group.objects.create(name="G"))
    walker.user_permissions.add(Permission.objects.first())
    Group.objects.create(name="Other group")
    walk = walker.walks.get(state="complete")
    practice = a_practice(school, "Wait time")
    note = walk.stops.first().notes.get()
    note.practice = walk.focus.first()
    note.save()
    a_practice(school, "Technology")
    walk.focus.add(practice)
    a_walk(colleague, [host, administrator], state="complete", period=1)
    spring = {"starts_on": dt.date(2027, 1, 11), "ends_on": dt.date(2027, 6, 25)}
    Semester.objects.create(school=school, name="Spring 2027", **spring)
    Reminder.objects.filter(person=walker).update(deadline=NOW, sent_by=walker, words="Come along")
    kind = ContentType.objects.get_for_model(Person)
    LogEntry.objects.create(
        user=walker, content_type=kind, object_id="7", object_repr="x", action_flag=2, change_message="[]"
    )
    return Person.objects.get(pk=walker.pk)


def section_text(person, section):
    """Return the section's current content."""
    made = my_data.SECTIONS[section](Person.objects.get(pk=person.pk), NOW + dt.timedelta(days=2))
    return json.dumps(made, cls=DjangoJSONEncoder, sort_keys=True)


def other_values(field, value):
    """Return other values that the column accepts."""
    if isinstance(field, models.ForeignKey):
        others = field.related_model._base_manager.exclude(pk=value).values_list("pk", flat=True)
        return [*others[:12], None]
    if field.choices:
        return [key for key, _words in field.flatchoices if key != value]
    if isinstance(field, models.DateTimeField):
        return [value + A_MINUTE, value - A_MINUTE, None] if value else [NOW]
    if isinstance(field, models.DateField):
        return [value + dt.timedelta(days=1)] if value else [NOW.date()]
    if isinstance(field, models.TimeField):
        return [value.replace(minute=30)] if value else []
    if isinstance(field, models.BooleanField):
        return [not value]
    if isinstance(field, models.IntegerField):
        return [(value or 0) + 1, 4, 5]
    return ["203.0.113.9" if field.name == "ip" else f"{str(value)[:3]}z"]


class UndoneError(Exception):
    """Rolls the change back."""


def changes(model, row, column):
    """Yield functions that change the column: for `id` delete the row, else store another value.

    The database may refuse some of them.
    """
    rows = model._base_manager.filter(pk=row.pk)
    if column == "id":
        yield rows.delete
        return
    field = model._meta.get_field(column)
    if field.many_to_many:
        yield lambda: getattr(row, column).clear()
        return
    for value in other_values(field, getattr(row, field.attname)):
        yield lambda value=value: rows.update(**{field.attname: value})


def is_shown(person, table, column, section):
    """Return whether any change of the column, in any row, changes the section."""
    before = section_text(person, section)
    model = apps.get_model(table)
    for row in model._base_manager.all():
        for change in changes(model, row, column):
            try:
                with transaction.atomic():
                    change()
                    if section_text(person, section) != before:
                        raise UndoneError
                    transaction.set_rollback(True)
            except UndoneError:
                return True
            except DatabaseError:  # a constraint forbids this value
                continue
    return False


@pytest.mark.not_on_postgresql
def test_every_column_is_shown_in_the_sections_that_the_register_names(person):
    assert [claim for claim in CLAIMS if not is_shown(person, *claim)] == []
