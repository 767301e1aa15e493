"""Send the mails of the outbox: claim a row with a lease, try once with a fence before DATA, store the outcome.

Every step is a conditional UPDATE, so any number of senders may run. No transaction is open while a sender talks to the
mail server. docs/adr/0002 lists what happens after each outcome.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.models import F, Q

from ..models import OPEN, Message, MessageState
from . import transports
from .addresses import UnusableAddressError
from .mime import UnusableSenderError, build
from .rendering import header_safe
from .transports import KEPT, Outcome, Result, Transport

logger = logging.getLogger(__name__)
Check = Callable[[Message, dt.datetime], bool]
Clock = Callable[[], dt.datetime]

LEASE = dt.timedelta(minutes=3)  # time to reach the fence; if a sender dies before it, the mail waits this long
ANSWER_LEASE = dt.timedelta(minutes=10)  # time from the fence to the outcome; then the mail is UNKNOWN
MAX_AGE = dt.timedelta(hours=72)
BACK_OFF_MINUTES = (1, 2, 5, 15, 30, 60)
BATCH = 20
WAIT_FOR_DATABASE = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0)  # seconds between tries to store an outcome
SWEEP_SECONDS = 150.0  # well within the time limit of a task; the next sweep continues

_checks: dict[str, Check] = {}
stop_requested = threading.Event()


def recheck(kind: str) -> Callable[[Check], Check]:
    """Register a check for a kind of mail. It runs right before each attempt; False cancels the mail."""

    def register(function: Check) -> Check:
        _checks[kind] = function
        return function

    return register


@dataclass(frozen=True)
class Claim:
    """The right to send one mail: the id of its row and the token of the lease."""

    pk: int
    token: uuid.UUID

    def rows(self) -> Any:
        """Return the row, or no row if the claim is no longer valid."""
        return Message.objects.filter(pk=self.pk, lease_token=self.token)


def stop_soon() -> None:
    """Finish the current mail and begin no other, because this process was asked to end."""
    stop_requested.set()


def sweep(now: dt.datetime) -> int:
    """Try every mail that is due and return how many were tried. Stop early when the server is down."""
    clock = _clock_from(now)
    deadline = time.monotonic() + SWEEP_SECONDS
    tried = 0
    transport = transports.configured_transport()
    handled = set[int]()
    while due := [row for row in _due(clock()) if row.pk not in handled]:
        for row in due:
            if stop_requested.is_set():
                return tried
            handled.add(row.pk)
            outcome = _handle(row, transport, clock)
            tried += outcome is not None
            if (outcome and outcome.down) or time.monotonic() > deadline:
                return tried
    return tried


def _clock_from(now: dt.datetime) -> Clock:
    """Return a clock that shows `now` at first and then runs."""
    started = time.monotonic()
    return lambda: now + dt.timedelta(seconds=time.monotonic() - started)


def _claimable(now: dt.datetime) -> Q:
    """Select mails that a sender may claim: queued ones, and those of a sender that died before the fence."""
    abandoned = Q(state=MessageState.SENDING, lease_until__lte=now, data_started_at__isnull=True)
    return Q(state=MessageState.QUEUED, next_try__lte=now) | abandoned


def _due(now: dt.datetime) -> list[Message]:
    in_doubt = Q(state=MessageState.SENDING, lease_until__lte=now)
    rows = Message.objects.filter(OPEN, _claimable(now) | in_doubt).order_by("next_try", "pk")  # OPEN has an index
    return list(rows.only("pk", "kind", "data_started_at", "due_at")[:BATCH])


def _handle(row: Message, transport: Transport, clock: Clock) -> Outcome | None:
    """Settle a row without an attempt, or claim it and try to send it. Return None if nothing was tried."""
    now = clock()
    if row.data_started_at is not None:
        _mark_unknown(row, now)
    elif now - row.due_at > MAX_AGE:
        _expire(row, now)
    elif claim := _claim(row, now):
        return _attempt(claim, transport, clock)
    return None


def _mark_unknown(row: Message, now: dt.datetime) -> None:
    # The sender died after the fence, so the server may have the mail. Its author decides what to do.
    lost = Message.objects.filter(
        pk=row.pk, state=MessageState.SENDING, lease_until__lte=now, data_started_at__isnull=False
    )
    if lost.update(state=MessageState.UNKNOWN, settled_at=now, error_code="lost", error_text="sender stopped"):
        logger.warning("message %s (%s): unknown, its sender stopped", row.pk, row.kind)


def _expire(row: Message, now: dt.datetime) -> None:
    old = Message.objects.filter(_claimable(now), pk=row.pk)
    if old.update(state=MessageState.FAILED, settled_at=now, error_code="expired"):
        logger.warning("message %s (%s): failed, expired", row.pk, row.kind)


def _claim(row: Message, now: dt.datetime) -> Claim | None:
    token = uuid.uuid4()
    taken = Message.objects.filter(_claimable(now), pk=row.pk).update(
        state=MessageState.SENDING, lease_token=token, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return Claim(row.pk, token) if taken == 1 else None


def _attempt(claim: Claim, transport: Transport, clock: Clock) -> Outcome:
    message: Message = Message.objects.select_related("recipient").get(pk=claim.pk)
    try:
        outcome = _check_and_deliver(message, claim, transport, clock)
    except Exception as error:  # a bug with one mail must not stop the others
        logger.error("message %s (%s): %s while sending", message.pk, message.kind, type(error).__name__)
        _put_back(message, claim, type(error).__name__, clock())
        return Outcome(Result.LOST)
    facts = (message.pk, message.kind, outcome.result.value, outcome.code)
    logger.log(_level(outcome), "message %s (%s): %s %s", *facts)
    return outcome


def _level(outcome: Outcome) -> int:
    """Return INFO for routine outcomes, also when the server defers one mail (4xx), and WARNING for all others."""
    deferred = outcome.result is Result.RETRY and outcome.code.startswith("4") and not outcome.down
    routine = deferred or outcome.result in (Result.SENT, Result.LOST)
    return logging.INFO if routine else logging.WARNING


def _put_back(message: Message, claim: Claim, error: str, now: dt.datetime) -> None:
    """Queue the mail again if it has not passed the fence.

    Otherwise, or if the database fails, a sweep settles the mail when the lease is over.
    """
    with contextlib.suppress(Error):
        mine = claim.rows().filter(state=MessageState.SENDING, data_started_at__isnull=True)
        mine.update(**{"error_code": "error", "error_text": error, **_retry_fields(message, now)})


def _check_and_deliver(message: Message, claim: Claim, transport: Transport, clock: Clock) -> Outcome:
    if not _still_applies(message, clock()):
        claim.rows().filter(state=MessageState.SENDING).update(state=MessageState.CANCELLED, settled_at=clock())
        return Outcome(Result.LOST, "cancelled")
    outcome = _build_and_deliver(message, claim, transport, clock)
    _store_outcome_with_retries(message, claim, outcome, clock)
    return outcome


def _store_outcome_with_retries(message: Message, claim: Claim, outcome: Outcome, clock: Clock) -> None:
    """Store the outcome. Wait if the database restarts, because without an outcome a sent mail would become UNKNOWN."""
    for seconds in WAIT_FOR_DATABASE:
        try:
            return _store_outcome(message, claim, outcome, clock())
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(seconds)
    return _store_outcome(message, claim, outcome, clock())


def _build_and_deliver(message: Message, claim: Claim, transport: Transport, clock: Clock) -> Outcome:
    try:
        envelope = build(message, now=clock())
    except UnusableSenderError:  # MAIL_FROM is wrong, so this mail and all others wait
        return Outcome(Result.RETRY, "sender", down=True)
    except UnusableAddressError:
        return Outcome(Result.FAILED, "address")
    except Exception as error:  # waiting does not help a mail that cannot be built
        return Outcome(Result.FAILED, "content", type(error).__name__)
    return transport.deliver(envelope, lambda: _fence(claim, clock()))


def _still_applies(message: Message, now: dt.datetime) -> bool:
    if message.recipient is None or not message.recipient.is_active:
        return False
    check = _checks.get(message.kind)
    return check is None or check(message, now)


def _fence(claim: Claim, now: dt.datetime) -> bool:
    """Set `data_started_at`. From now on a lost answer means UNKNOWN, never another attempt."""
    mine = claim.rows().filter(state=MessageState.SENDING, data_started_at__isnull=True, lease_until__gt=now)
    return bool(mine.update(data_started_at=now, lease_until=now + ANSWER_LEASE) == 1)


def _store_outcome(message: Message, claim: Claim, outcome: Outcome, now: dt.datetime) -> None:
    # UNKNOWN is included, because an answer that came after the end of the lease still counts.
    mine = claim.rows().filter(state__in=[MessageState.SENDING, MessageState.UNKNOWN])
    error = {"error_code": outcome.code[:20], "error_text": header_safe(outcome.text, limit=300)}
    match outcome.result:
        case Result.SENT:
            kept = KEPT if outcome.code == KEPT else ""
            mine.update(state=MessageState.SENT, sent_at=now, settled_at=now, error_code=kept, error_text="")
        case Result.FAILED:
            mine.update(state=MessageState.FAILED, settled_at=now, **error)
        case Result.UNKNOWN:
            mine.update(state=MessageState.UNKNOWN, settled_at=now, **error)
        case Result.RETRY:
            mine.update(**{**error, **_retry_fields(message, now)})


def _retry_fields(message: Message, now: dt.datetime) -> dict[str, Any]:
    if now - message.due_at > MAX_AGE:
        logger.warning("message %s (%s): failed, expired", message.pk, message.kind)
        return {"state": MessageState.FAILED, "settled_at": now, "error_code": "expired"}
    step = min(message.attempts, len(BACK_OFF_MINUTES)) - 1
    back_off = dt.timedelta(minutes=BACK_OFF_MINUTES[step] * random.uniform(0.8, 1.0))  # noqa: S311
    free = {"lease_token": None, "lease_until": None, "data_started_at": None, "settled_at": None}
    return {"state": MessageState.QUEUED, "next_try": now + back_off, **free}
