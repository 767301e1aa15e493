"""The filter of the Praise pages: words, a colleague, a semester."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from school.text.typed import comparable

from ..querysets import PraiseQuerySet

SEARCH_LENGTH = 100


class PraiseFilterForm(forms.Form):
    """Offer the colleagues and semesters of these praises. Other values are ignored."""

    q = forms.CharField(label=_("Search"), required=False)
    person = forms.TypedChoiceField(label=_("Colleague"), required=False, coerce=int, empty_value=None)
    semester = forms.TypedChoiceField(label=_("Semester"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, praises: PraiseQuerySet, colleague: str) -> None:
        super().__init__(data)
        self.praises = praises
        self.colleague = colleague  # "author" or "host": the field with the other person
        people, semesters = _choices(praises, colleague)
        self.people = people
        self.is_useful = len(people) > 1 or len(semesters) > 1
        self.fields["person"].choices = [("", _("Everyone")), *people]  # type: ignore[attr-defined]
        self.fields["semester"].choices = [("", _("All semesters")), *semesters]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def is_filtering(self) -> bool:
        """Whether something was chosen or typed, so that only some praises are shown."""
        return any(self.cleaned_data.get(name) for name in self.fields)

    def matching(self) -> PraiseQuerySet:
        words = self.cleaned_data.get("q", "")[:SEARCH_LENGTH]
        person = self.cleaned_data.get("person")
        semester = self.cleaned_data.get("semester")
        found = self.praises
        for word in words.split():
            found = found.filter(Q(text__icontains=word) | Q(**{f"{self.colleague}__in": self._named(word)}))
        if person:
            found = found.filter(**{self.colleague: person})
        return found.filter(stop__walk__semester=semester) if semester else found

    def _named(self, word: str) -> list[int]:
        """Return the colleagues whose name contains the word. Accents do not matter: Zielinski finds Zieliński."""
        letters = comparable(word)
        return [pk for pk, name in self.people if letters and letters in comparable(name)]


def _choices(praises: PraiseQuerySet, colleague: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the colleagues by name and the semesters, newest first, in two queries."""
    people = list(praises.people(colleague).select_related("grade"))
    counts = Counter(person.full_name for person in people)
    return (
        [
            (person.pk, person.full_name if counts[person.full_name] == 1 else person.name_and_teaching)
            for person in people
        ],
        [(semester.pk, semester.name) for semester in praises.semesters()],
    )
