"""The form of one practice in the catalogue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from school.models import Person
from school.text.typed import refuse_hidden_characters_in_one_line_fields

from ..models import Practice


class PracticeForm(forms.ModelForm):
    """Add or change a practice."""

    class Meta:
        model = Practice
        fields = ["name", "group", "look_fors", "student_prompts", "borrow_prompt", "sample_praise"]
        widgets = {
            "look_fors": forms.Textarea(attrs={"rows": 4}),
            "student_prompts": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "look_fors": gettext_lazy("Students first: what they say, do and make. This is not a checklist."),
            "student_prompts": gettext_lazy("About learning, never about the teacher."),
            "sample_praise": gettext_lazy("A sentence to fill in, with ___ for the blanks."),
        }
        error_messages = {"name": {"required": gettext_lazy("Name the practice")}}

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        refuse_hidden_characters_in_one_line_fields(self)
        if self.instance.pk is None:
            self.instance.school = by.school

    def clean_name(self) -> str:
        """Refuse a name that another practice of the school has."""
        name: str = self.cleaned_data["name"]
        if Practice.objects.visible_to(self.by).filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is already a practice with this name"))
        return name
