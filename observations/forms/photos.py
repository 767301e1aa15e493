"""The names of the photo fields in a form, and the id of each photo."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

PHOTOS = "photos"  # name of the file field
DESCRIPTION = "description-"  # the name of a description field begins with this and ends with the id of the photo


class UploadForm(forms.Form):
    """The ids sent with photos. A script sends one photo with its `photo_id`; a form without it sends only `page`."""

    photo_id = forms.UUIDField(required=False)
    page = forms.UUIDField(required=False)

    def id_of(self, upload: UploadedFile[Any]) -> uuid.UUID:
        """Return the same id for the same file from the same page, so that sending it twice makes one photo."""
        ids = self.cleaned_data if self.is_valid() else {}
        page = ids.get("page") or uuid.uuid4()
        return ids.get("photo_id") or uuid.uuid5(page, f"{upload.name} {upload.size}")
