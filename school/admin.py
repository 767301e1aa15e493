"""Django's admin: directory data only. No note, photo, praise, walk or mail is registered anywhere, on purpose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .models import (
    Building,
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

DIRECTORY = ("given_name", "family_name", "email", "subject", "grade", "school", "is_teacher", "is_active")
RIGHTS = ("is_administrator", "is_staff")


class PersonAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """People sign in with their address in lower case."""

    def clean_email(self) -> str:
        """As it is kept."""
        email: str = self.cleaned_data["email"]
        return email.lower()


class LessonAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """A lesson whose parts are all of one school."""

    def clean(self) -> dict[str, Any]:
        """The semester says which school it is."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        semester = data.get("semester")
        for name in ("day_type", "period", "teacher", "room"):
            if semester and data.get(name) and data[name].school_id != semester.school_id:
                self.add_error(name, _("This belongs to another school than the semester."))
        return data


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Names and grades. Rights only for superusers; no password.

    An address and "has left" change on the people pages only, because there the old address is told and sessions end.
    """

    form = PersonAdminForm
    list_display = ("sort_name", "email", "grade", "is_teacher", "is_administrator", "is_active")
    list_filter = ("is_active", "is_teacher", "grade")
    list_select_related = ("grade",)
    search_fields = ("given_name", "family_name", "email")

    def get_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """The rights appear for superusers only, so nobody else can give them."""
        return DIRECTORY + RIGHTS if request.user.is_superuser else DIRECTORY

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """What the people pages look after."""
        return ("email", "school", "is_active") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People leave; they are never deleted with everything they wrote."""
        return False


@admin.register(School)
class SchoolAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The policy."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A school holds everything of everybody."""
        return False


@admin.register(Grade, Team)
class GroupOfPeopleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Grades with their Heads, teams with their members."""

    list_display = ("name", "school")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who is a Head of Grade is a right: superusers and the people pages only."""
        return () if request.user.is_superuser else ("heads",)


@admin.register(Lesson)
class LessonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The timetable."""

    form = LessonAdminForm
    list_display = ("title", "teacher", "room", "day_type", "period", "semester")
    list_filter = ("semester", "day_type", "period")
    list_select_related = ("teacher", "room", "day_type", "period", "semester")
    search_fields = ("title", "teacher__family_name", "room__code")
    autocomplete_fields = ("teacher",)


admin.site.register([Building, Hallway, Room, Semester, DayOff, DayType, Period, RoomClosure])
