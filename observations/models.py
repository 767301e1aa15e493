"""The walker's notes, photos and takeaways, and the praise to each host. Django's admin shows none of them.

Nothing here is a score: there is no number, level or choice about a visited teacher.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from school.models import Person
from walks.models import Practice, Stop, Walk

from .querysets import (
    UNDO_SECONDS,
    NoteManager,
    NoteQuerySet,
    PhotoManager,
    PhotoQuerySet,
    PraiseQuerySet,
    TakeawayQuerySet,
    news_limit,
)


class Note(models.Model):
    """A note from one room, private to the walker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    stop = models.ForeignKey(Stop, models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), max_length=4000, blank=True)
    practice = models.ForeignKey(Practice, models.SET_NULL, related_name="+", null=True, blank=True)
    on_own_focus = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # Which page wrote this text, and when its last letter was typed, so that an older text never replaces a newer one.
    page = models.UUIDField(null=True, blank=True)
    typed_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = NoteManager()
    with_removed = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"Note {self.pk}"

    @property
    def about(self) -> str:
        """Return the focus of this note in words, or "" if it is about something else."""
        if self.practice:
            return self.practice.name
        return self.stop.walk.own_focus if self.on_own_focus else ""


def photo_path(photo: Photo, _filename: str) -> str:
    """Return a random name, because the file's name on the phone may be private."""
    return f"photos/{photo.pk.hex[:2]}/{photo.pk.hex}.jpg"


class Photo(models.Model):
    """A photo of work or walls, private to the walker until it is put into a praise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    stop = models.ForeignKey(Stop, models.CASCADE, related_name="photos")
    file = models.FileField(upload_to=photo_path)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    description = models.CharField(_("description"), max_length=200, blank=True)
    taken_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PhotoManager()
    with_removed = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["taken_at"]

    def __str__(self) -> str:
        return f"Photo {self.pk}"


class Praise(models.Model):
    """The thank-you to one host: first a draft, then sent or said in person. Sent praise never changes.

    A host gets one after the visit, and perhaps a second one when the walker tried an idea from their room.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    stop = models.ForeignKey(Stop, models.CASCADE, related_name="praises", related_query_name="praise")
    after_trying = models.BooleanField(default=False)  # "I tried your idea", written after the takeaway was tried
    author = models.ForeignKey(Person, models.CASCADE, related_name="praise_written")
    host = models.ForeignKey(Person, models.CASCADE, related_name="praise_received")
    text = models.TextField(_("note"), max_length=4000, blank=True)
    photo = models.ForeignKey(Photo, models.SET_NULL, related_name="praises", null=True, blank=True)
    updated_at = models.DateTimeField()
    page = models.UUIDField(null=True, blank=True, editable=False)  # the page that wrote this text
    sent_at = models.DateTimeField(null=True, blank=True)
    said_in_person_at = models.DateTimeField(null=True, blank=True)
    send_count = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    thanks_sent_at = models.DateTimeField(null=True, blank=True)  # when the host thanked the author for it
    thanks_seen_at = models.DateTimeField(null=True, blank=True)  # when the author saw the host's thanks
    host_removed_at = models.DateTimeField(null=True, blank=True)  # the author keeps their copy, and is not told

    objects = PraiseQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at"]
        constraints = [
            models.UniqueConstraint(fields=["stop", "after_trying"], name="praise_once_after_visit_and_trying"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(said_in_person_at__isnull=True), name="praise_sent_or_said"
            ),
            models.CheckConstraint(condition=Q(sent_at__isnull=True) | ~Q(text=""), name="praise_sent_has_words"),
            models.CheckConstraint(
                condition=Q(thanks_sent_at__isnull=True) | Q(sent_at__isnull=False), name="praise_thanked_after_sent"
            ),
            models.CheckConstraint(
                condition=Q(host_removed_at__isnull=True) | Q(sent_at__isnull=False), name="praise_removed_after_sent"
            ),
        ]
        indexes = [
            models.Index(fields=["host", "-sent_at"], name="praise_by_host"),
            models.Index(fields=["author", "-sent_at"], name="praise_by_author"),
        ]

    def __str__(self) -> str:
        return f"Praise {self.pk}"

    @property
    def about(self) -> str:
        """Return the `about` of its mail (see outbox.put). It changes with each press of Send."""
        return f"praise:{self.pk}:{self.send_count}"

    @property
    def is_new(self) -> bool:
        """Whether it was sent in the last 30 days and its receiver has not opened it yet."""
        return self.read_at is None and self.sent_at is not None and self.sent_at > news_limit()

    @property
    def has_new_thanks(self) -> bool:
        """Whether its receiver said thanks in the last 30 days and its author has not seen that yet."""
        thanked = self.thanks_sent_at
        return self.thanks_seen_at is None and thanked is not None and thanked > news_limit()

    def can_undo(self, now: dt.datetime) -> bool:
        """Whether sending can still be undone (30 seconds)."""
        return self.sent_at is not None and now < self.sent_at + dt.timedelta(seconds=UNDO_SECONDS)


class Takeaway(models.Model):
    """One thing that the walker will try, private to the walker."""

    class Outcome(models.TextChoices):
        """The outcome of the walker's own idea. It says nothing about a colleague."""

        OPEN = "", _("Not yet")
        TRIED = "tried", _("Tried it")
        ADAPTED = "adapted", _("Adapted it")
        NOT_FOR_ME = "not_for_me", _("Not for me")

    walk = models.OneToOneField(Walk, models.CASCADE, related_name="takeaway")
    text = models.CharField(_("What I will try"), max_length=500)
    remind_on = models.DateField(_("Remind me on"), null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    outcome_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    objects = TakeawayQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", "tried", "adapted", "not_for_me"]), name="takeaway_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"Takeaway {self.pk}"
