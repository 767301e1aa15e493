"""Praise after it was sent: its receiver reads it, thanks back or deletes it, and its author sees the thanks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from notifications.sending import outbox
from school.errors import NotAllowedError
from school.models import Person
from school.save_errors import NotSavedError, report_if_not_saved

from ..mail import emails
from ..models import Praise
from ..permissions import is_receiver


@transaction.atomic
def thank_back(praise: Praise, *, by: Person, now: dt.datetime) -> None:
    """Let the receiver thank the author, who gets one mail even if the button is pressed twice."""
    _require_receiver(praise, by)
    unthanked = Praise.objects.filter(pk=praise.pk, thanks_sent_at__isnull=True)
    if unthanked.update(thanks_sent_at=now) == 1:
        emails.send_thanks(praise, now=now)


def remove_photo(praise: Praise, *, by: Person) -> None:
    """Let the receiver remove the photo of their room from the praise, without a reason."""
    _require_receiver(praise, by)
    Praise.objects.filter(pk=praise.pk).update(photo=None)


@transaction.atomic
def delete(praise: Praise, *, by: Person, now: dt.datetime) -> None:
    """Let the receiver delete praise for themselves. The author keeps their copy, and is not told.

    The host still counts as thanked, so the walker is not asked to write again.
    """
    _require_receiver(praise, by)
    Praise.objects.filter(pk=praise.pk, host_removed_at__isnull=True).update(host_removed_at=now)
    outbox.forget(f"praise:{praise.pk}", now=now)


def mark_read(praises: Iterable[Praise], *, by: Person, now: dt.datetime) -> None:
    """Mark the praises that the person received as read. An error, for example a full disk, is ignored.

    If there is nothing to mark, no transaction begins, because it would wait for SQLite's write lock.
    """
    unread = [praise.pk for praise in praises if praise.host_id == by.pk and praise.read_at is None]
    if unread:
        with suppress(NotSavedError), report_if_not_saved(), transaction.atomic():
            Praise.objects.received_by(by).filter(pk__in=unread, read_at__isnull=True).update(read_at=now)


def mark_thanks_seen(praises: Iterable[Praise], *, by: Person, now: dt.datetime) -> None:
    """Mark the thanks for the person's own praises as seen. An error, for example a full disk, is ignored."""
    with_new_thanks = [praise.pk for praise in praises if praise.author_id == by.pk and praise.has_new_thanks]
    if with_new_thanks:
        with suppress(NotSavedError), report_if_not_saved(), transaction.atomic():
            Praise.objects.with_new_thanks_to(by).filter(pk__in=with_new_thanks).update(thanks_seen_at=now)


def _require_receiver(praise: Praise, by: Person) -> None:
    if not is_receiver(by, praise):
        raise NotAllowedError(_("Only the colleague who received the praise can do this."))
