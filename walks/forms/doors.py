"""The forms of an open door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from school.models import Person, Room
from school.places import rooms_of
from school.text.typed import number_in_words, refuse_hidden_characters_in_one_line_fields

from ..doors.lessons import LessonToOpen
from ..models import OpenDoor, Practice

STARTERS = (gettext_lazy("First try of"), gettext_lazy("Students lead"), gettext_lazy("A quiet way to"))


class DoorForm(forms.Form):
    """What colleagues read about a door, and how many may come."""

    title = forms.CharField(
        label=gettext_lazy("What’s worth seeing?"),
        max_length=80,
        help_text=gettext_lazy(
            "A few words colleagues will read. It needn’t work perfectly; a first try is worth a visit."
        ),
        error_messages={
            "required": gettext_lazy("Say in a few words what’s worth seeing"),
            "max_length": gettext_lazy("Keep it to 80 characters"),
        },
    )
    practice = forms.ModelChoiceField(
        label=gettext_lazy("What could a visitor look for?"),
        queryset=Practice.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nothing in particular"),
    )
    places = forms.TypedChoiceField(
        label=gettext_lazy("How many may come?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how many may come")},
    )
    is_tentative = forms.BooleanField(
        label=gettext_lazy("Not sure yet"),
        required=False,
        help_text=gettext_lazy("Colleagues read “Not sure yet” beside it."),
    )

    def __init__(self, *args: Any, by: Person, door: OpenDoor | None = None, **kwargs: Any) -> None:
        if door is not None:
            kwargs["initial"] = {
                "title": door.title,
                "practice": door.practice_id,
                "places": door.places,
                "is_tentative": door.is_tentative,
            }
        super().__init__(*args, **kwargs)
        refuse_hidden_characters_in_one_line_fields(self)
        limit = by.school.visitor_limit
        practice = self.fields["practice"]
        assert isinstance(practice, forms.ModelChoiceField)
        chosen = Q(pk=door.practice_id if door is not None else None)
        practice.queryset = Practice.objects.visible_to(by).filter(Q(is_hidden=False) | chosen)
        places = self.fields["places"]
        assert isinstance(places, forms.TypedChoiceField)
        places.choices = [(number, number_in_words(number)) for number in range(1, limit + 1)]
        places.initial = limit
        words = ngettext(
            "Your school allows one visitor in a class.", "Your school allows %(limit)s visitors in a class.", limit
        )
        places.help_text = words % {"limit": number_in_words(limit).lower()}


class NewDoorForm(DoorForm):
    """Open one of the teacher's own lessons, once or every time until the semester ends."""

    lesson = forms.ChoiceField(
        label=gettext_lazy("Which lesson?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a lesson"),
            "invalid_choice": gettext_lazy("Choose a lesson"),
        },
    )
    repeats = forms.BooleanField(label=gettext_lazy("Open it every time"), required=False)
    field_order = ["lesson", "title", "practice", "places", "is_tentative", "repeats"]

    def __init__(self, *args: Any, by: Person, lessons: Sequence[LessonToOpen], **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.lessons = {lesson.key: lesson for lesson in lessons}
        lesson_field = self.fields["lesson"]
        assert isinstance(lesson_field, forms.ChoiceField)
        lesson_field.choices = [(key, key) for key in self.lessons]
        lesson_field.initial = next((lesson.key for lesson in lessons if not lesson.why_not), None)

    def clean_lesson(self) -> LessonToOpen:
        """Return the chosen lesson. Refuse one that cannot be opened."""
        lesson = self.lessons[self.cleaned_data["lesson"]]
        if lesson.why_not:
            words = _("That lesson can’t be opened (%(why)s). Choose another one.")
            raise forms.ValidationError(words % {"why": lesson.why_not})
        return lesson


class DoorByHandForm(DoorForm):
    """Open a door without a timetable: day, period and room are chosen by hand."""

    date = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Choose a day"), "invalid": gettext_lazy("Choose a day")},
    )
    period = forms.ChoiceField(
        label=gettext_lazy("Period"), error_messages={"required": gettext_lazy("Choose a period")}
    )
    room = forms.ChoiceField(label=gettext_lazy("Room"), error_messages={"required": gettext_lazy("Choose a room")})
    field_order = ["date", "period", "room", "title", "practice", "places", "is_tentative"]

    def __init__(self, *args: Any, by: Person, periods: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.rooms: dict[str, Room] = {str(pk): room for pk, room in rooms_of(by.school).items()}
        for name, choices in (
            ("period", periods),
            ("room", [(key, room.code) for key, room in self.rooms.items()]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "–"), *choices]
