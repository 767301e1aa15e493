"""The outbox: write a mail in the caller's transaction, see its state, stop it, or resolve an uncertain delivery.

A mail is one row; `delivery` sends it (docs/adr/0002). Its states:

    put()             → QUEUED
    claim             QUEUED → SENDING                 one sender holds a lease for three minutes
    fence             SENDING → SENDING, data_started_at     right before DATA; from here on the server may take it
    250               fenced → SENT
    later (4xx, ...)  SENDING → QUEUED                 tries again after 1, 2, 5, 15, 30, 60 minutes
    refused (5xx)     SENDING → FAILED                 also a queued mail after 72 hours
    no answer         fenced → UNKNOWN                 also when the sender dies there
    withdraw()        QUEUED or not fenced → CANCELLED also when it no longer applies (`delivery.recheck`)
    settle()          UNKNOWN → SENT ("it arrived"), UNKNOWN or FAILED → QUEUED ("send it again")

No mail is lost while broker, worker or mail server are down, and none is sent again by itself once the mail server
may have taken it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.models import Person

from .. import preferences
from ..models import ADDRESS_REMOVED, STOPPABLE, Message, MessageState
from ..retention import BLANK
from .rendering import RenderedMail, header_safe, render
from .transports import KEPT
from .wake import wake_worker

RESEND_AFTER = dt.timedelta(minutes=15)
REPORT_FAILURES_FOR = dt.timedelta(days=7)  # how long a mail that did not arrive is shown to the operator
NO_SUCH_ADDRESS = ("550", "551", "553")


@dataclass(frozen=True)
class CalendarPart:
    """A calendar invitation: the iCalendar text and its METHOD (REQUEST, CANCEL)."""

    text: str
    method: str


@dataclass(frozen=True)
class Delivery:
    """The state of one mail, in words for its author."""

    message: Message
    words: str

    @property
    def state(self) -> str:
        """One of queued, sending, sent, failed, unknown, cancelled."""
        return self.message.state

    @property
    def is_over(self) -> bool:
        """Whether the mail was sent or stopped, so that its author need not think of it any more."""
        return self.state in (MessageState.SENT, MessageState.CANCELLED) and not self.address_removed

    @property
    def address_removed(self) -> bool:
        """Whether the mail was stopped because its recipient has no address any more, and so cannot sign in either."""
        return self.state == MessageState.CANCELLED and self.message.error_code == ADDRESS_REMOVED

    @property
    def address_at_fault(self) -> bool:
        """Whether the mail did not arrive because of the recipient's address."""
        return self.message.error_code in ("address", *NO_SUCH_ADDRESS)

    @property
    def kept_as_file(self) -> bool:
        """Whether the mail was kept as a file, because no mail server is set."""
        return self.state == MessageState.SENT and self.message.error_code == KEPT

    @property
    def text_is_kept(self) -> bool:
        """Whether the mail still has its text, so that it can be sent again. After a month the text is blanked."""
        return bool(self.message.subject)

    @property
    def about(self) -> str:
        """What the mail is about: the `about` given to put()."""
        return self.message.about


class DeliveryNotInDoubtError(RuleError):
    """The delivery is not in doubt, or it is too early to settle it."""


def put(
    *,
    kind: str,
    key: str,
    to: Person,
    template: str,
    context: dict[str, Any],
    now: dt.datetime,
    reply_to: Person | None = None,
    author: Person | None = None,
    about: str = "",
    from_name: str = "",
    deliver_at: dt.datetime | None = None,
    calendar: CalendarPart | None = None,
) -> Message | None:
    """Write one mail to one person into the outbox, in the caller's transaction.

    Return None and write nothing if the key was used before, or if the person has no address, left or switched this
    kind off.
    """
    if not to.email or not to.is_active or not preferences.wants(to, kind, now=now):
        return None
    words = render(template, to, {"written_at": now, **context, **_footer(to, kind)})
    message = _compose(kind, key, to, to.email, words, now=now, due_at=deliver_at or now)
    message.author = author
    message.about = about
    message.reply_to = header_safe(reply_to.email, limit=254) if reply_to and reply_to.email else ""
    message.from_name = header_safe(from_name or _from_name(to), limit=160)
    if calendar:
        message.calendar_text = calendar.text
        message.calendar_method = calendar.method
    return _insert(message)


def _footer(to: Person, kind: str) -> dict[str, str]:
    off = preferences.unsubscribe_url(to.pk, kind) if preferences.is_mutable(kind) else ""
    return {"preferences_url": preferences.preferences_url(), "unsubscribe_url": off}


def _from_name(to: Person) -> str:
    return _("Learning Walks at %(school)s") % {"school": to.school.name}


def _compose(
    kind: str, key: str, to: Person, address: str, words: RenderedMail, *, now: dt.datetime, due_at: dt.datetime
) -> Message:
    return Message(
        kind=kind,
        key=key,
        recipient=to,
        to_addr=header_safe(address, limit=254),
        subject=words.subject,
        body_text=words.text,
        body_html=words.html,
        message_id=f"<{uuid.uuid4().hex}@{urlsplit(settings.SITE_URL).hostname}>",
        due_at=due_at,
        next_try=due_at,
        created_at=now,
    )


def _insert(message: Message) -> Message | None:
    # "On conflict do nothing", because a used key must not break the caller's transaction on PostgreSQL.
    Message.objects.bulk_create([message], ignore_conflicts=True)
    written = Message.objects.filter(message_id=message.message_id).first()
    if written:
        # This is a lambda, because Django's error logger fails on a partial.
        transaction.on_commit(lambda: wake_worker(), robust=True)
    return written


def withdraw(*, about: str, kind: str, now: dt.datetime, key: str = "", with_calendar: bool = True) -> bool:
    """Cancel mails that have not passed the fence. Return whether one was stopped in time.

    `key`: only mails whose key begins with it. `with_calendar=False`: only mails without a calendar part.
    """
    waiting = Message.objects.filter(STOPPABLE, about=about, kind=kind, key__startswith=key)
    if not with_calendar:
        waiting = waiting.filter(calendar_method="")
    return waiting.update(state=MessageState.CANCELLED, settled_at=now) > 0


def forget(about: str, *, now: dt.datetime) -> None:
    """Cancel and blank the mails about something that was deleted. The rows stay as a record that the mails were sent.

    A mail that a sender has claimed keeps its text for the usual month.
    """
    mails = Message.objects.filter(about__startswith=f"{about}:")
    mails.filter(STOPPABLE).update(state=MessageState.CANCELLED, settled_at=now)
    mails.exclude(state=MessageState.SENDING).update(**BLANK)


def deliveries_of(about: str) -> list[Delivery]:
    """Return the deliveries of all mails with this `about`, oldest first."""
    return in_words(_without_bodies().filter(about=about).order_by("pk"))


def in_words(messages: Iterable[Message]) -> list[Delivery]:
    """Return these mails with their states in words."""
    return [Delivery(message, _state_in_words(message)) for message in messages]


def not_arrived(kind: str) -> QuerySet[Message]:
    """Return the mails of this kind that failed or may not have arrived, without those that a newer one replaced."""
    newer = Message.objects.filter(kind=kind, recipient=OuterRef("recipient"), pk__gt=OuterRef("pk"))
    lost = _without_bodies().filter(kind=kind, state__in=[MessageState.FAILED, MessageState.UNKNOWN])
    mails: QuerySet[Message] = lost.exclude(Exists(newer)).select_related("recipient")
    return mails


def newest_deliveries(abouts: Iterable[str], author: Person) -> dict[str, Delivery]:
    """Return this author's newest mail for each `about`, in one query."""
    own = _without_bodies().filter(about__in=list(abouts), author=author).order_by("pk")
    return {message.about: Delivery(message, _state_in_words(message)) for message in own}


def _without_bodies() -> Any:
    return Message.objects.defer("body_text", "body_html", "calendar_text")


def _state_in_words(message: Message) -> str:
    match message.state:
        case MessageState.QUEUED:
            return _("Waiting to be sent")
        case MessageState.SENDING:
            return _("On its way")
        case MessageState.SENT if message.sent_at:
            return _("Sent %(time)s") % {"time": f"{timezone.localtime(message.sent_at):%H:%M}"}
        case MessageState.CANCELLED:
            return _("Stopped before it was sent")
        case MessageState.FAILED:
            return _("Could not be delivered: %(reason)s") % {"reason": _failure_in_words(message.error_code)}
        case _:
            return _("We can’t tell whether it arrived")


def _failure_in_words(code: str) -> str:
    if code == "expired":
        return _("the mail server did not accept it within three days")
    if code == "address":
        return _("the address does not work")
    if code.startswith("sender"):
        return _("the mail server does not accept mail from this site’s own address")
    if code == "content":
        return _("its text could not be turned into an e-mail")
    if code in NO_SUCH_ADDRESS:
        return _("the mail server does not know this address")
    return _("the mail server did not accept it (%(code)s)") % {"code": code}


def settle(message: Message, *, by: Person, arrived: bool, now: dt.datetime) -> None:
    """Let the author settle a mail in doubt ("it arrived", or after 15 minutes "send it again") or resend a failed one.

    A mail that is sent again goes to the current address of its recipient.
    Raise NotAllowedError for other people, and DeliveryNotInDoubtError if there is nothing to settle.
    """
    if message.author_id is None or message.author_id != by.pk:
        raise NotAllowedError(_("Only the colleague who wrote this e-mail can say whether it arrived."))
    mail = Message.objects.filter(pk=message.pk)
    if arrived:
        doubtful = mail.filter(state=MessageState.UNKNOWN)
        settled = doubtful.update(state=MessageState.SENT, sent_at=message.data_started_at or now, settled_at=now)
    else:
        settled = _with_text(mail).filter(_resendable(now)).update(**_reset_fields(now), to_addr=_current_address())
    if not settled and not message.body_text:
        raise DeliveryNotInDoubtError(
            _(
                "The e-mail can’t be sent again, because its text has been deleted. "
                "You can still read your praise on its own page."
            )
        )
    if not settled:
        raise DeliveryNotInDoubtError(_("There is nothing to do here yet. Look again in a quarter of an hour."))
    if not arrived:
        transaction.on_commit(lambda: wake_worker(), robust=True)


def send_refused_again(now: dt.datetime) -> int:
    """Queue again the mails of the last week that failed because of MAIL_FROM. Return their number."""
    refused = Message.objects.filter(state=MessageState.FAILED, error_code__startswith="sender")
    return _with_text(refused).filter(settled_at__gt=now - REPORT_FAILURES_FOR).update(**_reset_fields(now))


def _resendable(now: dt.datetime) -> Q:
    doubtful = Q(state=MessageState.UNKNOWN, data_started_at__lte=now - RESEND_AFTER)
    not_sent = doubtful | Q(state=MessageState.FAILED)  # the server certainly did not accept a failed mail
    return not_sent & (Q(recipient=None) | Q(recipient__email__isnull=False))


def _with_text(mails: QuerySet[Message]) -> QuerySet[Message]:
    """Return the mails whose text is still there. It is blanked after a month."""
    return mails.exclude(body_text="")


def _current_address() -> Coalesce:
    return Coalesce(Subquery(Person.objects.filter(pk=OuterRef("recipient")).values("email")[:1]), F("to_addr"))


def _reset_fields(now: dt.datetime) -> dict[str, Any]:
    return {
        "state": MessageState.QUEUED,
        "next_try": now,
        "due_at": now,
        "attempts": 0,
        "lease_token": None,
        "lease_until": None,
        "data_started_at": None,
        "settled_at": None,
        "error_code": "",
        "error_text": "",
    }


def queue_health(now: dt.datetime) -> dict[str, int]:
    """Return the age of the oldest due mail in seconds, and how many mails failed or became unknown within a week."""
    waiting = Q(state__in=[MessageState.QUEUED, MessageState.SENDING], due_at__lte=now)
    lately = Q(settled_at__gt=now - REPORT_FAILURES_FOR)
    # These states are listed, because excluding SENT would read every mail.
    not_sent = [MessageState.QUEUED, MessageState.SENDING, MessageState.FAILED, MessageState.UNKNOWN]
    row = Message.objects.filter(state__in=not_sent).aggregate(
        oldest=Min("due_at", filter=waiting),
        failed=Count("pk", filter=lately & Q(state=MessageState.FAILED)),
        unknown=Count("pk", filter=lately & Q(state=MessageState.UNKNOWN)),
    )
    oldest = int((now - row["oldest"]).total_seconds()) if row["oldest"] else 0
    return {"oldest_due_seconds": oldest, "failed": row["failed"], "unknown": row["unknown"]}
