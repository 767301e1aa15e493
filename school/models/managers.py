"""Find people and directory rows, always within one's own school."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from . import Person


class SchoolQuerySet(models.QuerySet[Any]):
    """Rows of the directory, which all people of the same school may read."""

    def visible_to(self, person: Person) -> Self:
        """Only rows of the person's own school."""
        path = getattr(self.model, "school_path", "school")
        return self.filter(**{path: person.school_id})


class PersonQuerySet(models.QuerySet["Person"]):
    """People of the school."""

    def visible_to(self, person: Person) -> Self:
        """Colleagues of the same school."""
        return self.filter(school=person.school_id)

    def active(self) -> Self:
        """People who have not left."""
        return self.filter(is_active=True)

    def teachers(self) -> Self:
        """Active people who teach, and so owe a walk each semester."""
        return self.filter(is_active=True, is_teacher=True)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """Create people. They sign in with their e-mail address, compared without case."""

    use_in_migrations = False

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Create a person; without a password they sign in by mailed code or reset."""
        person: Person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Create the superuser, who does not teach and reads no private text either.

        Raises ValidationError while there is no school; /setup/ makes the first one.
        """
        from . import School

        fields.setdefault("is_teacher", False)
        fields.setdefault("school", School.objects.first())
        if fields["school"] is None:
            raise ValidationError(_("There is no school yet. Open /setup/ first."))
        return self.create_user(email, password, is_staff=True, is_superuser=True, is_administrator=True, **fields)

    def get_by_natural_key(self, email: str | None) -> Person:
        """Find a person by e-mail, whatever the case."""
        person: Person = self.get(email__iexact=email)
        return person
