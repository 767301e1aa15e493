"""What happens to walks when time passes, without anybody pressing a button (docs/adr/0010).

Run by beat. Each walk has its own transaction and a conditional update, so concurrent sweeps do no harm.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from school.errors import RuleError

from .. import status
from ..models import State, Walk
from . import approval, cover_changes, ending

logger = logging.getLogger(__name__)


def sweep(now: dt.datetime) -> int:
    """Do everything that is due. Return the number of walks changed."""
    given_back = _each(_unagreed(now), approval.lapse, now)
    ended = _each(_unfinished(now), ending.end_forgotten, now)
    return given_back + ended + cover_changes.sweep(now)


def _unagreed(now: dt.datetime) -> list[Walk]:
    """Requests whose planned end has passed, unless the Head of Grade suggested a time that is still ahead."""
    waiting = Walk.objects.filter(state__in=[State.REQUESTED, State.CHANGES_ASKED], ends_at__lte=now)
    found = waiting.select_related("walker__school", "suggested_period").order_by("pk")
    return [walk for walk in found if status.has_lapsed(walk, now)]


def _unfinished(now: dt.datetime) -> list[Walk]:
    """Walks under way whose Finish was forgotten."""
    started = Walk.objects.filter(state=State.APPROVED, started_at__lte=now - status.LONGER)
    found = started.select_related("walker__school").prefetch_related("stops").order_by("pk")
    return [walk for walk in found if ending.is_due(walk, now=now)]


def _each(walks: list[Walk], act: Callable[..., None], now: dt.datetime) -> int:
    done = 0
    for walk in walks:
        try:
            act(walk, now=now)
            done += 1
        except RuleError:
            continue  # somebody acted in the meantime
        except Exception as error:  # one broken walk must not stop the others
            logger.error("walk %s: %s", walk.pk, type(error).__name__)
    return done
