"""Photos chosen in a form, and the id under which each is kept."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

PHOTOS = "photos"  # the name of the file fields
DESCRIPTION = "description-"  # and of the line under each photo, with its id


class UploadForm(forms.Form):
    """Ids that the page gives: one of the photo (a script sends them one by one), or one of the page."""

    photo_id = forms.UUIDField(required=False)
    page = forms.UUIDField(required=False)

    def id_of(self, upload: UploadedFile[Any]) -> uuid.UUID:
        """The same file sent twice from the same page has the same id, so it becomes one photo."""
        ids = self.cleaned_data if self.is_valid() else {}
        page = ids.get("page") or uuid.uuid4()
        return ids.get("photo_id") or uuid.uuid5(page, f"{upload.name} {upload.size}")
