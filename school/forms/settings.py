"""One small form for each list of the school."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import places
from ..models import (
    BellSchedule,
    Building,
    Campus,
    DayType,
    Grade,
    Hallway,
    Period,
    Person,
    Room,
    Semester,
    Team,
)
from ..models.managers import PersonQuerySet, SchoolQuerySet
from ..text.plates import plate_of, plates_of
from ..text.semester_words import guess_word
from ..text.typed import comparable, refuse_hidden_characters_in_one_line_fields
from .fields import BuildingField, HallwayField, offer_hallways

YEAR = dt.timedelta(days=366)
MOST_PERIODS = 24
EMPTY_LABELS = {
    Campus: gettext_lazy("Choose a campus"),
    Building: gettext_lazy("Choose a building"),
    Room: gettext_lazy("Choose a room"),
    BellSchedule: gettext_lazy("As usual"),
    DayType: gettext_lazy("As usual"),
    Period: gettext_lazy("All day"),  # a closure without a period lasts all day
}
CODE_TOO_LONG = gettext_lazy(
    "Room %(value)s is %(show_value)s characters long; a room’s code has at most %(limit_value)s"
)
TOO_LONG = gettext_lazy("use up to %(limit_value)s characters (you have %(show_value)s)")


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


def name_fields_in_errors(form: forms.BaseForm) -> None:
    """Put the name of each field into its errors, because the page lists all errors above the form."""
    for field in form.fields.values():
        field.error_messages["required"] = _("%(label)s: fill this in") % {"label": field.label}
        label = str(field.label).replace("%", "%%")
        field.error_messages.setdefault("max_length", f"{label}: {TOO_LONG}")


class RowForm(forms.ModelForm):
    """The form of a row of one of the school's lists. No two rows have the same values in the fields of `unique`."""

    unique: tuple[str, ...] = ("name",)
    taken_words = gettext_lazy("This entry is already in the list")

    def __init__(self, *args: Any, by: Person, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.today = today
        name_fields_in_errors(self)
        refuse_hidden_characters_in_one_line_fields(self)
        if hasattr(self.instance, "school_id") and self.instance.school_id is None:
            self.instance.school = by.school
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                assert isinstance(field.queryset, SchoolQuerySet | PersonQuerySet)
                field.queryset = field.queryset.visible_to(by)
                field.empty_label = str(EMPTY_LABELS[field.queryset.model])

    def clean(self) -> dict[str, Any]:
        """Refuse a second row with the same values in `unique`."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if all(name in data for name in self.unique):  # fields with errors are missing
            same = self._meta.model.objects.visible_to(self.by).filter(**{name: data[name] for name in self.unique})
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error(self.unique[0], str(self.taken_words))
        return data


def is_after(data: dict[str, Any], first: str, last: str) -> bool:
    """Whether the second value comes after the first, or one of them is missing."""
    if not (data.get(first) and data.get(last)):
        return True
    return bool(data[last] > data[first])


class SemesterForm(RowForm):
    """A semester. Its word in sentences is guessed from its name, unless another word is typed."""

    class Meta:
        model = Semester
        fields = ["name", "word", "starts_on", "ends_on"]
        widgets = {"starts_on": date_input(), "ends_on": date_input()}
        labels = {"word": gettext_lazy("Word in sentences")}
        help_texts = {
            "word": gettext_lazy("As in “your autumn walk”. Leave this empty to take the season from the name.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"].required = False
        self.old_guess = guess_word(self.instance.name) if self.instance.pk else ""
        if self.instance.pk is None:
            self.initial["word"] = ""

    def clean_word(self) -> str:
        """Guess the word if none was typed, and again if the guessed word stays while the name changes."""
        word: str = self.cleaned_data["word"]
        if word in ("", self.old_guess):
            return guess_word(self.cleaned_data.get("name", ""))
        return word

    def clean(self) -> dict[str, Any]:
        """Refuse a last day that is not after the first, or more than a year later."""
        data = super().clean()
        if not is_after(data, "starts_on", "ends_on"):
            self.add_error("ends_on", _("Choose a last day after the first day"))
        elif data.get("starts_on") and data.get("ends_on") and data["ends_on"] - data["starts_on"] > YEAR:
            self.add_error("ends_on", _("That’s more than a year. Choose an earlier last day"))
        return data


class PeriodForm(RowForm):
    """A period. The campus is asked for only if the school has several."""

    unique = ("position",)
    taken_words = gettext_lazy("There is already a period with this number")
    position = forms.IntegerField(label=gettext_lazy("Number"), min_value=1, max_value=MOST_PERIODS)

    class Meta:
        model = Period
        fields = ["position", "name", "starts_at", "ends_at", "campus"]
        labels = {"campus": gettext_lazy("Only on this campus")}
        widgets = {"starts_at": time_input(), "ends_at": time_input()}

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        campus = self.fields["campus"]
        assert isinstance(campus, forms.ModelChoiceField)
        campus.empty_label = _("On each campus")
        if Campus.objects.visible_to(by).count() < 2:
            del self.fields["campus"]

    def clean(self) -> dict[str, Any]:
        """Refuse a period that does not end after it starts."""
        data = super().clean()
        if not is_after(data, "starts_at", "ends_at"):
            self.add_error("ends_at", _("Choose an end after the start"))
        return data


class CampusForm(RowForm):
    class Meta:
        model = Campus
        fields = ["name"]


class BuildingForm(RowForm):
    """A building. The campus is asked for only if the school has several."""

    unique = ("name", "campus")

    class Meta:
        model = Building
        fields = ["name", "campus"]

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        campuses = Campus.objects.visible_to(by)[:2]
        if len(campuses) == 1:
            del self.fields["campus"]
            self.instance.campus = campuses[0]

    def clean(self) -> dict[str, Any]:
        """Compare the name with other buildings of the only campus too."""
        if "campus" not in self.fields:
            self.cleaned_data["campus"] = self.instance.campus
        return super().clean()


class HallwayForm(RowForm):
    unique = ("name", "building")
    building = BuildingField(Building.objects.none(), label=gettext_lazy("Building"))

    class Meta:
        model = Hallway
        fields = ["name", "building"]

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        building = self.fields["building"]
        assert isinstance(building, BuildingField)
        building.queryset = Building.objects.visible_to(by).select_related("campus")
        building.names_campus = places.has_several_campuses(by.school)


class RoomForm(RowForm):
    """A room. Its plate is made from its code, unless another one is typed."""

    unique = ("code",)
    taken_words = gettext_lazy("There is already a room with this code")
    hallway = HallwayField(
        label=gettext_lazy("Hallway"),
        empty_label=gettext_lazy("Choose a hallway"),
        help_text=gettext_lazy("Choose the building if the room is on no hallway, or if hallways don’t matter to you."),
    )

    class Meta:
        model = Room
        fields = ["code", "plate", "hallway"]
        error_messages = {"code": {"max_length": CODE_TOO_LONG}}
        labels = {"code": gettext_lazy("Room, as on its door"), "plate": gettext_lazy("On the plate")}
        help_texts = {
            "code": gettext_lazy("For example 204, SCI-104 or Gym East."),
            "plate": gettext_lazy(
                "Up to six characters for the small plate that stands for the room in plans and routes. "
                "Leave this empty to make it from the room’s code."
            ),
        }

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        offer_hallways(self, "hallway", by=by)
        self.old_plate = plate_of(self.instance.code) if self.instance.pk else ""

    def _get_validation_exclusions(self) -> set[str]:
        """Skip Django's check of the hallway, which may be a building's own one and not stored yet."""
        others: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return others | {"hallway"}

    def clean(self) -> dict[str, Any]:
        """Make the plate if none was typed, and again if the code changes and the made plate stays."""
        data = super().clean()
        if not {"code", "plate"} <= data.keys():
            return data
        others = Room.objects.visible_to(self.by).exclude(pk=self.instance.pk)
        room_of_plate = {comparable(room.plate): room for room in others}
        if data["plate"] in ("", self.old_plate):
            data["plate"] = plates_of([data["code"]], taken=room_of_plate)[data["code"]]
        elif comparable(data["plate"]) in room_of_plate:
            room = room_of_plate[comparable(data["plate"])]
            self.add_error("plate", _("Room %(room)s has this plate already. Type another one") % {"room": room})
        return data


class GradeForm(RowForm):
    """A grade. Its Heads are chosen on the people pages."""

    class Meta:
        model = Grade
        fields = ["name", "position"]
        labels = {"position": gettext_lazy("Place in the list")}
        help_texts = {"position": gettext_lazy("Lower numbers come first.")}


class TeamForm(RowForm):
    """A team. Its members are chosen on the people pages."""

    class Meta:
        model = Team
        fields = ["name"]
