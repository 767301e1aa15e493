"""The form of one note: its words, its focus, and the ids that distinguish two versions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.forms.fields import Choice, offer_choices
from walks.models import Practice, Walk

from ..models import Note
from ..words.notes import NoteDraft

# Values of `tag` besides the ids of practices.
OWN_FOCUS = "own"
SOMETHING_ELSE = ""
MAX_TYPED_AT = dt.datetime(9000, 1, 1, tzinfo=dt.UTC).timestamp() * 1000  # milliseconds; Python knows no year 10000
TOO_LONG = _("That is very long: %(show_value)s characters. Up to %(limit_value)s fit; go on in another note.")


class NoteForm(forms.Form):
    """A note from a page. The page supplies the ids, so that sending the form twice creates one note."""

    note_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    page = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)
    typed_at = forms.IntegerField(required=False, min_value=0, max_value=int(MAX_TYPED_AT), widget=forms.HiddenInput)
    tag = forms.ChoiceField(label=_("This note is about"), required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What are you learning?"),
        max_length=4000,
        required=False,
        widget=forms.Textarea,
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, *args: Any, walk: Walk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.practices: dict[str, Practice] = {str(practice.pk): practice for practice in walk.focus.all()}
        own = [(OWN_FOCUS, walk.own_focus)] if walk.own_focus else []
        choices = [(key, practice.name) for key, practice in self.practices.items()]
        self.tags: list[Choice] = [*choices, *own, (SOMETHING_ELSE, _("Something else"))]
        offer_choices(self, "tag", self.tags)

    @classmethod
    def of(cls, note: Note | None, walk: Walk) -> NoteForm:
        """Return the form of a new note, about nothing yet, or of one to continue. Every page gets an id of its own."""
        page = uuid.uuid4()
        if note is None:
            return cls(walk=walk, initial={"note_id": uuid.uuid4(), "page": page})
        tag = OWN_FOCUS if note.on_own_focus else str(note.practice_id or SOMETHING_ELSE)
        return cls(
            walk=walk, initial={"note_id": note.pk, "page": page, "seen": note.page, "tag": tag, "text": note.text}
        )

    def draft(self) -> NoteDraft:
        """Return the typed note for the rule. A form without ids, which no page of ours makes, gets new ones."""
        data = self.cleaned_data
        typed = data["typed_at"]
        return NoteDraft(
            id=data["note_id"] or uuid.uuid4(),
            page=data["page"] or uuid.uuid4(),
            seen=data["seen"],
            typed_at=dt.datetime.fromtimestamp(typed / 1000, tz=dt.UTC) if typed else None,
            text=data["text"],
            practice=self.practices.get(data["tag"]),
            on_own_focus=data["tag"] == OWN_FOCUS,
        )
