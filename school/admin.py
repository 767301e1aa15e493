"""Django's admin shows only the directory. Notes, photos, praise, walks and mails are not registered, on purpose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from . import policy
from .models import (
    Building,
    Campus,
    DayOff,
    DayType,
    Grade,
    Hallway,
    Lesson,
    Period,
    Person,
    Room,
    RoomClosure,
    School,
    Semester,
    Team,
)

DIRECTORY = ("given_name", "family_name", "email", "subject", "code", "grade", "school", "is_teacher", "is_active")
RIGHTS = ("is_administrator", "is_staff")


class PersonAdminForm(forms.ModelForm):
    def clean_email(self) -> str | None:
        """Store the address in lower case, as all code does, and no address as None."""
        email: str | None = self.cleaned_data["email"]
        return email.lower() if email else None


def of_own_school(rows: QuerySet[Any], person: Person) -> QuerySet[Any]:
    """Return the rows of the person's school. For schools, add those that are being set up: they have no people yet."""
    if rows.model is School:
        return rows.filter(Q(pk=person.school_id) | ~Exists(Person.objects.filter(school=OuterRef("pk"))))
    return rows.filter(**{getattr(rows.model, "school_path", "school"): person.school_id})


class OwnSchoolAdmin(admin.ModelAdmin):
    """Show rows of the superuser's own school only, in lists, forms, choices and searches."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return of_own_school(super().get_queryset(request), _reader(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = _choices(db_field, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = _choices(db_field, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _reader(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # Django's admin lets nobody else in
    return request.user


def _choices(db_field: Any, request: HttpRequest) -> QuerySet[Any]:
    return of_own_school(db_field.remote_field.model._default_manager.all(), _reader(request))


@admin.register(Person)
class PersonAdmin(OwnSchoolAdmin):
    """Names and grades; superusers also see the rights. The password is not shown.

    Only the people pages change the address and mark people as having left, because they also send mails and end
    sessions.
    """

    form = PersonAdminForm
    list_display = ("sort_name", "email", "grade", "is_teacher", "is_administrator", "is_active")
    list_filter = ("is_active", "is_teacher", ("grade", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("grade",)
    search_fields = ("given_name", "family_name", "email")

    def get_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Show the rights only to superusers, so that nobody else can grant them."""
        return DIRECTORY + RIGHTS if request.user.is_superuser else DIRECTORY

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Return the fields that only the people pages change."""
        return ("email", "school", "is_active") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: people leave, and deleting them would delete everything they wrote."""
        return False


@admin.register(School)
class SchoolAdmin(OwnSchoolAdmin):
    def save_model(self, request: HttpRequest, obj: School, form: Any, change: bool) -> None:
        """Give a new school its campus, and record which settings of another one changed."""
        before = School.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        if before is None:
            Campus.objects.create(school=obj, name=_("Main campus"))
        else:
            policy.record_changes(before, obj, by=_reader(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: deleting a school would delete everything."""
        return False


@admin.register(Grade, Team)
class GroupOfPeopleAdmin(OwnSchoolAdmin):
    """Grades with their Heads, teams with their members."""

    list_display = ("name", "school")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Hide the Heads from all but superusers: being a Head of Grade is a right, which the people pages change."""
        return () if request.user.is_superuser else ("heads",)


@admin.register(Lesson)
class LessonAdmin(OwnSchoolAdmin):
    list_display = ("title", "teacher", "room", "day_type", "period", "semester")
    list_filter = tuple((name, admin.RelatedOnlyFieldListFilter) for name in ("semester", "day_type", "period"))
    list_select_related = ("teacher", "room", "day_type", "period", "semester")
    search_fields = ("title", "teacher__family_name", "room__code")
    autocomplete_fields = ("teacher",)


admin.site.register([Campus, Building, Hallway, Room, Semester, DayOff, DayType, Period, RoomClosure], OwnSchoolAdmin)
