"""Who finds private words and pictures: by relation to the row (author, host), never by rank."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from school.models import Person

if TYPE_CHECKING:
    from .models import Note, Photo, Praise, Takeaway

UNDO_SECONDS = 30


def undo_limit() -> dt.datetime:
    """Praise sent before this moment cannot be undone any more, so its receiver may read it."""
    return timezone.now() - dt.timedelta(seconds=UNDO_SECONDS)


class NoteQuerySet(models.QuerySet["Note"]):
    """Notes, which only their walker reads."""

    def visible_to(self, person: Person) -> Self:
        """Notes of the person's own walks."""
        return self.filter(stop__walk__walker=person)


class NoteManager(models.Manager.from_queryset(NoteQuerySet)):  # type: ignore[misc]
    """Notes without those that were removed, which can be restored for a while."""

    def get_queryset(self) -> NoteQuerySet:
        """Notes that were not removed."""
        found: NoteQuerySet = super().get_queryset().filter(removed_at__isnull=True)
        return found


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos: read by the walker, and by the host once sent with a praise."""

    def visible_to(self, person: Person) -> Self:
        """Own photos, and those in a praise that this person received."""
        received = Q(praises__host=person, praises__sent_at__lte=undo_limit())
        return self.filter(Q(stop__walk__walker=person) | received).distinct()

    def own(self, person: Person) -> Self:
        """Photos that the person took; only they may change or delete them."""
        return self.filter(stop__walk__walker=person)


class PraiseQuerySet(models.QuerySet["Praise"]):
    """Praise, read by its author and its receiver."""

    def visible_to(self, person: Person) -> Self:
        """What the person wrote, and what was sent to them."""
        return self.filter(Q(author=person) | Q(host=person, sent_at__lte=undo_limit()))

    def received_by(self, person: Person) -> Self:
        """Praise that this person received, newest first."""
        return self.filter(host=person, sent_at__lte=undo_limit()).order_by("-sent_at", "-pk")

    def sent_by(self, person: Person) -> Self:
        """Praise that this person sent, newest first."""
        return self.filter(author=person, sent_at__isnull=False).order_by("-sent_at", "-pk")

    def of(self, person: Person) -> Self:
        """Everything the person wrote, drafts too."""
        return self.filter(author=person)

    def open_for(self, words: str, *, page: uuid.UUID | None, seen: uuid.UUID | None) -> Self:
        """Drafts that these words may replace, because this page has seen what they hold.

        Pages that were opened before pages had ids are not checked.
        """
        known = Q(page=page) | Q(page=seen) | Q(text__in=["", words]) if page else Q()
        return self.filter(known, sent_at__isnull=True)


class TakeawayQuerySet(models.QuerySet["Takeaway"]):
    """Takeaways, which only their walker reads."""

    def visible_to(self, person: Person) -> Self:
        """The person's own takeaways."""
        return self.filter(walk__walker=person)
