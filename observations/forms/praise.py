"""The form for praise: words to one host, and perhaps one photo of the room."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.forms.fields import offer_rows

from ..models import Photo, Praise

MAX_LENGTH = 4000
TOO_LONG = _("That is very long: %(show_value)s characters. Up to %(limit_value)s fit.")


class PraiseForm(forms.Form):
    """No field is required, because a draft may be empty. Only sending needs words."""

    text = forms.CharField(
        label=_("Your praise"),
        max_length=MAX_LENGTH,
        required=False,
        widget=forms.Textarea,
        error_messages={"max_length": TOO_LONG},
    )
    # `page` and `seen`: see words/praise.py. `replaces`: the page that stored the other version, if the page shows one.
    page = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)
    replaces = forms.UUIDField(required=False, widget=forms.HiddenInput)
    photo = forms.ModelChoiceField(
        label=_("Photo"),
        queryset=Photo.objects.none(),
        required=False,
        error_messages={"invalid_choice": _("That photo is no longer there. Choose another, or none.")},
    )

    def __init__(self, *args: Any, photos: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.photos = photos
        offer_rows(self, "photo", photos)

    @classmethod
    def of(cls, praise: Praise | None, photos: Any) -> PraiseForm:
        """Return the form with the stored draft. Every page gets an id of its own."""
        stored = {"text": praise.text, "photo": praise.photo_id, "seen": praise.page} if praise else {}
        return cls(photos=photos, initial={**stored, "page": uuid.uuid4()})

    def draft(self) -> dict[str, Any]:
        """Return the typed draft, as keyword arguments of the rules in words/praise.py."""
        return {name: self.cleaned_data[name] for name in ("text", "photo", "page", "seen")}

    def draft_of_button(self) -> dict[str, Any]:
        """Return the draft when a button was pressed. It may replace the other version that the page showed."""
        draft = self.draft()
        return {**draft, "seen": self.cleaned_data["replaces"] or draft["seen"]}
