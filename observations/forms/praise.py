"""The words to one host, and perhaps one photo from that room."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.forms.fields import choose_from

from ..models import Photo, Praise

TOO_LONG = _("That is very long: %(show_value)s characters. Up to %(limit_value)s fit.")


class PraiseForm(forms.Form):
    """Nothing is required here: a draft may be empty, and only sending asks for words."""

    text = forms.CharField(
        label=_("Your note"),
        max_length=4000,
        required=False,
        widget=forms.Textarea,
        error_messages={"max_length": TOO_LONG},
    )
    page = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)
    replaces = forms.UUIDField(required=False, widget=forms.HiddenInput)  # the other version, shown beside this one
    photo = forms.ModelChoiceField(
        label=_("Photo"),
        queryset=Photo.objects.none(),
        required=False,
        error_messages={"invalid_choice": _("That photo is no longer there. Choose another, or none.")},
    )

    def __init__(self, *args: Any, photos: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.photos = photos
        choose_from(self, "photo", photos)

    @classmethod
    def of(cls, praise: Praise | None, photos: Any) -> PraiseForm:
        """The form as it was left; every page gets a name of its own."""
        kept = {"text": praise.text, "photo": praise.photo_id, "seen": praise.page} if praise else {}
        return cls(photos=photos, initial={**kept, "page": uuid.uuid4()})

    def draft(self) -> dict[str, Any]:
        """What was typed, for the rules."""
        return {name: self.cleaned_data[name] for name in ("text", "photo", "page", "seen")}

    def chosen(self) -> dict[str, Any]:
        """The draft of somebody who pressed a button: they saw the other version that the page showed."""
        draft = self.draft()
        return {**draft, "seen": self.cleaned_data["replaces"] or draft["seen"]}
