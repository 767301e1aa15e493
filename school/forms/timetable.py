"""The forms to paste the timetable of a semester, and to copy it from another semester."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..calendar import Calendar
from ..models import Person, Semester
from ..timetable.lessons import MAX_LINES, TimetablePaste
from .fields import HallwayField, offer_hallways, offer_rows


class TimetableForm(forms.Form):
    """One lesson per line, and what happens to lessons that the semester already has."""

    HOW = [
        ("add", gettext_lazy("Add to it, and correct what is different")),
        ("replace", gettext_lazy("Replace the whole semester’s timetable")),
    ]
    semester = forms.ModelChoiceField(Semester.objects.none(), widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("One lesson per line"),
        max_length=600_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "wrap": "off"}),
        help_text=gettext_lazy(
            "E-mail, name or code; day; period; room; class. Copy the five columns from a spreadsheet; with their "
            "headings, the columns can be in any order. Write a double period as 1-2, and two teachers as "
            "“Amara Osei + Jonas Lindqvist”. For a duty or a meeting, write its name instead of the class, "
            "without a room."
        ),
        error_messages={"required": gettext_lazy("Paste at least one line")},
    )
    how = forms.ChoiceField(
        label=gettext_lazy("The timetable so far"), choices=HOW, initial="add", widget=forms.RadioSelect
    )
    hallway = HallwayField(
        label=gettext_lazy("Create missing rooms in"),
        required=False,
        empty_label=gettext_lazy("Don’t create rooms"),
    )
    skip_problem_lines = forms.BooleanField(label=gettext_lazy("Leave out the lines with problems"), required=False)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "semester", Semester.objects.visible_to(by))
        offer_hallways(self, "hallway", by=by)
        self.example_days = [day.name for day in Calendar(by.school).day_types[:2]]

    def clean_text(self) -> str:
        """Refuse too many lines, and a text without any."""
        text: str = self.cleaned_data["text"]
        lines = sum(1 for line in text.splitlines() if line.strip())
        if lines > MAX_LINES:
            raise ValidationError(_("That’s more than %(n)s lines. Paste them in two parts.") % {"n": MAX_LINES})
        if not lines:
            raise ValidationError(self.fields["text"].error_messages["required"])
        return text

    def paste(self) -> TimetablePaste:
        data = self.cleaned_data
        return TimetablePaste(
            text=data["text"],
            semester=data["semester"],
            replace=data["how"] == "replace",
            hallway=data["hallway"],
            skip_problem_lines=data["skip_problem_lines"],
        )


class CopyForm(forms.Form):
    source = forms.ModelChoiceField(Semester.objects.none())
    target = forms.ModelChoiceField(Semester.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("source", "target"):
            offer_rows(self, name, Semester.objects.visible_to(by))
