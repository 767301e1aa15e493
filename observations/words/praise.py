"""Praise to one host, as its author writes it: save a draft, send it, undo that, or thank the host in person."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from notifications.sending import outbox
from school import people
from school.errors import NotAllowedError, RuleError
from school.models import Person
from school.text.typed import several_lines
from walks.content import BLANK
from walks.models import Stop, Walk
from walks.workflow import completion, locks

from ..mail import emails
from ..models import Photo, Praise
from ..permissions import is_author, may_praise
from ..querysets import UNDO_SECONDS
from . import note_readers


class EmptyPraiseError(RuleError):
    """Send was pressed without text."""


class AlreadySentError(RuleError):
    """This praise was sent, so it can no longer change."""


class ChangedElsewhereError(RuleError):
    """Another page changed the draft since this page was opened. `saved` is the changed draft."""

    def __init__(self, saved: Praise) -> None:
        super().__init__(_("You changed this praise on another page or device too. Both versions are here."))
        self.saved = saved


class HostLeftError(RuleError):
    """The host has left the school: nothing can be sent, and no thanks are owed."""


class NoAddressError(RuleError):
    """The host has no e-mail address, so nothing can be sent. They are thanked in person."""


class TooLateError(RuleError):
    """The 30 seconds are over, or the mail server may have the mail already."""


def visited_stops(walk: Walk) -> list[Stop]:
    """Return the visited rooms in the order of the walk, but first those whose host is not thanked yet."""
    stops = walk.stops.visited().select_related("room", "host")
    return sorted(stops, key=lambda stop: (not stop.is_owed_thanks, stop.position, stop.pk))


def praise_of(stop: Stop) -> Praise | None:
    """Return the draft or the sent praise after the visit, or None if nothing was written yet."""
    return Praise.objects.after_visit(stop).first()


def praise_by_stop(stops: list[Stop]) -> dict[int, Praise]:
    """Return the drafts and sent praise after the visits to these rooms, by the id of the stop."""
    return {praise.stop_id: praise for praise in Praise.objects.filter(stop__in=stops, after_trying=False)}


def is_sent(stop: Stop) -> bool:
    """Whether praise was sent to the host. Its words may be deleted by now."""
    return stop.thanked_at is not None and not Praise.objects.after_visit(stop).filter(sent_at__isnull=True).exists()


def next_stop_to_thank(walk: Walk) -> Stop | None:
    """Return the first room whose host is not thanked yet, or None."""
    return walk.stops.unthanked().order_by("position", "pk").first()


def most_urgent_stop_to_thank(person: Person) -> Stop | None:
    """Return the first room whose host is not thanked yet, from the walk whose praise is due first, or None."""
    waiting = Stop.objects.filter(walk__walker=person).owed_thanks()
    waiting = waiting.select_related("host")
    return waiting.order_by("walk__praise_due_at", "walk", "position", "pk").first()


@transaction.atomic
def save_draft(
    stop: Stop,
    *,
    text: str,
    photo: Photo | None,
    by: Person,
    now: dt.datetime,
    page: uuid.UUID | None = None,
    seen: uuid.UUID | None = None,
) -> Praise:
    """Store the words as a draft that only the walker reads.

    `page` is the id of the open page. `seen` is the id of the earlier page whose text the open page began with.
    Raise AlreadySentError if the praise was sent, ChangedElsewhereError if another page has changed the draft since,
    and HostLeftError if there is no draft yet and the host was erased.
    """
    if stop.host.erased_at is not None and not Praise.objects.of(by).after_visit(stop).exists():
        raise _host_left(stop)
    praise = _get_or_create(stop, by=by, now=now)
    _refuse_photo_of_other_room(stop, photo)
    words = several_lines(text)
    fields = {"text": words, "photo": photo, "updated_at": now, "page": page or uuid.uuid4()}
    draft = Praise.objects.filter(pk=praise.pk).replaceable_by(words, page=page, seen=seen)
    saved = draft.update(**fields) == 1
    praise.refresh_from_db()
    if praise.sent_at is not None:
        raise _already_sent(stop)
    if not saved:
        raise ChangedElsewhereError(praise)
    return praise


@transaction.atomic
def send(
    stop: Stop,
    *,
    text: str,
    photo: Photo | None,
    by: Person,
    now: dt.datetime,
    page: uuid.UUID | None = None,
    seen: uuid.UUID | None = None,
) -> Praise:
    """Send the praise. The host counts as thanked from now on. The mail is sent when the time to undo is over.

    A second press with the same words sends nothing more. Raise HostLeftError if the host has left, NoAddressError if
    no mail can go to them, and ChangedElsewhereError as save_draft does.
    """
    lock_to_praise(stop, by=by)
    refuse_host_who_left(stop)
    refuse_host_without_address(stop)
    words = several_lines(text)
    if not words:
        name = stop.host.short_name
        raise EmptyPraiseError(_("Write a sentence to %(name)s, or mark %(name)s as thanked") % {"name": name})
    if BLANK in words:
        raise EmptyPraiseError(_("Fill in the blanks (%(blank)s) first, or take them out") % {"blank": BLANK})
    _refuse_photo_of_other_room(stop, photo)
    praise = _get_or_create(stop, by=by, now=now)
    fields = {"text": words, "photo": photo, "sent_at": now, "said_in_person_at": None, "updated_at": now}
    draft = Praise.objects.filter(pk=praise.pk).replaceable_by(words, page=page, seen=seen)
    sent_now = draft.update(send_count=F("send_count") + 1, page=page or uuid.uuid4(), **fields) == 1
    praise.refresh_from_db()
    if praise.sent_at is None:
        raise ChangedElsewhereError(praise)
    if not sent_now:
        _refuse_other_words(praise, words)
        return praise
    completion.mark_thanked(stop, by=by, now=now)
    note_readers.vanish(stop, now=now)
    emails.send_praise(praise, now=now)
    return praise


def _refuse_other_words(praise: Praise, words: str) -> None:
    if praise.text != words:
        name = praise.host.short_name
        raise AlreadySentError(
            _("%(name)s already has praise from you. Keep these words for next time.") % {"name": name}
        )


@transaction.atomic
def unsend(praise: Praise, *, by: Person, now: dt.datetime) -> None:
    """Undo sending within 30 seconds. The praise becomes a draft again.

    Its host counts as not thanked, unless the letter only said that an idea was tried.
    """
    if not is_author(by, praise):
        raise NotAllowedError(_("Only the colleague who wrote it can undo sending."))
    if praise.sent_at is None:
        return  # another tab has undone it already
    lock_to_praise(praise.stop, by=by)
    too_late = TooLateError(_("%(name)s already has your praise.") % {"name": praise.host.short_name})
    limit = now - dt.timedelta(seconds=UNDO_SECONDS)
    just_sent = Praise.objects.filter(pk=praise.pk, sent_at=praise.sent_at, sent_at__gt=limit)
    if just_sent.update(sent_at=None, updated_at=now) != 1:
        raise too_late
    is_mail_stopped = outbox.withdraw(about=praise.about, kind=emails.PRAISE, now=now)
    # There is no mail if the host switched mails with praise off.
    if not is_mail_stopped and outbox.deliveries_of(praise.about):
        raise too_late
    if not praise.after_trying:
        note_readers.bring_back(praise.stop)
        completion.mark_not_thanked(praise.stop, by=by, now=now)
    praise.refresh_from_db()


@transaction.atomic
def thank_in_person(
    stop: Stop,
    *,
    text: str,
    photo: Photo | None,
    by: Person,
    now: dt.datetime,
    page: uuid.UUID | None = None,
    seen: uuid.UUID | None = None,
) -> Praise:
    """Mark the host as thanked face to face. Typed words stay as a draft.

    Raise HostLeftError if the host has left, and ChangedElsewhereError as save_draft does.
    """
    lock_to_praise(stop, by=by)
    refuse_host_who_left(stop)
    praise = save_draft(stop, text=text, photo=photo, by=by, now=now, page=page, seen=seen)
    Praise.objects.filter(pk=praise.pk, sent_at__isnull=True).update(said_in_person_at=now)
    completion.mark_thanked(stop, by=by, now=now)
    note_readers.vanish(stop, now=now)
    praise.refresh_from_db()
    return praise


@transaction.atomic
def undo_thanks_in_person(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    _require_walker(stop, by)
    lock_to_praise(stop, by=by)
    marked = Praise.objects.after_visit(stop).filter(said_in_person_at__isnull=False)
    if marked.update(said_in_person_at=None, updated_at=now) == 1:
        note_readers.bring_back(stop)
        completion.mark_not_thanked(stop, by=by, now=now)


def delete_draft(stop: Stop, *, by: Person) -> None:
    _require_walker(stop, by)
    drafts = Praise.objects.of(by).after_visit(stop)
    drafts.filter(sent_at__isnull=True, said_in_person_at__isnull=True).delete()


def settle_delivery(praise: Praise, *, arrived: bool, by: Person, now: dt.datetime) -> None:
    """Let the author settle a delivery in doubt ("it arrived", "send it again"), or resend a failed mail."""
    if not is_author(by, praise):
        raise NotAllowedError(_("Only the colleague who sent this praise can say whether its e-mail arrived."))
    for delivery in outbox.deliveries_of(praise.about)[-1:]:
        outbox.settle(delivery.message, by=by, arrived=arrived, now=now)


def _get_or_create(stop: Stop, *, by: Person, now: dt.datetime) -> Praise:
    _require_walker(stop, by)
    if stop.thanked_at is not None and not Praise.objects.after_visit(stop).exists():
        raise _already_sent(stop)  # and its words are deleted by now
    fields = {"author": by, "host": stop.host, "updated_at": now}
    praise, _created = Praise.objects.get_or_create(stop=stop, after_trying=False, defaults=fields)
    return praise


def lock_to_praise(stop: Stop, *, by: Person) -> None:
    """Lock the author, the host and the walk, before praise and mails change (docs/adr/0011)."""
    people.lock(Q(pk__in=[by.pk, stop.host_id]))
    locks.lock_walk(stop.walk)


def refuse_host_who_left(stop: Stop) -> None:
    """Read the locked host again. They cannot leave before the transaction ends."""
    stop.host.refresh_from_db(fields=["is_active", "email", "given_name", "family_name", "erased_at"])
    if not stop.host.is_active:
        raise _host_left(stop)


def refuse_host_without_address(stop: Stop) -> None:
    if stop.host.email is None:
        words = _("%(name)s has no e-mail address here. Thank them in person.")
        raise NoAddressError(words % {"name": stop.host.short_name})


def _already_sent(stop: Stop) -> AlreadySentError:
    return AlreadySentError(_("%(name)s already has your praise.") % {"name": stop.host.short_name})


def _host_left(stop: Stop) -> HostLeftError:
    words = _("%(name)s has left the school, so nothing was sent. There’s no praise to write any more.")
    return HostLeftError(words % {"name": stop.host.full_name})


def _require_walker(stop: Stop, by: Person) -> None:
    if not may_praise(by, stop):
        raise NotAllowedError(_("Only the walker can write praise, after the walk."))


def _refuse_photo_of_other_room(stop: Stop, photo: Photo | None) -> None:
    if photo is not None and not stop.same_room.filter(pk=photo.stop_id).exists():
        raise NotAllowedError(_("That photo was taken in another room."))
