"""Credit back: tell a host that an idea from their room was tried. The letter is praise, and works as praise does."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.models import Person
from school.text.typed import several_lines
from walks.models import Stop, Walk

from ..mail import emails
from ..models import Praise, Takeaway
from ..permissions import may_praise
from . import praise as praise_rules

TRIED = (Takeaway.Outcome.TRIED, Takeaway.Outcome.ADAPTED)


class EmptyLetterError(RuleError):
    """Send was pressed without text."""


def stops_to_tell() -> QuerySet[Stop]:
    """Return the stops of all walks whose hosts were thanked and can get mail. `is_told`: the letter was sent."""
    told = Praise.objects.filter(stop=OuterRef("pk"), after_trying=True, sent_at__isnull=False)
    thanked = Stop.objects.visited().filter(thanked_at__isnull=False)
    reachable = thanked.filter(host__is_active=True, host__email__isnull=False)
    found: QuerySet[Stop] = reachable.annotate(is_told=Exists(told)).select_related("host")
    return found.order_by("position", "pk")


def tried_takeaway(walk: Walk) -> Takeaway | None:
    """Return the takeaway of the walk if the walker tried or adapted it, or None."""
    return Takeaway.objects.filter(walk=walk, outcome__in=TRIED).first()


def suggested_words(takeaway: Takeaway) -> str:
    """Return words with which the letter begins. The walker changes them before anything is sent."""
    if takeaway.outcome == Takeaway.Outcome.ADAPTED:
        words = _("I tried something that I saw in your room, in my own way: %(idea)s")
    else:
        words = _("I tried something that I saw in your room: %(idea)s")
    return "\n\n".join([words % {"idea": takeaway.text}, _("Thank you for letting me borrow it.")])


@transaction.atomic
def send(stop: Stop, *, text: str, by: Person, now: dt.datetime) -> Praise:
    """Send the letter. Its mail leaves when the time to undo is over. A second press sends nothing more.

    It changes nothing about the walk. Raise HostLeftError and NoAddressError as praise does.
    """
    if not may_praise(by, stop):
        raise NotAllowedError(_("Only the walker can tell a colleague that the idea was tried."))
    praise_rules.lock_to_praise(stop, by=by)
    praise_rules.refuse_host_who_left(stop)
    praise_rules.refuse_host_without_address(stop)
    stop.refresh_from_db(fields=["thanked_at"])
    if stop.thanked_at is None or tried_takeaway(stop.walk) is None:
        raise NotAllowedError(_("First thank your colleague, and try the idea."))
    words = several_lines(text)
    if not words:
        raise EmptyLetterError(_("Write a sentence to %(name)s") % {"name": stop.host.short_name})
    fields = {"author": by, "host": stop.host, "updated_at": now}
    letter, _created = Praise.objects.get_or_create(stop=stop, after_trying=True, defaults=fields)
    draft = Praise.objects.filter(pk=letter.pk, sent_at__isnull=True)
    sent_now = draft.update(text=words, sent_at=now, updated_at=now, send_count=F("send_count") + 1) == 1
    letter.refresh_from_db()
    if sent_now:
        emails.send_praise(letter, now=now)
    return letter
