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
    """What was sent before this moment can no longer be taken back, so its receiver may read it."""
    return timezone.now() - dt.timedelta(seconds=UNDO_SECONDS)


class NoteQuerySet(models.QuerySet["Note"]):
    """Notes: the walker's alone."""

    def visible_to(self, person: Person) -> Self:
        """Notes of the person's own walks."""
        return self.filter(stop__walk__walker=person)


class NoteManager(models.Manager.from_queryset(NoteQuerySet)):  # type: ignore[misc]
    """Notes as everybody finds them: without those just removed, which can be brought back for a while."""

    def get_queryset(self) -> NoteQuerySet:
        """Notes that were not removed."""
        found: NoteQuerySet = super().get_queryset().filter(removed_at__isnull=True)
        return found


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos: the walker's; and the host's once attached to a praise that was sent."""

    def visible_to(self, person: Person) -> Self:
        """Own photos, and those put into a praise this person received."""
        received = Q(praises__host=person, praises__sent_at__lte=undo_limit())
        return self.filter(Q(stop__walk__walker=person) | received).distinct()

    def own(self, person: Person) -> Self:
        """Photos the person took, which only they may change or delete."""
        return self.filter(stop__walk__walker=person)


class PraiseQuerySet(models.QuerySet["Praise"]):
    """Praise: author and receiver."""

    def visible_to(self, person: Person) -> Self:
        """What the person wrote, and what was sent to them."""
        return self.filter(Q(author=person) | Q(host=person, sent_at__lte=undo_limit()))

    def received_by(self, person: Person) -> Self:
        """Kind words this person received, newest first."""
        return self.filter(host=person, sent_at__lte=undo_limit()).order_by("-sent_at", "-pk")

    def sent_by(self, person: Person) -> Self:
        """Praise this person sent, newest first."""
        return self.filter(author=person, sent_at__isnull=False).order_by("-sent_at", "-pk")

    def of(self, person: Person) -> Self:
        """Everything the person wrote, drafts too."""
        return self.filter(author=person)

    def open_for(self, words: str, *, page: uuid.UUID | None, seen: uuid.UUID | None) -> Self:
        """Drafts over which these words may be written: nothing is lost that this page has not seen.

        A page that was open before pages had names is not asked.
        """
        known = Q(page=page) | Q(page=seen) | Q(text__in=["", words]) if page else Q()
        return self.filter(known, sent_at__isnull=True)


class TakeawayQuerySet(models.QuerySet["Takeaway"]):
    """Takeaways: the walker's alone."""

    def visible_to(self, person: Person) -> Self:
        """Ideas the person borrowed."""
        return self.filter(walk__walker=person)
