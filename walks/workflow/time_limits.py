"""What the system does with walks when time passes (docs/adr/0010). Beat runs it.

Each walk has its own transaction and a conditional update, so two sweeps at the same time do no harm.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from school.errors import RuleError

from .. import status
from ..models import State, Walk
from . import approval, cover_changes, days_off, ending

logger = logging.getLogger(__name__)


def sweep(now: dt.datetime) -> int:
    """Do everything that is due. Return the number of walks that were changed or about which mails were written."""
    lapsed = _run_for_each(_lapsed_requests(now), approval.lapse, now)
    ended = _run_for_each(_forgotten_walks(now), ending.end_forgotten, now)
    missed = _run_for_each(_missed_visits(now), ending.cancel_missed_visit, now)
    return lapsed + ended + missed + days_off.sweep(now) + cover_changes.sweep(now)


def _lapsed_requests(now: dt.datetime) -> list[Walk]:
    """Return the requests whose time has passed, unless their decider suggested a time that has not passed."""
    waiting = Walk.objects.filter(state__in=[State.REQUESTED, State.CHANGES_ASKED], ends_at__lte=now)
    found = waiting.select_related("walker__school", "suggested_period").order_by("pk")
    return [walk for walk in found if status.has_lapsed(walk, now)]


def _forgotten_walks(now: dt.datetime) -> list[Walk]:
    """Return the walks under way that the system should end, because their walker forgot to press Finish."""
    started = Walk.objects.filter(state=State.APPROVED, started_at__lte=now - status.FORGOTTEN_AFTER)
    found = started.select_related("walker__school").prefetch_related("stops").order_by("pk")
    return [walk for walk in found if ending.is_due(walk, now=now)]


def _missed_visits(now: dt.datetime) -> list[Walk]:
    """Return the visits through open doors that were over a day ago and that nobody started."""
    planned = Walk.objects.filter(is_drop_in=True, state=State.APPROVED, started_at__isnull=True)
    return list(planned.filter(ends_at__lte=now - ending.A_DAY).select_related("walker__school").order_by("pk"))


def _run_for_each(walks: list[Walk], action: Callable[..., None], now: dt.datetime) -> int:
    changed = 0
    for walk in walks:
        try:
            action(walk, now=now)
            changed += 1
        except RuleError:
            continue  # a person acted in the meantime
        except Exception as error:  # an error in one walk must not stop the others
            logger.error("The time limit of walk %s failed: %s", walk.pk, type(error).__name__)
    return changed
