"""The filters of the semester report, and the form that excuses a teacher."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.forms.fields import choose_words
from school.models import Person
from school.text.typed import refuse_unseen

from ..semester.report import STATUSES, grades_in_scope


class ReportFilters(forms.Form):
    """Filter by name, grade and status. The values are in the query string."""

    q = forms.CharField(label=_("Name"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    grade = forms.ChoiceField(label=_("Grade"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, *args: Any, reader: Person, order: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grades = [(str(grade.pk), grade.name) for grade in grades_in_scope(reader)]
        choose_words(self, "grade", [("", _("All grades")), *grades])
        statuses = [(status, STATUSES[status][0]) for status in order]
        choose_words(self, "status", [("", _("Any status")), *statuses])

    @property
    def chosen(self) -> list[str]:
        """The chosen filters in words, for example “Ada”, Grade 7, Planned."""
        name = str(self["q"].value() or "").strip()
        words = [_("“%(name)s”") % {"name": name}] if name else []
        for field in ("grade", "status"):
            value = self[field].value()
            choices = self.fields[field].choices  # type: ignore[attr-defined]
            words += [str(label) for key, label in choices if key and key == value]
        return words


class ExcusalForm(forms.Form):
    """Excuse a teacher from the walk of a semester, with a reason."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=80,
        validators=[refuse_unseen],
        help_text=_(
            "Administrators can read this, and so can the teacher. Heads of Grade only see “Excused”. Example: on leave"
        ),
        error_messages={"required": _("Write a word about why, for example: on leave")},
    )
