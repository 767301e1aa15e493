"""The photos of a form, and the id of each."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

PHOTOS = "photos"  # the name of the file fields
DESCRIPTION = "description-"  # prefix of the description under each photo, with its id


class UploadForm(forms.Form):
    """The photo's id if a script sent it, otherwise the id of the page."""

    photo_id = forms.UUIDField(required=False)
    page = forms.UUIDField(required=False)

    def id_of(self, upload: UploadedFile[Any]) -> uuid.UUID:
        """The same id for the same file from the same page, so that sending twice makes one photo."""
        ids = self.cleaned_data if self.is_valid() else {}
        page = ids.get("page") or uuid.uuid4()
        return ids.get("photo_id") or uuid.uuid5(page, f"{upload.name} {upload.size}")
