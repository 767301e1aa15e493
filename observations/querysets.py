"""Which notes, photos, praise and takeaways a person finds: as their author or as the host, never because of a role."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Expression, F, OuterRef, Q
from django.utils import timezone

from school.models import NoteReaders, Person, Semester
from school.models.managers import PersonQuerySet

if TYPE_CHECKING:
    from walks.models import Stop

    from .models import Note, Photo, Praise, Takeaway

Moment = dt.datetime | Expression | None  # None: as long before now as the functions below say

UNDO_SECONDS = 30  # praise can be taken back for so long, and its mail leaves afterwards
NEWS_DAYS = 30  # unread praise and unseen thanks count as new for so long


def undo_limit() -> dt.datetime:
    """Return the moment since which sending can still be undone. Receivers see only praise that was sent before it."""
    return _ago(dt.timedelta(seconds=UNDO_SECONDS))


def news_limit() -> dt.datetime:
    """Return the moment since which praise and thanks count as new."""
    return _ago(dt.timedelta(days=NEWS_DAYS))


def _ago(time: dt.timedelta) -> dt.datetime:
    return timezone.now() - time


class NoteQuerySet(models.QuerySet["Note"]):
    """Notes, which only their walker reads, unless the rule of the walk opens them to the host."""

    def visible_to(self, person: Person) -> Self:
        """Notes of the person's own walks."""
        return self.filter(stop__walk__walker=person)

    def open_to_host(self, person: Person) -> Self:
        """Notes about the person's lessons, on finished walks that began under the rule that opens them."""
        open_walk = Q(stop__walk__notes_rule=NoteReaders.HOST, stop__walk__state__in=["walked", "complete"])
        was_host = Q(
            stop__walk__stops__host=person,
            stop__walk__stops__room=F("stop__room"),
            stop__walk__stops__arrived_at__isnull=False,
            stop__walk__stops__skipped_at__isnull=True,
        )
        return self.filter(open_walk & was_host).exclude(text="").order_by("-stop__walk__date", "created_at")


class NoteManager(models.Manager.from_queryset(NoteQuerySet)):  # type: ignore[misc]
    """Notes without removed ones, which can be restored for an hour."""

    def get_queryset(self) -> NoteQuerySet:
        found: NoteQuerySet = super().get_queryset().filter(removed_at__isnull=True)
        return found


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos, which their walker sees, and a host once a photo was sent with a praise."""

    def visible_to(self, person: Person) -> Self:
        """Photos that the person took, and those in a praise to them."""
        received = Q(praises__host=person, praises__sent_at__lte=undo_limit(), praises__host_removed_at__isnull=True)
        return self.filter(Q(stop__walk__walker=person) | received).distinct()

    def own(self, person: Person) -> Self:
        """Photos that the person took; only they may change or delete them."""
        return self.filter(stop__walk__walker=person)


class PhotoManager(models.Manager.from_queryset(PhotoQuerySet)):  # type: ignore[misc]
    """Photos without removed ones, which can be restored for an hour."""

    def get_queryset(self) -> PhotoQuerySet:
        found: PhotoQuerySet = super().get_queryset().filter(removed_at__isnull=True)
        return found


class PraiseQuerySet(models.QuerySet["Praise"]):
    """Praise, which its author and its receiver read."""

    def visible_to(self, person: Person) -> Self:
        """Praise that the person wrote, and praise that was sent to them."""
        received = Q(host=person, sent_at__lte=undo_limit(), host_removed_at__isnull=True)
        return self.filter(Q(author=person) | received)

    def received_by(self, person: Person | OuterRef, *, sent_before: Moment = None) -> Self:
        """Praise that the person received, newest first."""
        sent_before = sent_before or undo_limit()
        received = self.filter(host=person, sent_at__lte=sent_before, host_removed_at__isnull=True)
        return received.order_by("-sent_at", "-pk")

    def new_to(self, person: Person | OuterRef, *, sent_before: Moment = None, since: Moment = None) -> Self:
        """Received praise of the last 30 days that the person has not opened yet."""
        received = self.received_by(person, sent_before=sent_before)
        return received.filter(read_at__isnull=True, sent_at__gt=since or news_limit())

    def with_new_thanks_to(self, person: Person | OuterRef, *, since: Moment = None) -> Self:
        """Praise that the person sent, with thanks of the last 30 days that they have not seen yet."""
        return self.sent_by(person).filter(thanks_sent_at__gt=since or news_limit(), thanks_seen_at__isnull=True)

    def sent_by(self, person: Person | OuterRef) -> Self:
        """Praise that the person sent, newest first."""
        return self.filter(author=person, sent_at__isnull=False).order_by("-sent_at", "-pk")

    def of(self, person: Person) -> Self:
        """Praise that the person wrote, with drafts."""
        return self.filter(author=person)

    def after_visit(self, stop: Stop) -> Self:
        """The praise for the visit to this room."""
        return self.filter(stop=stop, after_trying=False)

    def after_trying_idea(self, stop: Stop) -> Self:
        """The letter that says that an idea from this room was tried."""
        return self.filter(stop=stop, after_trying=True)

    def people(self, role: str) -> PersonQuerySet:
        """The authors or the hosts of this praise (`role`), by name."""
        listed = self.order_by().select_related(None).prefetch_related(None)
        found: PersonQuerySet = Person.objects.filter(pk__in=listed.values(role))
        return found

    def semesters(self) -> models.QuerySet[Semester]:
        """The semesters of the walks after which this praise was written, newest first."""
        listed = self.order_by().select_related(None).prefetch_related(None)
        found: models.QuerySet[Semester] = Semester.objects.filter(pk__in=listed.values("stop__walk__semester"))
        return found

    def replaceable_by(self, words: str, *, page: uuid.UUID | None, seen: uuid.UUID | None) -> Self:
        """Drafts that a page may replace with these words.

        A page may replace its own text (`page`), the text with which it began (`seen`), an empty text and the same
        words. A form without a page id, from before pages had ids, may replace every draft.
        """
        own_or_known = Q(page=page) | Q(page=seen) | Q(text__in=["", words]) if page else Q()
        return self.filter(own_or_known, sent_at__isnull=True)


class TakeawayQuerySet(models.QuerySet["Takeaway"]):
    """Takeaways, which only their walker reads."""

    def visible_to(self, person: Person) -> Self:
        """The person's own takeaways."""
        return self.filter(walk__walker=person)
