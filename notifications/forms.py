"""The form for the e-mails that a person wants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.forms.fields import offer_choices
from school.models import Person

from . import preferences


class EmailChoicesForm(forms.Form):
    """One checkbox for each kind of mail that may be switched off."""

    wanted = forms.MultipleChoiceField(
        label=_("Send me"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        muted = preferences.muted(person)
        kinds = preferences.kinds_for(person)
        super().__init__(*args, **kwargs)
        self.initial = {"wanted": [kind.name for kind in kinds if kind.name not in muted]}
        offer_choices(self, "wanted", [(kind.name, kind.label) for kind in kinds])

    def groups(self) -> dict[str, list[tuple[Any, str]]]:
        """Return by heading each checkbox with its explanation, for the template."""
        groups: dict[str, list[tuple[Any, str]]] = {}
        for kind, box in zip(preferences.kinds_for(self.person), self["wanted"].subwidgets, strict=True):
            groups.setdefault(str(kind.group), []).append((box, str(kind.help)))
        return groups

    def save(self) -> None:
        wanted = set(self.cleaned_data["wanted"])
        offered = [kind.name for kind in preferences.kinds_for(self.person)]
        preferences.set_muted(self.person, [name for name in offered if name not in wanted])
