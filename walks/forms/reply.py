"""The walker's answer to the Head of Grade."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReplyForm(forms.Form):
    """The walker's words. Once they are sent, the request waits for a decision again."""

    words = forms.CharField(
        label=_("Your reply"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write a sentence, or accept the change"),
            "max_length": _("Keep it to 1000 characters"),
        },
    )
