"""Who sees the words and photos of a walk: rows of the privacy page, which learningwalks/privacy/ joins."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from school.models import NoteReaders, Person, School
from walks.models import Stop, Walk
from walks.permissions import may_read_focus
from walks.who_sees_what import (
    ALWAYS,
    EVERY,
    HAPPENED,
    HEAD,
    HOST,
    SENT,
    SENT_TO_HEAD,
    WALKER,
    WITH_PHOTO,
    PrivacyCell,
    PrivacyRow,
)

from .models import Note, Photo, Praise, Takeaway


def finds_focus(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    """Whether the reader sees the focus, on the page of the walk or in a praise from it."""
    received = Praise.objects.visible_to(reader).filter(stop__walk=walk)
    on_its_page = Walk.objects.visible_to(reader).filter(pk=walk.pk).exists() and may_read_focus(reader, walk)
    was_told = Stop.objects.hosted_by(reader, now).filter(walk=walk, walk__tells_focus=True, walk__announced=True)
    return on_its_page or received.exists() or was_told.exists()


def _focus_in_announcement(school: School) -> dict[str, PrivacyCell]:
    """With the heads-up, if the school says so. Walks that were planned before it did are told without their focus."""
    if not school.focus_in_heads_up:
        return {}
    return {HOST: PrivacyCell(HAPPENED | {"announced"}, _("In the e-mail about the visit, and with the praise"))}


def finds_note(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    own = Note.objects.visible_to(reader).filter(stop__walk=walk)
    opened = Note.objects.open_to_host(reader).filter(stop__walk=walk)
    return bool(own.exists() or opened.exists())


def _notes_by_rule(school: School) -> dict[str, PrivacyCell]:
    """For walks that begin under the present rule. Each walk keeps its own."""
    if school.notes_about_a_room == NoteReaders.HOST:
        return {
            HOST: PrivacyCell(HAPPENED, _("After the walk, if it began under this rule; it says so above each note"))
        }
    if school.notes_about_a_room == NoteReaders.VANISH:
        return {WALKER: PrivacyCell(EVERY, _("Until they have thanked the colleague; then the notes vanish"))}
    return {}


def finds_photo(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    found: bool = Photo.objects.visible_to(reader).filter(stop__walk=walk).exists()
    return found


def finds_praise(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    return Praise.objects.visible_to(reader).filter(stop__walk=walk).exists()


def finds_takeaway(reader: Person, walk: Walk, now: dt.datetime) -> bool:
    return Takeaway.objects.visible_to(reader).filter(walk=walk).exists()


ROWS = [
    PrivacyRow(
        "focus",
        "bullseye",
        _("Focus: what the walk looks for"),
        finds_focus,
        {
            WALKER: ALWAYS,
            HOST: PrivacyCell(SENT, _("With the praise")),
            HEAD: PrivacyCell(SENT_TO_HEAD, _("Once the walker has sent the plan")),
        },
        _focus_in_announcement,
    ),
    PrivacyRow(
        "notes",
        "journal-text",
        _("Notes"),
        finds_note,
        {
            WALKER: ALWAYS,
            HOST: PrivacyCell(words=_("Only what the walker copies from a note into the praise")),
        },
        _notes_by_rule,
    ),
    PrivacyRow(
        "photos",
        "image",
        _("Photos"),
        finds_photo,
        {
            WALKER: ALWAYS,
            HOST: PrivacyCell(WITH_PHOTO, _("Only the photo in their praise")),
        },
    ),
    PrivacyRow(
        "praise",
        "envelope-heart",
        _("Praise: the words"),
        finds_praise,
        {
            WALKER: ALWAYS,
            HOST: PrivacyCell(SENT, _("From 30 seconds after the walker presses Send")),
        },
    ),
    PrivacyRow("takeaway", "lightbulb", _("Takeaway: what I will try"), finds_takeaway, {WALKER: ALWAYS}),
]
