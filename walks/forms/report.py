"""The filters of the semester report, and the form that excuses a teacher."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import urlize
from django.utils.translation import gettext_lazy as _

from school.forms.fields import offer_choices
from school.models import Person
from school.text.typed import one_line, refuse_hidden_characters

from ..semester.report import grades_in_scope
from ..semester.report_statuses import STATUSES


class ReportFilters(forms.Form):
    """Filter by name, grade and status. The values are in the query string."""

    q = forms.CharField(label=_("Name"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    grade = forms.ChoiceField(label=_("Grade"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, *args: Any, reader: Person, statuses: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grades = [(str(grade.pk), grade.name) for grade in grades_in_scope(reader)]
        offer_choices(self, "grade", [("", _("All grades")), *grades])
        labels = [(status, STATUSES[status].label) for status in statuses]
        offer_choices(self, "status", [("", _("Any status")), *labels])

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


class PeopleField(forms.MultipleChoiceField):
    """Ticked people. Any id is valid: the view leaves out people who planned a walk while the page was open."""

    def valid_value(self, value: Any) -> bool:
        return True


class NudgeForm(forms.Form):
    """Who gets the nudge, and a line that the sender adds to it."""

    words = forms.CharField(
        label=_("Your message"),
        max_length=160,
        required=False,
        validators=[refuse_hidden_characters],
        help_text=_("It appears above the times, with your name. One or two short sentences."),
        error_messages={"max_length": _("Use up to %(limit_value)s characters (you have %(show_value)s)")},
    )
    person = PeopleField(label=_("Who gets it"), error_messages={"required": _("Tick at least one colleague")})

    def clean_words(self) -> str:
        """Make it one line. Refuse what mail programs turn into links, so that all links lead to the planner."""
        words = one_line(self.cleaned_data["words"])
        if "<a " in urlize(words):
            raise forms.ValidationError(_("Leave web and e-mail addresses out of your message"))
        return words


class ExcusalForm(forms.Form):
    """Excuse a teacher from the walk of a semester, with a reason."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=80,
        validators=[refuse_hidden_characters],
        help_text=_(
            "Administrators can read this, and so can the teacher. Heads of Grade only see “Excused”. Example: on leave"
        ),
        error_messages={"required": _("Give a reason, for example: on leave")},
    )
