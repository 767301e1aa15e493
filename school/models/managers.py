"""Find people and rows of the directory, always within the person's own school."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from . import Person, School


class SchoolQuerySet(models.QuerySet[Any]):
    """Rows of the directory, which all people of the school may read."""

    def visible_to(self, person: Person) -> Self:
        """Only rows of the person's own school."""
        path = getattr(self.model, "school_path", "school")
        return self.filter(**{path: person.school_id})


class LessonQuerySet(SchoolQuerySet):
    """Lines of the timetable."""

    def valid_on(self, date: dt.date) -> Self:
        """Lines that count on that date of their semester."""
        begun = Q(valid_from=None) | Q(valid_from__lte=date)
        return self.filter(begun, Q(valid_until=None) | Q(valid_until__gte=date))

    def to_visit(self) -> Self:
        """Classes in a room, of teachers who have not left."""
        return self.filter(kind=self.model.Kind.CLASS, room__isnull=False, teacher__is_active=True)


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, person: Person) -> Self:
        """Colleagues of the same school."""
        return self.filter(school=person.school_id)

    def active(self) -> Self:
        """People who have not left."""
        return self.filter(is_active=True)

    def teachers(self) -> Self:
        """Active people who teach, and so owe a walk each semester."""
        return self.filter(is_active=True, is_teacher=True)

    def joined_by(self, school: School, date: dt.date) -> Self:
        """People who were added on this date at the school or earlier."""
        midnight = dt.datetime.combine(date + dt.timedelta(days=1), dt.time.min, tzinfo=school.zone)
        return self.filter(joined_at__lt=midnight)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """Create and find people. They sign in with their e-mail address, in capitals or not."""

    use_in_migrations = False

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Create a person. Without a password they sign in with a mailed code, or after a password reset."""
        person: Person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Create the superuser, who does not teach and cannot read private texts.

        Raise ValidationError while there is no school. /setup/ creates the first one.
        """
        from . import School

        fields.setdefault("is_teacher", False)
        fields.setdefault("school", School.objects.first())
        if fields["school"] is None:
            raise ValidationError(_("There is no school yet. Open /setup/ first."))
        return self.create_user(email, password, is_staff=True, is_superuser=True, is_administrator=True, **fields)

    def get_by_natural_key(self, email: str | None) -> Person:
        """Return the person with this e-mail address, in capitals or not. No address is nobody's."""
        person: Person = self.get(email__iexact=email or "")
        return person
