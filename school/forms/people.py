"""Forms to add, correct, erase and find people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..calendar import Calendar
from ..models import DayType, Grade, Person, Team
from ..people import PersonDetails
from ..people.identity import CODE_TAKEN, NEEDS_ADDRESS, is_address_taken, owner_of_code
from ..text.typed import comparable, refuse_hidden_characters_in_one_line_fields
from ..timetable.hours import HoursError, by_timetable, in_words, read_hours
from .fields import SeveralField, offer_rows

AWAY = "away"  # the value of a HoursField on a day off


class HoursField(forms.CharField):
    """Hours such as "8:00 to 12:00", or "away". `by_timetable` is what counts if the field is empty."""

    def __init__(self, *, by_timetable: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"placeholder": by_timetable})
        super().__init__(required=False, max_length=30, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return two times, AWAY, or None if the field is empty."""
        words = super().clean(value)
        if not words:
            return None
        try:
            return read_hours(words) or AWAY
        except HoursError as error:
            raise ValidationError(f"{self.label}: {error}") from error


class PersonForm(forms.Form):
    """The fields of a person that an administrator may set."""

    given_name = forms.CharField(
        label=gettext_lazy("Given name"),
        max_length=60,
        required=False,
    )
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        max_length=60,
        help_text=gettext_lazy("A person with a single name has it here."),
        error_messages={"required": gettext_lazy("Write the name")},
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("Without one they can’t sign in. Colleagues can visit and thank them in person."),
        error_messages={
            "invalid": gettext_lazy("Write a complete e-mail address, such as amara.osei@school.example"),
        },
    )
    family_name_first = forms.BooleanField(
        label=gettext_lazy("The family name is said first"),
        required=False,
        help_text=gettext_lazy("As in Osei Amara."),
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=60, required=False)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("Initials or short name in the timetable. It tells people of the same name apart."),
    )
    staff_number = forms.CharField(
        label=gettext_lazy("Staff number"),
        max_length=30,
        required=False,
        help_text=gettext_lazy(
            "Appears in the report that administrators download. Only they and this person see the number."
        ),
    )
    grade = forms.ModelChoiceField(
        Grade.objects.none(), label=gettext_lazy("Grade"), required=False, empty_label=gettext_lazy("No grade")
    )
    is_teacher = forms.BooleanField(
        label=gettext_lazy("Teaches"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Goes on walks, and colleagues may visit."),
    )
    is_administrator = forms.BooleanField(
        label=gettext_lazy("Administrator"),
        required=False,
        help_text=gettext_lazy(
            "Manages people, settings and the report. Can’t read other people’s notes, photos or praise."
        ),
    )
    headed_grades = SeveralField(
        Grade.objects.none(),
        label=gettext_lazy("Head of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Approves the walks of these grades."),
    )
    teams = SeveralField(
        Team.objects.none(),
        label=gettext_lazy("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, by: Person, person: Person | None = None, today: dt.date | None = None, **kwargs: Any
    ) -> None:
        self.by = by
        self.person = person
        of_school = {"family_name_first": by.school.family_name_first}
        kwargs.setdefault("initial", self.initial_values(person) if person is not None else of_school)
        super().__init__(*args, **kwargs)
        refuse_hidden_characters_in_one_line_fields(self)
        if self.data.get("given_name"):  # a single name may be in either field
            self.fields["family_name"].required = False
        grades = Grade.objects.visible_to(by)
        offer_rows(self, "grade", grades)
        offer_rows(self, "headed_grades", grades)
        offer_rows(self, "teams", Team.objects.visible_to(by))
        self.days: list[DayType] = []
        if person is not None and person.is_teacher and today is not None:
            self._add_hours(person, today)

    def _add_hours(self, person: Person, today: dt.date) -> None:
        """Add a field for the hours at school on each day of the timetable. Empty: the timetable tells them."""
        calendar = Calendar(person.school)
        lessons = list(person.lessons.all())
        for day in calendar.day_types:
            name = f"hours_{day.pk}"
            self.fields[name] = HoursField(
                label=day.name, by_timetable=by_timetable(lessons, day, today=today, calendar=calendar)
            )
            if (person.pk, day.pk) in calendar.hours_set:
                self.initial[name] = in_words(calendar.hours_set[person.pk, day.pk])
            self.days.append(day)

    @property
    def hours_fields(self) -> list[forms.BoundField]:
        return [self[f"hours_{day.pk}"] for day in self.days]

    @property
    def opens_hours(self) -> bool:
        """Whether hours are set, or have an error, so that the page shows them unfolded."""
        return any(field.value() or field.errors for field in self.hours_fields)

    @staticmethod
    def initial_values(person: Person) -> dict[str, Any]:
        """Return the initial values of the form for this person."""
        names = (
            "given_name",
            "family_name",
            "family_name_first",
            "email",
            "subject",
            "code",
            "staff_number",
            "grade",
            "is_teacher",
            "is_administrator",
        )
        own = {name: getattr(person, name) for name in names}
        return own | {"headed_grades": person.headed_grades.all(), "teams": person.teams.all()}

    def clean_email(self) -> str:
        """Refuse the address of another account."""
        email: str = self.cleaned_data["email"].lower()
        if is_address_taken(email, excluding=self.person):
            raise ValidationError(_("Another person already signs in with this address"))
        return email

    def clean(self) -> dict[str, Any]:
        """Require an address for roles that need one."""
        data = super().clean() or self.cleaned_data
        has_role = data.get("is_administrator") or data.get("headed_grades")
        if has_role and "email" in data and not data["email"]:
            self.add_error("email", str(NEEDS_ADDRESS))
        return data

    def clean_code(self) -> str:
        """Refuse the code of another person."""
        code: str = self.cleaned_data["code"]
        owner = owner_of_code(code, self.by.school_id, excluding=self.person)
        if owner is not None:
            raise ValidationError(CODE_TAKEN % {"name": owner.full_name})
        return code

    def details(self) -> PersonDetails:
        data = dict(self.cleaned_data)
        typed = {day: data.pop(f"hours_{day.pk}") for day in self.days}
        hours = {day: None if times == AWAY else times for day, times in typed.items() if times}
        return PersonDetails(**data, hours=hours if self.days else None)


class EraseForm(forms.Form):
    """Erasing cannot be undone, so the administrator types the name."""

    typed_name = forms.CharField(
        label=gettext_lazy("Type the name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_typed_name(self) -> str:
        """Compare with the name on the page, ignoring case."""
        typed = " ".join(self.cleaned_data["typed_name"].split())
        if typed.casefold() != self.person.full_name.casefold():
            raise ValidationError(_("Type %(name)s to erase") % {"name": self.person.full_name})
        return typed


class PeopleFilters(forms.Form):
    """The filters of the list of people, from the query string."""

    ROLES = [
        ("", gettext_lazy("Everyone here")),
        ("teacher", gettext_lazy("Teachers")),
        ("head", gettext_lazy("Heads of Grade")),
        ("administrator", gettext_lazy("Administrators")),
        ("invited", gettext_lazy("Not yet signed in")),
        ("no_email", gettext_lazy("Without e-mail")),
        ("left", gettext_lazy("Have left")),
    ]
    q = forms.CharField(
        label=gettext_lazy("Name, e-mail or code"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Who"), required=False, choices=ROLES)
    grade = forms.ModelChoiceField(
        Grade.objects.none(), label=gettext_lazy("Grade"), required=False, empty_label=gettext_lazy("All grades")
    )

    def __init__(self, *args: Any, reader: Person, **kwargs: Any) -> None:
        self.reader = reader
        super().__init__(*args, **kwargs)
        offer_rows(self, "grade", Grade.objects.visible_to(reader))

    def matching_people(self) -> QuerySet[Person]:
        """Return the people who match. Filters with invalid values are ignored."""
        wanted = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        role = _role(wanted.get("role", ""), self.reader)
        people: QuerySet[Person] = Person.objects.visible_to(self.reader).filter(role)
        words = comparable(wanted.get("q") or "").split()
        if words:  # compared in Python, because a database does not find Babić by "Babic"
            names = people.values_list("pk", "given_name", "family_name", "email", "code")
            searched = ((pk, comparable(" ".join(filter(None, name)))) for pk, *name in names)
            people = people.filter(pk__in=[pk for pk, name in searched if all(word in name for word in words)])
        if wanted.get("grade"):
            people = people.filter(grade=wanted["grade"])
        return people.filter(erased_at__isnull=True)


def _role(role: str, reader: Person) -> Q:
    return Q(is_active=role != "left") & {
        "teacher": Q(is_teacher=True),
        "head": Q(Exists(Grade.objects.visible_to(reader).filter(heads=OuterRef("pk")))),
        "administrator": Q(is_administrator=True),
        "invited": Q(last_login=None, email__isnull=False),
        "no_email": Q(email=None),
    }.get(role, Q())
