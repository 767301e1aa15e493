"""The form for a door sign: which room, and which paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from school.models import Room

PAPERS = {
    "a4": gettext_lazy("A4"),
    "a5": gettext_lazy("A5"),
    "hanger": gettext_lazy("Door hanger: two sides on A4, to cut out and fold"),
}


class SignForm(forms.Form):
    """Choose one of the teacher's own rooms, and a paper."""

    room = forms.TypedChoiceField(
        label=gettext_lazy("Room"),
        coerce=int,
        error_messages={"invalid_choice": gettext_lazy("Choose one of your rooms")},
    )
    paper = forms.ChoiceField(
        label=gettext_lazy("Paper"), choices=list(PAPERS.items()), initial="a4", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, rooms: Iterable[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rooms = {room.pk: room for room in rooms}
        chosen = self.fields["room"]
        assert isinstance(chosen, forms.TypedChoiceField)
        chosen.choices = [(room.pk, room.code) for room in self.rooms.values()]
