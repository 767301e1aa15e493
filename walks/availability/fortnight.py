"""How many visits teachers have in two weeks. The machine counts them; no page shows the numbers of others."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from ..models import State, Stop

FORTNIGHT = 14  # days
Visit = tuple[dt.date, int]  # the date, and the id of the walk


def visits_around(first: dt.date, last: dt.date, *, hosts: Iterable[int]) -> dict[int, list[Visit]]:
    """Return the visits to these people in each fortnight that has a day from `first` to `last` (one query).

    They are requested, approved or walked. Walks before `first` that did not begin were missed.
    """
    margin = dt.timedelta(days=FORTNIGHT - 1)
    stops = Stop.objects.filter(host__in=hosts, walk__date__range=(first - margin, last + margin))
    stops = stops.filter(skipped_at__isnull=True).exclude(walk__state__in=[State.DRAFT, State.CANCELLED])
    stops = stops.exclude(walk__date__lt=first, walk__started_at__isnull=True)
    found: dict[int, list[Visit]] = defaultdict(list)
    for host, date, walk in stops.order_by().values_list("host_id", "walk__date", "walk_id").distinct():
        found[host].append((date, walk))
    return found


def most_in_a_fortnight(dates: Iterable[dt.date], date: dt.date) -> int:
    """Return the largest number of these dates in any 14 days in a row that have `date` among them."""
    offsets = [(other - date).days for other in dates]
    starts = range(1 - FORTNIGHT, 1)
    return max(sum(start <= offset < start + FORTNIGHT for offset in offsets) for start in starts)
