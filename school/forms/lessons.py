"""The forms to add, change and hand over lessons of one teacher, from a date on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import DayType, Lesson, Period, Person, Room
from ..timetable.lesson_changes import LessonDetails
from .fields import offer_rows
from .settings import date_input


class LessonForm(forms.Form):
    """When, where and what a teacher teaches, and from which day on."""

    day_type = forms.ModelChoiceField(DayType.objects.none(), label=_("Day"), empty_label=_("Choose a day"))
    period = forms.ModelChoiceField(Period.objects.none(), label=_("Period"), empty_label=_("Choose a period"))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Lesson.Kind.choices,
        help_text=_("Colleagues can visit a class in a room. A duty or a meeting only keeps the teacher busy."),
    )
    name = forms.CharField(label=_("Class, or what it is"), max_length=60)
    room = forms.ModelChoiceField(Room.objects.none(), label=_("Room"), required=False, empty_label=_("No room"))
    from_date = forms.DateField(
        label=_("From this day on"), widget=date_input(), help_text=_("Earlier days stay as they are.")
    )

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "day_type", DayType.objects.visible_to(by))
        offer_rows(self, "period", Period.objects.visible_to(by))
        offer_rows(self, "room", Room.objects.visible_to(by))

    @property
    def details(self) -> LessonDetails:
        """What was chosen, without the day from which on it counts."""
        data = self.cleaned_data
        return LessonDetails(data["day_type"], data["period"], data["room"], data["kind"], data["name"])

    @staticmethod
    def values_of(lesson: Lesson, from_date: dt.date) -> dict[str, Any]:
        """Return the values that the form shows for this lesson."""
        return {
            "day_type": lesson.day_type,
            "period": lesson.period,
            "kind": lesson.kind,
            "name": lesson.title,
            "room": lesson.room,
            "from_date": from_date,
        }


class HandOverForm(forms.Form):
    """Who takes over all lessons of a teacher, and from which day on."""

    to = forms.ModelChoiceField(
        Person.objects.none(), label=_("Who takes over the lessons?"), empty_label=_("Choose a colleague")
    )
    from_date = forms.DateField(label=_("From this day on"), widget=date_input())

    def __init__(self, *args: Any, by: Person, teacher: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = Person.objects.visible_to(by).teachers().exclude(pk=teacher.pk)
        offer_rows(self, "to", colleagues.order_by("family_name", "given_name"))
        to: Any = self.fields["to"]
        to.label_from_instance = lambda person: person.name_and_teaching
