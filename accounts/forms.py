"""The form that sets up the first school."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from school import policy
from school.forms.fields import offer_choices
from school.forms.settings import YEAR, date_input, name_fields_in_errors
from school.models import Grade, Person, default_time_zone
from school.text.typed import refuse_hidden_characters_in_one_line_fields

from .first_school import BELLS, FirstSchool, code_matches

MAX_PERIODS = 15
MAX_GRADE_NAME = Grade._meta.get_field("name").max_length or 60

# "08:30 09:15" and also "1. 7:50-8:35"
BELL = re.compile(r"(?:\d+[.)]\s+)?(\d{1,2}):(\d{2})\s*[-–\s]\s*(\d{1,2}):(\d{2})")


def _bell(line: str) -> tuple[dt.time, dt.time]:
    """Return start and end of a period from a line such as "08:30 09:15". Raise ValueError for any other line."""
    found = BELL.fullmatch(line.strip())
    if found is None:
        raise ValueError(line)
    hours = [int(part) for part in found.groups()]
    return dt.time(hours[0], hours[1]), dt.time(hours[2], hours[3])


class SetupForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Setup code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=gettext_lazy("It is in the server’s log and in the file setup-code in its data folder."),
    )
    name = forms.CharField(label=gettext_lazy("Name of the school"), max_length=120)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    grades = forms.CharField(
        label=gettext_lazy("Grades, one per line"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": gettext_lazy("Grade 5\nGrade 6\nArts & PE")}),
        help_text=gettext_lazy("Use your school’s own names. You can change them later."),
    )
    semester = forms.CharField(label=gettext_lazy("Semester"), max_length=60)
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=date_input())
    ends_on = forms.DateField(label=gettext_lazy("Last day"), widget=date_input())
    bells = forms.CharField(
        label=gettext_lazy("Periods, one per line"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=format_lazy(gettext_lazy("Start and end: 08:30 09:15. Up to {n} lines."), n=MAX_PERIODS),
    )
    given_name = forms.CharField(label=gettext_lazy("Given name"), max_length=60, required=False)
    family_name = forms.CharField(label=gettext_lazy("Family name"), max_length=60)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), max_length=254, help_text=gettext_lazy("You sign in with this address.")
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters. Two-factor sign-in comes next."),
        strip=False,
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        autumn = today.month >= 7
        name = _("Autumn %(year)s") if autumn else _("Spring %(year)s")
        initial = {
            "time_zone": default_time_zone(),
            "bells": "\n".join(BELLS),
            "semester": name % {"year": today.year},
        }
        super().__init__(*args, **{"initial": initial} | kwargs)
        offer_choices(self, "time_zone", policy.time_zones())
        name_fields_in_errors(self)
        refuse_hidden_characters_in_one_line_fields(self)

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        if not code_matches(typed):
            raise ValidationError(
                _("That code doesn’t match. Look in the server’s log, or in the file setup-code in its data folder.")
            )
        return typed

    def clean_bells(self) -> list[tuple[dt.time, dt.time]]:
        """Require 1 to MAX_PERIODS periods, in order and without overlap."""
        lines = [line for line in self.cleaned_data["bells"].splitlines() if line.strip()]
        try:
            bells = [_bell(line) for line in lines]
        except ValueError as error:
            raise ValidationError(_("Write each period like 08:30 09:15")) from error
        moments = [moment for bell in bells for moment in bell]
        in_order = all(start < end for start, end in bells) and moments == sorted(moments)
        if not in_order:
            raise ValidationError(_("Each period has to end after it starts, and before the next one begins"))
        if not 1 <= len(bells) <= MAX_PERIODS:
            words = _("You entered %(count)s periods. A day can have 1 to %(n)s.")
            raise ValidationError(words % {"count": len(bells), "n": MAX_PERIODS})
        return bells

    def clean_grades(self) -> list[str]:
        """Drop duplicates and blank lines; refuse names that are too long for the column."""
        names = [" ".join(line.split()) for line in self.cleaned_data["grades"].splitlines()]
        for name in names:
            if len(name) > MAX_GRADE_NAME:
                words = _("“%(name)s” has %(n)s characters; the name of a grade has at most %(most)s")
                raise ValidationError(words % {"name": name, "n": len(name), "most": MAX_GRADE_NAME})
        return list(dict.fromkeys(filter(None, names)))

    def clean(self) -> dict[str, Any]:
        """Check the length of the semester and the password, which must not resemble the person's name."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first = data.get("starts_on")
        last = data.get("ends_on")
        if first and last and not first < last <= first + YEAR:
            self.add_error("ends_on", _("Choose a last day after the first day, within a year"))
        if data.get("password"):
            person = Person(**{name: data.get(name, "") for name in ("email", "given_name", "family_name")})
            try:
                validate_password(data["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return data

    def first_school(self) -> FirstSchool:
        return FirstSchool(**{name: value for name, value in self.cleaned_data.items() if name != "code"})
